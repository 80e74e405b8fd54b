// Speak, see, draw: a recording, its picture, its code with bars to drag, the drawing, and the code spoken back.
(function () {
  "use strict";
  const OLC = window.OLC, { make } = OLC;
  const SECONDS = 2.5;
  const sentence = (error) => (error instanceof OLC.Fault ? error.message : "Something went wrong here; please try again.");

  /** Any sound file to { rate, channels }; the browser reads what is no WAV. */
  async function readFile(file) {
    if (!file.size) throw new OLC.Fault("This file is empty.");
    if (file.size > 4e7) throw new OLC.Fault("This file is too large; please choose a recording of one word.");
    const buffer = await file.arrayBuffer(), wav = OLC.readWav(buffer);
    if (wav) return wav;
    let sound;
    try {
      sound = await new OfflineAudioContext(1, 1, 48000).decodeAudioData(buffer);
    } catch {
      throw new OLC.Fault(`\u201c${file.name}\u201d is no sound file that this browser can read.`);
    }
    return { rate: sound.sampleRate, channels: Array.from({ length: sound.numberOfChannels }, (_, c) => sound.getChannelData(c)) };
  }

  /** Records at the microphone's own rate until `stop` is called or the time is over. */
  async function record(level, stopper) {
    if (location.protocol === "file:") {
      throw new OLC.Fault("A page that was opened from a file may not use the microphone. Open a sound file or pick a clip, or serve the folder with \u201cpython -m http.server\u201d.");
    }
    if (!navigator.mediaDevices || !window.AudioWorkletNode) {
      throw new OLC.Fault("This page may not use the microphone: a browser gives it to secure pages (https or localhost) only.");
    }
    let stream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false } });
    } catch (error) {
      throw new OLC.Fault(error.name === "NotFoundError" ? "No microphone was found; open a sound file or pick a clip instead."
        : "The microphone was refused. Allow it in the browser's address bar, or open a sound file, or pick a clip.");
    }
    const context = new AudioContext(), pieces = [];
    try {
      const code = "registerProcessor('tap', class extends AudioWorkletProcessor { process([x]) { if (x[0]) this.port.postMessage(x[0]); return true; } });";
      const address = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
      await context.audioWorklet.addModule(address);
      URL.revokeObjectURL(address);
      const tap = new AudioWorkletNode(context, "tap");
      context.createMediaStreamSource(stream).connect(tap);
      context.resume(); // not awaited: in Firefox it never comes back where there is no sound device
      await new Promise((done) => {
        stopper.stop = done;
        let timer = setTimeout(done, 8000); // the first sound may be late: a device that nobody used is started
        let count = 0;
        tap.port.onmessage = ({ data }) => {
          if (!pieces.length) {
            clearTimeout(timer);
            timer = setTimeout(done, 1000 * SECONDS + 1500);
          }
          pieces.push(data);
          count += data.length;
          level(Math.min(1, count / context.sampleRate / SECONDS), Math.max(...data.map(Math.abs)));
          if (count < SECONDS * context.sampleRate) return;
          clearTimeout(timer);
          done();
        };
      });
    } finally {
      stream.getTracks().forEach((track) => track.stop());
      context.close();
    }
    if (!pieces.length) throw new OLC.Fault("The microphone gave no sound; please try again, open a sound file, or pick a clip.");
    const wave = new Float32Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
    pieces.reduce((at, piece) => (wave.set(piece, at), at + piece.length), 0);
    return { rate: context.sampleRate, channels: [wave] };
  }

  OLC.speak = function (part) {
    let heard = null, model = null, sure = true;
    const stopper = {};
    const status = make("p", { className: "status", role: "status", "aria-live": "polite" }, "Say one digit, zero to nine, in English.");
    const sound = OLC.picture2d(OLC.SIZE, "--sound", { flip: true, label: "Log-mel picture, empty so far" });
    const drawing = OLC.picture2d(28, "--ink", { label: "Drawing, empty so far" });
    const word = make("div", { className: "panels" });
    const again = make("button", { type: "button", disabled: true, onclick: () => OLC.play(heard.word) }, "Hear the word again");
    const bars = make("div", { className: "bars", role: "group", "aria-label": "The code: sixteen numbers" });
    const voices = make("div", { className: "line" });
    let sliders = [], who = null;

    const say = (text, bad = false) => {
      status.textContent = text;
      status.classList.toggle("bad", bad);
    };
    const code = () => sliders.map((slider) => slider.value);
    const redraw = OLC.soon(() => {
      const digit = OLC.block(code(), model.space, "digit"), { digit: best } = OLC.verdict(digit);
      drawing.show(OLC.draw(digit), `Drawing of the code, whose largest digit is ${best}`);
    });

    function build() {
      if (model) return;
      model = OLC.models.voice_encoder;
      for (const { name, start, size } of OLC.blocks(model.space)) {
        bars.append(make("span", { className: "name" }, name === "digit" ? "which digit" : "who speaks"));
        for (let i = 0; i < size; i++) {
          const label = name === "speaker" ? model.speakers[i] : `${i}`;
          sliders[start + i] = OLC.bar(label, redraw, { long: `${name} ${label}` });
          bars.append(sliders[start + i].element);
        }
      }
      who = OLC.choice("Say it as", model.speakers, () => {});
      voices.append(who.element, make("button", { type: "button", onclick: speakBack }, "Speak the code"));
      word.hidden = false;
    }
    const set = (values) => {
      values.forEach((value, i) => (sliders[i].value = value));
      redraw();
    };

    async function hear(recording, from) {
      say("Listening \u2026");
      await OLC.load("models/voice_encoder", "models/image_decoder");
      const found = OLC.hear(recording); // a fault leaves what is shown as it was
      build();
      heard = found;
      again.disabled = false;
      sound.show(heard.picture, "Log-mel picture of the word: time runs to the right, pitch upwards");
      set(heard.code);
      const speaker = OLC.block(heard.code, model.space, "speaker");
      who.value = speaker.indexOf(Math.max(...speaker));
      const { digit, second, value, margin } = OLC.verdict(OLC.block(heard.code, model.space, "digit"));
      sure = margin >= model.unsure;
      const number = (x) => x.toFixed(2).replace("-", "\u2212");
      say((sure ? `I hear a ${digit}` : `Unsure: perhaps a ${digit}, or a ${second}`) + ` (${number(value)}, ${number(margin)} ahead of ${second}).${from || ""}`);
      status.classList.toggle("unsure", !sure);
      part.dataset.digit = digit;
    }
    const attempt = (work) => async () => {
      part.setAttribute("aria-busy", "true");
      try {
        await work();
      } catch (error) {
        say(sentence(error), true);
      } finally {
        part.removeAttribute("aria-busy");
      }
    };

    const speakBack = attempt(async () => {
      await OLC.load("models/voice_decoder");
      const speaker = model.speakers.map((_, i) => (i === who.value ? 1 : 0));
      const picture = OLC.decode("voice_decoder", OLC.compose(model.space, { speaker, digit: OLC.block(code(), model.space, "digit") }));
      say("Making the sound \u2026");
      await new Promise((done) => requestAnimationFrame(() => setTimeout(done))); // so that it is read before the work
      OLC.play(OLC.listen(picture));
      say(`The code, spoken as ${model.speakers[who.value]}. The phases of the sound are guessed, so it is only a likeness.`);
    });

    // Three ways in.
    const microphone = make("button", { type: "button", className: "record", "aria-pressed": "false" }, "Record a digit");
    microphone.onclick = attempt(async () => {
      if (microphone.getAttribute("aria-pressed") === "true") return stopper.stop && stopper.stop();
      microphone.setAttribute("aria-pressed", "true");
      microphone.textContent = "Speak now \u2026";
      try {
        const ahead = OLC.load("models/voice_encoder", "models/image_decoder");
        const made = await record((share, loud) => {
          microphone.style.setProperty("--share", `${100 * share}%`);
          microphone.style.setProperty("--loud", loud.toFixed(2));
        }, stopper);
        await ahead;
        await hear(made);
      } finally {
        microphone.setAttribute("aria-pressed", "false");
        microphone.textContent = "Record a digit";
        microphone.style.removeProperty("--share");
      }
      return null;
    });
    const open = make("input", { type: "file", accept: "audio/*,.wav,.flac,.ogg,.mp3", className: "file", "aria-label": "Open a sound file" });
    open.onchange = () => {
      const [file] = open.files;
      if (file) attempt(async () => hear(await readFile(file)))();
      open.value = "";
    };
    const clip = (kind, digit) => attempt(async () => {
      await OLC.load("models/examples");
      const found = OLC.models.examples.find((example) => example.kind === kind && example.digit === digit);
      if (!found) throw new OLC.Fault("This clip is not part of this copy of the book.");
      const wave = OLC.muLaw(OLC.bytes(found.sound));
      await hear({ rate: OLC.RATE, channels: [wave] });
      OLC.play(wave);
    });
    const clips = (kind, text, title) => make("div", { className: "clips" }, make("span", {}, text),
      OLC.buttons(Array.from({ length: 10 }, (_, d) => [`${d}`, clip(kind, d), `${title} ${d}`]), text));
    const ways = make("div", { className: "line" }, microphone, make("label", { className: "button" }, "Open a sound file", open), again);
    const lists = [clips("model", "or a clip that the voice model made:", "Clip made by the model, digit")];
    if (part.dataset.visitor) lists.push(clips("visitor", `or a voice it never heard, ${part.dataset.visitor}:`, "A voice never heard, digit"));

    const shortcuts = OLC.buttons([
      ["As heard", () => heard && set(heard.code)],
      ["Snap to one digit", () => {
        const { digit } = OLC.verdict(OLC.block(code(), model.space, "digit"));
        const start = OLC.blocks(model.space).find((block) => block.name === "digit").start;
        set(code().map((value, i) => (i < start ? value : i - start === digit ? 1 : 0)));
      }],
    ], "The code");
    word.hidden = true;
    word.append(
      OLC.figure("The sound: time to the right, pitch upwards", sound.element),
      make("div", { className: "middle" }, bars, shortcuts),
      make("div", {}, OLC.figure("What the digit's ten numbers draw", drawing.element), voices));
    part.append(ways, ...lists, status, word,
      make("p", { className: "note" }, "Everything happens in this page. No sound leaves your device, and nothing is stored."));
  };
})();
