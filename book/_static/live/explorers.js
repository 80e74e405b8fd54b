// Explorers of the chapters: image codes, walks between them, Equation 5 under a finger, a training replayed, a voice.
(function () {
  "use strict";
  const OLC = window.OLC, { make } = OLC;
  const DIGITS = Array.from({ length: 10 }, (_, d) => `${d}`);
  const oneHot = (d) => DIGITS.map((_, i) => (i === d ? 1 : 0));
  const status = (text = "") => make("p", { className: "status", role: "status", "aria-live": "polite" }, text);

  /** Sliders for an image code: by hand, mixed, and any free coordinate. */
  OLC.codes = async function (part) {
    await OLC.load("models/image_decoder");
    const { space } = OLC.models.image_decoder, drawing = OLC.picture2d(28, "--ink"), sliders = {}, said = status();
    const bars = make("div", { className: "bars", role: "group", "aria-label": "The image code" });
    const draw = OLC.soon(() => {
      const given = Object.fromEntries(Object.entries(sliders).map(([name, list]) => [name, list.map((s) => s.value)]));
      const length = Math.hypot(...given.digit);
      drawing.show(OLC.decode("image_decoder", OLC.compose(space, given)), `Drawing of a code whose largest digit is ${OLC.verdict(given.digit).digit}`);
      said.textContent = `The digit block has length ${length.toFixed(2)}; training only showed lengths near 1.`;
    });
    for (const [name, size] of space) {
      bars.append(make("span", { className: "name" }, name));
      const wide = name === "free" ? 3 : 1.5;
      sliders[name] = Array.from({ length: size }, (_, i) => OLC.bar(size > 1 ? `${i}` : "", draw,
        { min: -wide, max: wide, value: size === 1 ? 1 : 0, long: `${name} ${i}` }));
      bars.append(...sliders[name].map((slider) => slider.element));
    }
    const set = (values) => {
      values.forEach((value, i) => (sliders.digit[i].value = value));
      draw();
    };
    const half = (a, b) => set(DIGITS.map((_, i) => (i === a || i === b ? 0.71 : 0)));
    part.append(
      OLC.buttons(DIGITS.map((d) => [d, () => set(oneHot(+d)), `Handcrafted code of ${d}`]), "Handcrafted codes"),
      OLC.buttons([["3 and 8", () => half(3, 8)], ["1 and 7", () => half(1, 7)], ["4 and 9", () => half(4, 9)], ["all alike", () => set(DIGITS.map(() => 0.32))],
        ["nothing", () => set(DIGITS.map(() => 0))]], "Mixes"),
      make("div", { className: "panels two" }, bars, OLC.figure("What the decoder draws", drawing.element)), said);
    set(oneHot(3));
  };

  /** A walk between two codes, beside the mix of the two drawings, and their distance, Equation 3. */
  OLC.walk = async function (part) {
    await OLC.load("models/image_decoder");
    const mixed = OLC.picture2d(28, "--ink"), decoded = OLC.picture2d(28, "--ink"), said = status();
    const change = OLC.soon(() => {
      const a = oneHot(first.value), b = oneHot(second.value), t = alpha.value;
      const [x, y] = [OLC.draw(a), OLC.draw(b)];
      const double = x.map((v, i) => t * v + (1 - t) * y[i]), made = OLC.draw(a.map((v, i) => t * v + (1 - t) * b[i]));
      const loss = Math.sqrt(double.reduce((sum, v, i) => sum + (v - made[i]) ** 2, 0)) / Math.sqrt(double.length);
      mixed.show(double, `Mix of the drawings of ${first.value} and ${second.value}`);
      decoded.show(made, `Drawing of the mix of the codes of ${first.value} and ${second.value}`);
      said.textContent = `α = ${t.toFixed(2)}: interpolation loss ${loss.toFixed(3)}`;
    });
    const first = OLC.choice("From", DIGITS, change, 1), second = OLC.choice("to", DIGITS, change, 0);
    const alpha = OLC.bar("α", change, { min: 0, max: 1, value: 0.5, long: "alpha, the share of the first" });
    part.append(make("div", { className: "line" }, first.element, second.element), make("div", { className: "bars wide" }, alpha.element),
      make("div", { className: "panels two" }, OLC.figure("The mix of the drawings", mixed.element), OLC.figure("The drawing of the mix of codes", decoded.element)), said);
    change();
  };

  // Equation 5, its expectation over labels: class 0 with probability p, the others share the rest.
  function expected(f, p, printed) {
    return f.reduce((sum, related, k) => {
      const others = Math.max(...f.map((x, i) => (i === k ? 0 : Math.abs(x))));
      const second = related < 0 && !printed ? 1 - related : 1 / (1 + Math.abs(related));
      return sum + (k ? (1 - p) / 2 : p) * (others + second);
    }, 0);
  }
  const VIEW = [[0, -(0.5 ** 0.5), 0.5 ** 0.5], [2 / 6 ** 0.5, -1 / 6 ** 0.5, -1 / 6 ** 0.5], [3 ** -0.5, 3 ** -0.5, 3 ** -0.5]];
  const toCode = (u, v) => {
    const w = Math.sqrt(Math.max(0, 1 - u * u - v * v));
    return [0, 1, 2].map((k) => u * VIEW[0][k] + v * VIEW[1][k] + w * VIEW[2][k]);
  };
  const toPlace = (f) => VIEW.slice(0, 2).map((axis) => axis.reduce((sum, x, k) => sum + x * f[k], 0));

  /** The loss landscape of Equation 5 on the sphere of codes of three classes. */
  OLC.landscape = async function (part) {
    const size = 320, canvas = make("canvas", { width: size, height: size, tabIndex: 0, role: "application", className: "disc",
      "aria-label": "Half of the sphere of codes. Arrow keys move the code, Enter lets it roll downhill." });
    const said = status();
    let at = [0.35, -0.2], trail = [], rolling = 0, land = null;
    const loss = (f) => expected(f, chance.value, form.value === 1);
    const shade = OLC.soon(() => {
      const pen = canvas.getContext("2d"), pixels = pen.createImageData(size, size);
      const low = OLC.colour(canvas, "--low"), high = OLC.colour(canvas, "--high");
      const values = new Float64Array(size * size).fill(NaN);
      let least = Infinity, most = -Infinity;
      for (let i = 0; i < size * size; i++) {
        const u = ((i % size) / size) * 2.1 - 1.05, v = 1.05 - (Math.floor(i / size) / size) * 2.1;
        if (u * u + v * v > 1) continue;
        values[i] = loss(toCode(u, v));
        least = Math.min(least, values[i]);
        most = Math.max(most, values[i]);
      }
      values.forEach((value, i) => {
        if (Number.isNaN(value)) return;
        const share = Math.floor((12 * (value - least)) / (most - least + 1e-9)) / 12;
        for (let c = 0; c < 3; c++) pixels.data[4 * i + c] = low[c] + (high[c] - low[c]) * share;
        pixels.data[4 * i + 3] = 255;
      });
      land = pixels;
      paint();
    });
    const xy = ([u, v]) => [((u + 1.05) / 2.1) * size, ((1.05 - v) / 2.1) * size];
    function paint() {
      if (!land) return;
      const pen = canvas.getContext("2d"), f = toCode(...at);
      pen.putImageData(land, 0, 0);
      pen.font = "14px sans-serif";
      pen.strokeStyle = pen.fillStyle = "white";
      [0, 1, 2].forEach((k) => {
        const [x, y] = xy(toPlace([0, 1, 2].map((i) => (i === k ? 1 : 0))));
        pen.beginPath();
        pen.arc(x, y, 4, 0, 7);
        pen.fill();
        pen.fillText(`class ${k}`, x > size / 2 + 20 ? x - 52 : x + 8, y + (k ? 20 : 4));
      });
      pen.lineWidth = 2;
      pen.beginPath();
      trail.forEach((place) => pen.lineTo(...xy(place)));
      pen.stroke();
      pen.fillStyle = "#d55e00";
      pen.beginPath();
      pen.arc(...xy(at), 8, 0, 7);
      pen.fill();
      pen.stroke();
      said.textContent = `f = (${f.map((x) => x.toFixed(2).replace("-", "\u2212")).join(", ")}), expected loss ${loss(f).toFixed(3)}`;
    }
    const move = (u, v) => {
      const far = Math.max(1, Math.hypot(u, v) / 0.999);
      at = [u / far, v / far];
      paint();
    };
    const stop = () => {
      cancelAnimationFrame(rolling);
      trail = [];
    };
    function roll() {
      stop();
      let count = 0;
      const step = () => {
        trail.push(at);
        const here = toCode(...at), slope = here.map((_, k) => {
          const nudged = (d) => loss(here.map((x, i) => x + (i === k ? d : 0)));
          return (nudged(1e-4) - nudged(-1e-4)) / 2e-4;
        });
        const next = here.map((x, k) => x - 0.012 * (1 - count / 200) * slope[k]), length = Math.hypot(...next);
        move(...toPlace(next.map((x) => x / length)));
        if (++count < 200) rolling = requestAnimationFrame(step);
      };
      step();
    }
    const follow = (event) => {
      const box = canvas.getBoundingClientRect();
      move(((event.clientX - box.left) / box.width) * 2.1 - 1.05, 1.05 - ((event.clientY - box.top) / box.height) * 2.1);
    };
    canvas.onpointerdown = (event) => {
      stop();
      canvas.setPointerCapture(event.pointerId);
      follow(event);
    };
    canvas.onpointermove = (event) => event.buttons && follow(event);
    canvas.onpointerup = roll;
    canvas.onkeydown = (event) => {
      const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
      if (!way && event.key !== "Enter") return;
      event.preventDefault();
      if (!way) return roll();
      stop();
      move(at[0] + 0.04 * way[0], at[1] + 0.04 * way[1]);
    };
    const chance = OLC.bar("p", () => (stop(), shade()), { min: 1 / 3, max: 1, value: 0.5, long: "probability that class 0 is right" });
    const form = OLC.choice("Second term", ["the library's", "as printed"], () => (stop(), shade()));
    part.append(make("div", { className: "line" }, form.element, OLC.buttons([["Roll downhill", roll]], "Descent")),
      make("div", { className: "bars wide" }, chance.element), OLC.figure("Dark is low. Drag the dot and let it go.", canvas), said);
    OLC.onTheme(shade);
    shade();
  };

  /** A training replayed: the terms, M, B, and what the decoder drew at that moment. */
  OLC.replay = async function (part) {
    await OLC.load("models/replay");
    const { steps, terms, drawings } = OLC.models.replay, packed = OLC.bytes(drawings), names = Object.keys(terms);
    const pictures = DIGITS.map(() => OLC.picture2d(28, "--ink")), said = status();
    const curves = make("canvas", { width: 640, height: 220, role: "img", className: "curves", "aria-label": "The terms of the loss over the steps" });
    const body = make("tbody", {});
    const table = make("table", {}, make("thead", {}, make("tr", {}, ...["term", "value", "I", "M", "B", "share"].map((text) => make("th", { scope: "col" }, text)))), body);
    const colours = ["--ink", "--sound", "--green", "--orange", "--pink"];
    const show = OLC.soon(() => {
      const k = Math.round(moment.value), pen = curves.getContext("2d");
      const pixel = (i) => ((i & 1 ? packed[i >> 1] & 15 : packed[i >> 1] >> 4) / 15);
      pictures.forEach((picture, d) => picture.show(Float64Array.from({ length: 784 }, (_, i) => pixel((k * 10 + d) * 784 + i)), `Drawing of digit ${d} at step ${steps[k]}`));
      const weight = names.map((name) => terms[name].I[k] * terms[name].M[k] * terms[name].B[k]);
      const parts = names.map((name, i) => weight[i] * terms[name].value[k]), sum = parts.reduce((a, b) => a + b, 0);
      body.replaceChildren(...names.map((name, i) => make("tr", {}, make("th", { scope: "row" }, make("span", { className: "dot", style: `background: var(${colours[i]})` }), name),
        ...(terms[name].M[k] ? [terms[name].value[k].toFixed(3), terms[name].I[k], terms[name].M[k].toFixed(2), terms[name].B[k].toFixed(1), `${Math.round((100 * parts[i]) / sum)} %`]
          : ["not yet", "", "0", "", ""]).map((text) => make("td", {}, `${text}`)))));
      pen.clearRect(0, 0, 640, 220);
      const x = (i) => 10 + (620 * i) / (steps.length - 1), y = (v) => 210 - (200 * Math.min(v, 1.4)) / 1.4;
      names.forEach((name, i) => {
        pen.strokeStyle = `rgb(${OLC.colour(curves, colours[i]).slice(0, 3).join()})`;
        pen.lineWidth = 2.5;
        pen.beginPath();
        steps.forEach((_, j) => terms[name].M[j] && pen.lineTo(x(j), y(terms[name].value[j])));
        pen.stroke();
      });
      pen.fillStyle = `rgb(${OLC.colour(curves, "--ink").slice(0, 3).join()})`;
      pen.fillRect(x(k) - 0.75, 0, 1.5, 220);
      said.textContent = `Step ${steps[k]} of ${steps[steps.length - 1]}`;
      moment.text = said.textContent;
    });
    const moment = OLC.bar("moment", show, { min: 0, max: steps.length - 1, step: 1, value: steps.length - 1, long: "moment of the training" });
    let timer = 0;
    const play = () => {
      clearInterval(timer);
      if (moment.value >= steps.length - 1) moment.value = 0;
      show();
      timer = setInterval(() => {
        moment.value += 1;
        show();
        if (moment.value >= steps.length - 1) clearInterval(timer);
      }, 160);
    };
    part.append(make("div", { className: "line" }, OLC.buttons([["Play", play], ["Pause", () => clearInterval(timer)]], "Replay")),
      make("div", { className: "bars wide moment" }, moment.element), said,
      make("div", { className: "strip" }, ...pictures.map((picture) => picture.element)),
      OLC.figure("Value of each term over the steps, from 0 at the bottom to 1.4; the table names the colours.", curves), table);
    OLC.onTheme(show);
    show();
  };

  /** A digit and a speaker, spoken by the voice decoder. */
  OLC.voice = async function (part) {
    await OLC.load("models/voice_decoder");
    const { space, speakers } = OLC.models.voice_decoder, sound = OLC.picture2d(OLC.SIZE, "--sound", { flip: true });
    const make2 = () => {
      const speaker = speakers.map((_, i) => (i === a.value ? 1 - share.value : 0) + (i === b.value ? share.value : 0));
      const length = Math.hypot(...speaker);
      return OLC.decode("voice_decoder", OLC.compose(space, { speaker: speaker.map((x) => x / length), digit: oneHot(digit.value) }));
    };
    const change = OLC.soon(() => sound.show(make2(), `Picture of the sound of ${digit.value}, as ${speakers[a.value]}`));
    const digit = OLC.choice("Say", DIGITS, change, 7), a = OLC.choice("as", speakers, change, 0), b = OLC.choice("towards", speakers, change, 4);
    const share = OLC.bar("share", change, { min: 0, max: 1, value: 0, long: "share of the second speaker" });
    part.append(make("div", { className: "line" }, digit.element, a.element, b.element, OLC.buttons([["Hear it", () => OLC.play(OLC.listen(make2()))]], "Sound")),
      make("div", { className: "bars wide" }, share.element), OLC.figure("The picture of the sound", sound.element));
    change();
  };
})();
