// What the live parts are made of: elements, pictures in the theme's colours, sliders, sounds.
(function () {
  "use strict";
  const OLC = window.OLC;

  /** An element: OLC.make("p", { className: "x" }, child, "text"). */
  OLC.make = function (tag, about = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(about)) {
      if (name in element && name !== "list") element[name] = value;
      else element.setAttribute(name, value);
    }
    element.append(...children);
    return element;
  };

  /** A row of buttons: [[label, action, title]]. */
  OLC.buttons = (list, label) => OLC.make("div", { className: "line", role: "group", "aria-label": label },
    ...list.map(([text, onclick, title]) => OLC.make("button", { type: "button", onclick, ...(title ? { title, "aria-label": title } : {}) }, text)));

  const shown = new Set();
  new MutationObserver(() => shown.forEach((again) => again()))
    .observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  /** Calls `again` whenever the theme changes. */
  OLC.onTheme = (again) => shown.add(again);

  /** A colour of the style sheet as [r, g, b]. */
  OLC.colour = function (element, name) {
    const pen = OLC.colour.pen || (OLC.colour.pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true }));
    pen.fillStyle = getComputedStyle(element).getPropertyValue(name).trim() || "#888";
    pen.fillRect(0, 0, 1, 1);
    return pen.getImageData(0, 0, 1, 1).data;
  };

  /** A picture of size x size values, as ink on paper: { element, show(values, text) }. */
  OLC.picture2d = function (size, ink, { flip = false, label = "" } = {}) {
    const canvas = OLC.make("canvas", { width: size, height: size, role: "img", "aria-label": label });
    let values = new Float64Array(size * size);
    const again = () => {
      const pen = canvas.getContext("2d"), pixels = pen.createImageData(size, size);
      const paper = OLC.colour(canvas, "--paper"), colour = OLC.colour(canvas, ink);
      const most = Math.max(1e-6, values.reduce((a, b) => Math.max(a, b), 0));
      for (let i = 0; i < size * size; i++) {
        const row = Math.floor(i / size), from = flip ? (size - 1 - row) * size + (i % size) : i;
        const part = Math.max(0, values[from] / most);
        for (let c = 0; c < 3; c++) pixels.data[4 * i + c] = paper[c] + (colour[c] - paper[c]) * part;
        pixels.data[4 * i + 3] = 255;
      }
      pen.putImageData(pixels, 0, 0);
    };
    OLC.onTheme(again);
    requestAnimationFrame(again);
    return { element: canvas, show(next, text) {
      values = next;
      if (text) canvas.setAttribute("aria-label", text);
      again();
    } };
  };

  /** A slider that shows its value as a bar from 0: { element, value }. */
  OLC.bar = function (label, change, { min = -1, max = 1, value = 0, step = 0.01, long = label } = {}) {
    const input = OLC.make("input", { type: "range", min, max, step, "aria-label": long });
    const number = OLC.make("output", {});
    const paint = () => {
      const at = (x) => (100 * (x - min)) / (max - min), zero = at(Math.max(min, Math.min(max, 0))), here = at(+input.value);
      input.style.setProperty("--from", `${Math.min(zero, here)}%`);
      input.style.setProperty("--to", `${Math.max(zero, here)}%`);
      input.classList.toggle("below", +input.value < 0);
      number.textContent = (+input.value).toFixed(2).replace("-", "\u2212");
    };
    input.value = value;
    input.oninput = () => {
      paint();
      change();
    };
    paint();
    return {
      element: OLC.make("label", { className: "bar" }, OLC.make("span", {}, label), input, number),
      get value() { return +input.value; },
      set value(next) {
        input.value = next;
        paint();
      },
      /** What a screen reader says instead of the number. */
      set text(words) { input.setAttribute("aria-valuetext", words); },
    };
  };

  /** A drop-down: options are texts. */
  OLC.choice = function (label, options, change, chosen = 0) {
    const select = OLC.make("select", { onchange: change }, ...options.map((text, i) => OLC.make("option", { value: i }, text)));
    select.value = chosen;
    return { element: OLC.make("label", { className: "choice" }, `${label} `, select),
      get value() { return +select.value; }, set value(next) { select.value = next; } };
  };

  OLC.figure = (caption, ...children) => OLC.make("figure", {}, ...children, OLC.make("figcaption", {}, caption));

  let speaker = null;
  /** Plays samples at 8 kHz; called from a reader's gesture. */
  OLC.play = function (wave, rate = OLC.RATE) {
    speaker = speaker || new AudioContext();
    speaker.resume();
    const buffer = speaker.createBuffer(1, wave.length, rate), source = speaker.createBufferSource();
    buffer.copyToChannel(Float32Array.from(wave), 0);
    source.buffer = buffer;
    source.connect(speaker.destination);
    source.start();
  };

  /** Runs `work` after the page was painted, at most once a frame. */
  OLC.soon = function (work) {
    let waiting = 0;
    return () => {
      cancelAnimationFrame(waiting);
      waiting = requestAnimationFrame(work);
    };
  };
})();
