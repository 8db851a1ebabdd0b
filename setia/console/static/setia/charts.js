// Saves a chart as a picture and its numbers as a table. Nothing is sent anywhere: both are made in the browser.
"use strict";

(() => {
  const DRAWN = ["fill", "fill-opacity", "stroke", "stroke-width", "stroke-dasharray", "stroke-linecap", "stroke-linejoin",
    "opacity", "font-family", "font-size", "font-weight", "text-anchor", "dominant-baseline", "display"];
  const SCALE = 2;

  // Styles come from style sheets, which a picture of its own does not see: each element gets what it looks like now.
  function dressed(source) {
    const copy = source.cloneNode(true);
    const from = [source, ...source.querySelectorAll("*")];
    const to = [copy, ...copy.querySelectorAll("*")];
    from.forEach((element, index) => {
      const looks = getComputedStyle(element);
      DRAWN.forEach((name) => to[index].setAttribute(name, looks.getPropertyValue(name)));
      to[index].removeAttribute("class");
    });
    return copy;
  }

  function paperOf(chart) {
    for (let element = chart; element; element = element.parentElement) {
      const color = getComputedStyle(element).backgroundColor;
      if (color && color !== "rgba(0, 0, 0, 0)" && color !== "transparent") return color;
    }
    return "#fff";
  }

  function shown(chart) {
    return [...chart.querySelectorAll(".chart-svg")].find((svg) => svg.getBoundingClientRect().width > 0);
  }

  // The drawing on its paper, to be enlarged without end; its title is inside, as browsers and readers expect.
  function drawing(chart) {
    const found = shown(chart);
    if (!found) return Promise.resolve(null);
    const box = found.viewBox.baseVal;
    const copy = dressed(found);
    copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
    copy.setAttribute("width", box.width);
    copy.setAttribute("height", box.height);
    const paper = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    Object.entries({ x: box.x, y: box.y, width: box.width, height: box.height, fill: paperOf(chart) })
      .forEach(([name, value]) => paper.setAttribute(name, value));
    copy.insertBefore(paper, [...copy.children].find((child) => !["title", "desc"].includes(child.localName)) ?? null);
    const text = '<?xml version="1.0" encoding="UTF-8"?>\n' + new XMLSerializer().serializeToString(copy);
    return Promise.resolve(new Blob([text], { type: "image/svg+xml" }));
  }

  function picture(chart) {
    const drawing = shown(chart);
    if (!drawing) return Promise.resolve(null);
    const box = drawing.viewBox.baseVal;
    const copy = dressed(drawing);
    copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
    copy.setAttribute("width", box.width * SCALE);
    copy.setAttribute("height", box.height * SCALE);
    const image = new Image();
    image.src = "data:image/svg+xml;charset=utf-8," + encodeURIComponent(new XMLSerializer().serializeToString(copy));
    return image.decode().then(() => {
      const title = chart.querySelector(".chart-svg title").textContent;
      const head = 34 * SCALE;
      const canvas = document.createElement("canvas");
      canvas.width = box.width * SCALE;
      canvas.height = box.height * SCALE + head;
      const pen = canvas.getContext("2d");
      pen.fillStyle = paperOf(chart);
      pen.fillRect(0, 0, canvas.width, canvas.height);
      pen.fillStyle = getComputedStyle(chart).color;
      pen.font = `600 ${15 * SCALE}px ${getComputedStyle(chart).fontFamily}`;
      pen.fillText(title, 10 * SCALE, 22 * SCALE, canvas.width - 20 * SCALE);
      pen.drawImage(image, 0, head);
      return new Promise((done) => canvas.toBlob(done, "image/png"));
    });
  }

  // A cell that begins like a formula would be run by a spreadsheet; a number with its sign is just a number.
  function cell(text) {
    const plain = text.trim();
    const safe = /^[=+@\t\r-]/.test(plain) && !/^[+-]?[\d.,\s%]+$/.test(plain) ? `'${plain}` : plain;
    return /[",\n;]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  }

  function numbers(chart) {
    const rows = [...chart.querySelectorAll(".chart-table tr")];
    const text = rows.map((row) => [...row.cells].map((one) => cell(one.textContent)).join(",")).join("\r\n");
    return Promise.resolve(new Blob(["\ufeff" + text + "\r\n"], { type: "text/csv;charset=utf-8" }));
  }

  function save(blob, name) {
    if (!blob) return;
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  document.querySelectorAll(".chart-save").forEach((row) => { row.hidden = false; });
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-save]");
    const chart = button?.closest(".chart");
    if (!chart) return;
    const kind = button.dataset.save;
    const ways = { png: picture, svg: drawing, csv: numbers };
    ways[kind](chart).then((blob) => save(blob, `${chart.id}.${kind}`));
  });
})();
