// The book's engine in the page: from a recording to a log-mel picture, a code, a drawing and back to a sound.
// Plain functions on typed arrays; no dependency. It repeats olc_lib (data.audio, data.find_word, the log-mel
// front end, OrthogonalVAE.encode and decode) step by step; tests/test_live.py compares the two.
(function (root) {
  "use strict";

  const OLC = (root.OLC = root.OLC || {});
  const RATE = 8000, SAMPLES = 8192, SHORTEST = 0.05, LONGEST = 30, CANCELLED = 0.1;
  const SIZE = 32, BANDS = 64, FRAMES = 128, HOP = 64, WINDOW = 256, FFT = 512, BINS = FFT / 2 + 1;
  const LOWEST = 60, PREEMPHASIS = 0.97;
  OLC.RATE = RATE;
  OLC.SIZE = SIZE;
  OLC.models = OLC.models || {};

  /** An input that cannot be used; its message is one sentence for the reader. */
  OLC.Fault = class extends Error {};

  // ---- files ------------------------------------------------------------------------------------------------

  /** Bytes of base64 text. */
  OLC.bytes = function (text) {
    const raw = atob(text), bytes = new Uint8Array(raw.length);
    for (let i = 0; i < raw.length; i++) bytes[i] = raw.charCodeAt(i);
    return bytes;
  };

  /** Eight-bit mu-law to samples in -1..1. */
  OLC.muLaw = function (bytes) {
    return Float32Array.from(bytes, (b) => {
      const x = (b / 255) * 2 - 1;
      return (Math.sign(x) * (256 ** Math.abs(x) - 1)) / 255;
    });
  };

  /** A WAV file: { rate, channels: [Float32Array] }; null for any other kind of file. */
  OLC.readWav = function (buffer) {
    const view = new DataView(buffer);
    const text = (at) => String.fromCharCode(...new Uint8Array(buffer, at, 4));
    if (buffer.byteLength < 12 || text(0) !== "RIFF" || text(8) !== "WAVE") return null;
    let at = 12, format = null;
    while (at + 8 <= buffer.byteLength) {
      const name = text(at), length = view.getUint32(at + 4, true), body = at + 8;
      if (name === "fmt " && body + 16 <= buffer.byteLength) {
        format = { kind: view.getUint16(body, true), channels: view.getUint16(body + 2, true),
          rate: view.getUint32(body + 4, true), bits: view.getUint16(body + 14, true) };
        if (format.kind === 0xfffe && length >= 26) format.kind = view.getUint16(body + 24, true);
      } else if (name === "data" && format) {
        const held = buffer.byteLength - body;
        if (held < 0.9 * length && length < 0x7ffff000) {
          throw new OLC.Fault("This file is cut off: its header promises more sound than it holds.");
        }
        return samples(view, body, Math.min(length, held), format);
      }
      at = body + length + (length & 1);
    }
    throw new OLC.Fault("This WAV file holds no sound, or is damaged.");
  };

  function samples(view, start, length, { kind, channels, rate, bits }) {
    const step = bits / 8, key = `${kind}/${bits}`;
    const read = {
      "1/8": (at) => (view.getUint8(at) - 128) / 128,
      "1/16": (at) => view.getInt16(at, true) / 32768,
      "1/24": (at) => (view.getUint16(at, true) + view.getInt8(at + 2) * 65536) / 8388608,
      "1/32": (at) => view.getInt32(at, true) / 2147483648,
      "3/32": (at) => view.getFloat32(at, true),
      "3/64": (at) => view.getFloat64(at, true),
    }[key];
    if (!read || !channels) return null; // the browser may know it
    const count = Math.floor(length / (step * channels));
    const made = Array.from({ length: channels }, () => new Float32Array(count));
    for (let i = 0; i < count; i++) {
      for (let c = 0; c < channels; c++) made[c][i] = read(start + (i * channels + c) * step);
    }
    return { rate, channels: made };
  }

  /** A recording of any rate and number of channels to samples at 8 kHz (olc_lib.data.audio). */
  OLC.toWave = function ({ rate, channels }) {
    const count = channels[0].length;
    if (!(rate >= 2000 && rate <= 400000)) throw new OLC.Fault(`Its sampling rate is ${rate} Hz; 2,000 to 400,000 Hz can be read.`);
    if (count > LONGEST * rate) {
      throw new OLC.Fault(`This recording lasts ${Math.round(count / rate)} seconds; please keep to one word, ${LONGEST} seconds at most.`);
    }
    if (count < SHORTEST * rate) throw new OLC.Fault("This recording is shorter than a twentieth of a second; that is too short for a word.");
    const mono = oneChannel(channels);
    let low = Infinity, high = -Infinity;
    for (let i = 0; i < count; i++) {
      if (mono[i] < low) low = mono[i];
      if (mono[i] > high) high = mono[i];
      if (!Number.isFinite(mono[i])) throw new OLC.Fault("This recording holds samples that are no numbers.");
    }
    if (high - low < 1e-4) throw new OLC.Fault("There is only silence. Is the microphone on, and near?");
    const wave = resample(mono, 25 * Math.round(rate / 25), RATE);
    const peak = wave.reduce((most, x) => Math.max(most, Math.abs(x)), 1);
    return wave.map((x) => x / peak);
  };

  // The mean of the channels, or the loudest of them where they cancel each other.
  function oneChannel(channels) {
    const mean = channels[0].map((_, i) => channels.reduce((sum, channel) => sum + channel[i], 0) / channels.length);
    const spread = (x) => {
      const middle = x.reduce((sum, v) => sum + v, 0) / x.length;
      return Math.sqrt(x.reduce((sum, v) => sum + (v - middle) ** 2, 0) / x.length);
    };
    const level = channels.map(spread), most = Math.max(...level);
    return spread(mean) < CANCELLED * most ? channels[level.indexOf(most)] : mean;
  }

  /** Windowed-sinc resampling, as torchaudio.functional.resample does it by default. */
  function resample(wave, from, to) {
    if (from === to) return wave;
    let a = from, b = to;
    while (b) [a, b] = [b, a % b];
    const old = from / a, made = to / a, zeros = 6, base = Math.min(old, made) * 0.99;
    const width = Math.ceil((zeros * old) / base), taps = 2 * width + old;
    const out = new Float32Array(Math.ceil((made * wave.length) / old));
    const kernels = [];
    for (let phase = 0; phase < made; phase++) {
      const kernel = new Float32Array(taps);
      for (let k = 0; k < taps; k++) {
        const t = Math.max(-zeros, Math.min(zeros, (-phase / made + (k - width) / old) * base));
        const window = Math.cos((t * Math.PI) / zeros / 2) ** 2;
        kernel[k] = ((t === 0 ? 1 : Math.sin(t * Math.PI) / (t * Math.PI)) * window * base) / old;
      }
      kernels.push(kernel);
    }
    for (let n = 0; n < out.length; n++) {
      const kernel = kernels[n % made], start = Math.floor(n / made) * old - width;
      let sum = 0;
      for (let k = Math.max(0, -start); k < taps && start + k < wave.length; k++) sum += kernel[k] * wave[start + k];
      out[n] = sum;
    }
    return out;
  }

  // ---- the word, and its picture ----------------------------------------------------------------------------

  /** Cuts a recording to the spoken word (olc_lib.data.find_word). */
  OLC.findWord = function (wave) {
    const frame = RATE / 50, hop = RATE / 100;
    const mean = wave.reduce((sum, x) => sum + x, 0) / wave.length;
    if (wave.length < 10 * hop + frame) return loudest(wave);
    const raw = new Float64Array(Math.floor((wave.length - frame) / hop) + 1);
    raw.forEach((_, f) => {
      for (let i = f * hop; i < f * hop + frame; i++) raw[f] += (wave[i] - mean) ** 2 / frame;
    });
    const clamped = (i) => raw[Math.max(0, Math.min(raw.length - 1, i))];
    const power = raw.map((_, f) => [-2, -1, 0, 1, 2].map((d) => clamped(f + d)).sort((x, y) => x - y)[2]);
    const level = power.map((p) => 10 * Math.log10(Math.max(p, 1e-12)));
    let quietest = Infinity;
    for (let f = 0; f + 10 <= power.length; f++) {
      quietest = Math.min(quietest, power.slice(f, f + 10).reduce((sum, x) => sum + x, 0) / 10);
    }
    const peak = Math.max(...level), floor = 10 * Math.log10(Math.max(quietest, 1e-12));
    const surely = wave.length > SAMPLES ? 6 : 30;
    const threshold = Math.max(peak - 35, Math.min(floor + 8, peak - surely));
    let best = null, word = null, last = -Infinity;
    for (let f = 0; f < level.length; f++) {
      if (level[f] < threshold) continue;
      if (f - last > 20) word = { first: f, energy: 0 };
      word.last = last = f;
      word.energy += power[f];
      if (!best || word.energy > best.energy) best = word;
    }
    const margin = RATE / 20;
    return loudest(wave.subarray(Math.max(0, best.first * hop - margin), best.last * hop + frame + margin));
  };

  function loudest(wave) {
    if (wave.length <= SAMPLES) return wave;
    const mean = wave.reduce((sum, x) => sum + x, 0) / wave.length;
    const sums = new Float64Array(wave.length + 1);
    for (let i = 0; i < wave.length; i++) sums[i + 1] = sums[i] + Math.abs(wave[i] - mean);
    let start = 0;
    for (let i = 0; i + SAMPLES <= wave.length; i++) {
      if (sums[i + SAMPLES] - sums[i] > sums[start + SAMPLES] - sums[start]) start = i;
    }
    return wave.subarray(start, start + SAMPLES);
  }

  /** In-place complex FFT of a power-of-two length; sign -1 forward, +1 backward (not scaled). */
  function fft(re, im, sign) {
    const n = re.length;
    for (let i = 1, j = 0; i < n; i++) {
      let bit = n >> 1;
      for (; j & bit; bit >>= 1) j ^= bit;
      j ^= bit;
      if (i < j) {
        [re[i], re[j]] = [re[j], re[i]];
        [im[i], im[j]] = [im[j], im[i]];
      }
    }
    for (let size = 2; size <= n; size *= 2) {
      const half = size / 2, stride = n / size;
      for (let k = 0; k < half; k++) {
        const c = COS[k * stride], s = sign * SIN[k * stride];
        for (let i = k; i < n; i += size) {
          const j = i + half, x = re[j] * c - im[j] * s, y = re[j] * s + im[j] * c;
          re[j] = re[i] - x;
          im[j] = im[i] - y;
          re[i] += x;
          im[i] += y;
        }
      }
    }
  }
  const COS = Float64Array.from({ length: FFT }, (_, k) => Math.cos((2 * Math.PI * k) / FFT));
  const SIN = Float64Array.from({ length: FFT }, (_, k) => Math.sin((2 * Math.PI * k) / FFT));
  const HANN = Float64Array.from({ length: FFT }, (_, i) => {
    const at = i - (FFT - WINDOW) / 2;
    return at < 0 || at >= WINDOW ? 0 : 0.5 - 0.5 * Math.cos((2 * Math.PI * at) / WINDOW);
  });

  /** Spectra of a wave whose ends are reflected: { re, im } with [frame * BINS + bin], and the number of frames. */
  function stft(wave, limit) {
    const frames = Math.min(limit, 1 + Math.floor(wave.length / HOP)), last = wave.length - 1;
    const out = { re: new Float64Array(frames * BINS), im: new Float64Array(frames * BINS), frames };
    const re = new Float64Array(FFT), im = new Float64Array(FFT);
    for (let f = 0; f < frames; f++) {
      for (let i = 0; i < FFT; i++) {
        let at = f * HOP + i - FFT / 2;
        if (at < 0) at = -at;
        if (at > last) at = 2 * last - at;
        re[i] = HANN[i] ? wave[at] * HANN[i] : 0;
        im[i] = 0;
      }
      fft(re, im, -1);
      out.re.set(re.subarray(0, BINS), f * BINS);
      out.im.set(im.subarray(0, BINS), f * BINS);
    }
    return out;
  }

  function istft(spectrum) {
    const { frames } = spectrum, total = (frames - 1) * HOP + FFT;
    const wave = new Float64Array(total), weight = new Float64Array(total);
    const re = new Float64Array(FFT), im = new Float64Array(FFT);
    for (let f = 0; f < frames; f++) {
      for (let k = 0; k < BINS; k++) {
        re[k] = spectrum.re[f * BINS + k];
        im[k] = k && k < BINS - 1 ? spectrum.im[f * BINS + k] : 0;
        if (k && k < BINS - 1) [re[FFT - k], im[FFT - k]] = [re[k], -im[k]];
      }
      fft(re, im, 1);
      for (let i = 0; i < FFT; i++) {
        wave[f * HOP + i] += (re[i] / FFT) * HANN[i];
        weight[f * HOP + i] += HANN[i] ** 2;
      }
    }
    return wave.map((x, i) => x / (weight[i] || 1)).subarray(FFT / 2, total - FFT / 2);
  }

  /** Triangular mel filters: [bin * BANDS + band]. */
  const FILTERS = (function () {
    const mel = (f) => 2595 * Math.log10(1 + f / 700);
    const low = mel(LOWEST), high = mel(RATE / 2);
    const points = Array.from({ length: BANDS + 2 }, (_, i) => 700 * (10 ** ((low + ((high - low) * i) / (BANDS + 1)) / 2595) - 1));
    const filters = new Float64Array(BINS * BANDS);
    for (let k = 0; k < BINS; k++) {
      const f = (k * RATE) / 2 / (BINS - 1);
      for (let b = 0; b < BANDS; b++) {
        const up = (f - points[b]) / (points[b + 1] - points[b]), down = (points[b + 2] - f) / (points[b + 2] - points[b + 1]);
        filters[k * BANDS + b] = Math.max(0, Math.min(up, down));
      }
    }
    return filters;
  })();

  /** Log-mel picture [32 * 32] in 0..1 of a word; row 0 is the lowest band (olc_lib LogMel). */
  OLC.picture = function (word, floor = 60) {
    const wave = new Float32Array(Math.max(word.length, FFT));
    for (let i = 0; i < word.length; i++) wave[i] = word[i] - (i ? PREEMPHASIS * word[i - 1] : 0);
    const { re, im, frames } = stft(wave, FRAMES);
    const level = new Float64Array(frames * BANDS);
    let top = -Infinity;
    for (let f = 0; f < frames; f++) {
      const bands = new Float64Array(BANDS);
      for (let k = 0; k < BINS; k++) {
        const power = re[f * BINS + k] ** 2 + im[f * BINS + k] ** 2;
        for (let b = 0; b < BANDS; b++) bands[b] += FILTERS[k * BANDS + b] * power;
      }
      for (let b = 0; b < BANDS; b++) {
        level[f * BANDS + b] = 10 * Math.log10(Math.max(bands[b], 1e-10));
        top = Math.max(top, level[f * BANDS + b]);
      }
    }
    const picture = new Float32Array(SIZE * SIZE), left = Math.floor((FRAMES - frames) / 2);
    for (let f = 0; f < frames; f++) {
      for (let b = 0; b < BANDS; b++) {
        const value = Math.max(0, Math.min(1, (level[f * BANDS + b] - top) / floor + 1));
        picture[(b >> 1) * SIZE + ((f + left) >> 2)] += value / 8;
      }
    }
    return picture;
  };

  /** Sound of a picture, by non-negative least squares and Griffin-Lim (olc_lib LogMel.listen). */
  OLC.listen = function (picture, floor = 60, iterations = 64) {
    const most = Math.max(1e-6, picture.reduce((a, b) => Math.max(a, b), 0));
    const at = (row, column) => picture[row * SIZE + column] / most;
    const place = (i, factor) => {
      const x = Math.max(0, (i + 0.5) / factor - 0.5), low = Math.floor(x);
      return [low, Math.min(SIZE - 1, low + 1), x - low];
    };
    const power = new Float64Array(BANDS * FRAMES); // [frame * BANDS + band]
    for (let b = 0; b < BANDS; b++) {
      const [r, r2, u] = place(b, BANDS / SIZE);
      for (let f = 0; f < FRAMES; f++) {
        const [c, c2, v] = place(f, FRAMES / SIZE);
        const value = (1 - u) * ((1 - v) * at(r, c) + v * at(r, c2)) + u * ((1 - v) * at(r2, c) + v * at(r2, c2));
        power[f * BANDS + b] = value > 0.02 ? 10 ** (((Math.max(0, Math.min(1, value)) - 1) * floor) / 10) : 0;
      }
    }
    const size = new Float64Array(FRAMES * BINS);
    for (let f = 0; f < FRAMES; f++) size.set(spread(power.subarray(f * BANDS, (f + 1) * BANDS)).map(Math.sqrt), f * BINS);
    let wave = griffinLim(size, iterations), before = 0, peak = 1e-9;
    wave = Float32Array.from(wave, (x) => (before = x + PREEMPHASIS * before));
    for (const x of wave) peak = Math.max(peak, Math.abs(x));
    return wave.map((x) => (0.9 * x) / peak);
  };

  // Which spectrum has these band energies? Multiplicative updates (Lee & Seung, 2001).
  function spread(bands) {
    const wanted = new Float64Array(BINS), now = new Float64Array(BANDS);
    const up = (from, to) => {
      for (let k = 0; k < BINS; k++) {
        to[k] = 0;
        for (let b = RANGE[k][0]; b <= RANGE[k][1]; b++) to[k] += FILTERS[k * BANDS + b] * from[b];
      }
    };
    up(bands, wanted);
    const linear = wanted.map((x) => x + 1e-8), back = new Float64Array(BINS);
    for (let turn = 0; turn < 30; turn++) {
      now.fill(0);
      for (let k = 0; k < BINS; k++) {
        for (let b = RANGE[k][0]; b <= RANGE[k][1]; b++) now[b] += FILTERS[k * BANDS + b] * linear[k];
      }
      up(now, back);
      for (let k = 0; k < BINS; k++) linear[k] *= wanted[k] / (back[k] + 1e-12);
    }
    return linear;
  }
  const RANGE = Array.from({ length: BINS }, (_, k) => {
    const row = FILTERS.subarray(k * BANDS, (k + 1) * BANDS), first = row.findIndex((x) => x > 0);
    return first < 0 ? [0, -1] : [first, row.findLastIndex((x) => x > 0)];
  });

  function griffinLim(size, iterations) {
    const momentum = 0.99 / 1.99, count = size.length;
    const phase = { re: size.slice(), im: new Float64Array(count), frames: FRAMES };
    let last = { re: new Float64Array(count), im: new Float64Array(count) };
    for (let turn = 0; turn < iterations; turn++) {
      const rebuilt = stft(istft(phase), FRAMES);
      for (let i = 0; i < count; i++) {
        const re = rebuilt.re[i] - momentum * last.re[i], im = rebuilt.im[i] - momentum * last.im[i];
        const length = Math.hypot(re, im) + 1e-16;
        phase.re[i] = (size[i] * re) / length;
        phase.im[i] = (size[i] * im) / length;
      }
      last = rebuilt;
    }
    return istft(phase);
  }

  if (typeof module !== "undefined") module.exports = OLC;
})(typeof globalThis !== "undefined" ? globalThis : this);
