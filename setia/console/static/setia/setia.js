// The little that pages do beyond links and forms; everything works without it.
"use strict";

// "/" puts the cursor in the search box, Escape leaves it.
document.addEventListener("keydown", (event) => {
  const box = document.getElementById("search-box");
  if (!box) return;
  const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement?.tagName ?? "");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    box.focus();
  } else if (event.key === "Escape") {
    if (document.activeElement?.closest(".search")) document.activeElement.blur();
    document.querySelectorAll("details.dialog[open]").forEach((sheet) => { sheet.open = false; });
  } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && document.activeElement?.closest(".search")) {
    const stops = [box, ...document.querySelectorAll("#found a")];
    const step = event.key === "ArrowDown" ? 1 : -1;
    const next = stops[stops.indexOf(document.activeElement) + step];
    if (next) { event.preventDefault(); next.focus(); }
  }
});

// A sheet closes when one clicks beside it.
document.addEventListener("click", (event) => {
  document.querySelectorAll("details.dialog[open]").forEach((sheet) => {
    if (!sheet.contains(event.target)) sheet.open = false;
  });
  if (event.target.closest?.("[data-print]")) window.print();
});

// A form is sent once: a second click while the first is on its way does nothing.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "1";
  setTimeout(() => { delete form.dataset.sent; }, 5000);
});

// A select marked so sends its form when it changes; without script a button does.
document.addEventListener("change", (event) => {
  if (event.target.matches?.("[data-autosend]")) event.target.form.requestSubmit();
});

// The way back to a page that was sent: the browser fetches it anew and fills in what was typed. It keeps its first
// token, so that the same words saved again are not saved twice. What may well be asked for again (data-fresh, a file of
// an export) is always new.
const tokens = document.querySelectorAll('form:not([data-fresh], [action*="/exports/"]) input[name="once"]');
if (tokens.length && !history.state?.once) history.replaceState({ ...history.state, once: tokens[0].value }, "");
tokens.forEach((field) => { field.value = history.state.once; });
