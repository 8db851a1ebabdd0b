// Lists by keyboard and by ticks; without it the same is done by links and forms.
"use strict";
(() => {
  const rows = () => [...document.querySelectorAll("main tbody tr")].filter((row) => row.querySelector(".row-link"));
  const ticks = () => [...document.querySelectorAll('input[type="checkbox"][form="bulk"]')];
  const typing = () => {
    const at = document.activeElement;
    return !!at && (/^(TEXTAREA|SELECT)$/.test(at.tagName) || at.isContentEditable ||
      (at.tagName === "INPUT" && !/^(checkbox|radio|button|submit)$/.test(at.type)));
  };
  let lastTick = null;
  let wentAt = 0;

  function tell() {
    const form = document.querySelector("[data-bulk]");
    if (!form) return;
    form.querySelectorAll("[data-script]").forEach((part) => { part.hidden = false; });
    const all = ticks();
    const count = all.filter((box) => box.checked).length;
    const words = form.dataset;
    const text = count === 0 ? words.none : count === 1 ? words.one : words.many.replace("{count}", count);
    form.querySelectorAll("[data-chosen]").forEach((line) => { if (line.textContent !== text) line.textContent = text; });
    const fold = form.querySelector("details");
    if (!form.dataset.folded && count === 0 && window.matchMedia("(max-width: 44rem)").matches) fold.open = false;
    form.dataset.folded = "1";
    if (count > 0) fold.open = true;
    const whole = form.querySelector("[data-all]");
    whole.checked = count > 0 && count === all.length;
    whole.indeterminate = count > 0 && count < all.length;
    all.forEach((box) => box.closest("tr").classList.toggle("is-chosen", box.checked));
    const act = form.querySelector('[name="act"]')?.value ?? "";
    form.querySelectorAll("[data-for]").forEach((part) => { part.hidden = !part.dataset.for.split(" ").includes(act); });
  }

  document.addEventListener("change", (event) => {
    const box = event.target;
    if (box.matches?.("[data-all]")) ticks().forEach((other) => { other.checked = box.checked; });
    if (box.closest?.("[data-bulk]") || box.matches?.('[form="bulk"]')) tell();
  });
  // Shift and a click ticks (or unticks) all rows between this one and the last.
  document.addEventListener("click", (event) => {
    const box = event.target;
    if (!box.matches?.('input[type="checkbox"][form="bulk"]')) return;
    const all = ticks();
    const from = all.indexOf(lastTick);
    const to = all.indexOf(box);
    if (event.shiftKey && from >= 0) {
      all.slice(Math.min(from, to), Math.max(from, to) + 1).forEach((other) => { other.checked = box.checked; });
    }
    lastTick = box;
    tell();
  });
  // A download leaves the page as it is, so its form may be sent again.
  document.addEventListener("submit", (event) => {
    if (event.submitter?.matches("[data-again]")) setTimeout(() => { delete event.target.dataset.sent; }, 500);
  });
  document.addEventListener("htmx:afterSwap", tell);

  function step(by) {
    const all = rows();
    if (!all.length) return;
    const at = all.indexOf(document.activeElement?.closest("tr"));
    const next = at < 0 ? all[by > 0 ? 0 : all.length - 1] : all[at + by];
    if (!next) return;
    const link = next.querySelector(".row-link");
    link.focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest" });
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || typing()) return;
    const row = document.activeElement?.closest("main tbody tr");
    const goes = { c: "/console/customers/", o: "/console/orders/" }[event.key];
    if (wentAt && Date.now() - wentAt < 1500 && goes) { wentAt = 0; window.location.assign(goes); return; }
    wentAt = event.key === "g" ? Date.now() : 0;
    if (event.key === "j" || (event.key === "ArrowDown" && row)) { event.preventDefault(); step(1); }
    else if (event.key === "k" || (event.key === "ArrowUp" && row)) { event.preventDefault(); step(-1); }
    else if (event.key === "x" && row) {
      const box = row.querySelector('[form="bulk"]');
      if (box) { box.checked = !box.checked; lastTick = box; tell(); }
    } else if (event.key === "?") {
      const help = document.getElementById("keys");
      if (help) { event.preventDefault(); help.open = !help.open; help.querySelector("summary").focus(); }
    }
  });
  tell();
})();
