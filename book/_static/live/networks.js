// The trained networks in the page: layers on typed arrays, Max M % at the ends, categories of the code.
(function (root) {
  "use strict";

  const OLC = (root.OLC = root.OLC || {});
  OLC.models = OLC.models || {};

  /** A model file calls this; its weights are unpacked at the first use. */
  OLC.register = function (name, model) {
    OLC.models[name] = model;
  };

  function unpack(model) {
    if (model.ready) return;
    const weights = Float32Array.from(new Int16Array(OLC.bytes(model.weights).buffer), (x) => x / 32767);
    const exact = new Float32Array(OLC.bytes(model.exact).buffer);
    let w = 0, e = 0;
    for (const layer of model.layers) {
      if (!layer.weights) continue;
      const { out } = layer, inner = layer.inner || 1;
      layer.weight = weights.slice(w, (w += layer.weights));
      const scale = exact.subarray(e, (e += out));
      layer.bias = exact.subarray(e, (e += out));
      // Stored relative to each channel's largest weight; "inner" numbers follow each other in one channel.
      for (let i = 0; i < layer.weight.length; i++) layer.weight[i] *= scale[Math.floor(i / inner) % out];
    }
    model.weights = model.exact = null;
    model.ready = true;
  }

  const kinds = {
    linear(x, { weight, bias, out }) {
      const count = x.length, y = new Float64Array(out);
      for (let o = 0; o < out; o++) {
        let sum = bias[o];
        for (let i = 0; i < count; i++) sum += weight[o * count + i] * x[i];
        y[o] = sum;
      }
      return y;
    },

    conv(x, { weight, bias, channels, out, kernel, stride, padding, size, made }) {
      const wide = size + 2 * padding, padded = new Float64Array(channels * wide * wide);
      for (let c = 0; c < channels; c++) {
        for (let r = 0; r < size; r++) {
          padded.set(x.subarray((c * size + r) * size, (c * size + r + 1) * size), (c * wide + r + padding) * wide + padding);
        }
      }
      const y = new Float64Array(out * made * made);
      for (let o = 0, w = 0; o < out; o++) {
        y.fill(bias[o], o * made * made, (o + 1) * made * made);
        for (let c = 0; c < channels; c++) {
          for (let u = 0; u < kernel; u++) {
            for (let v = 0; v < kernel; v++) {
              const factor = weight[w++];
              for (let r = 0, to = o * made * made; r < made; r++) {
                let from = (c * wide + r * stride + u) * wide + v;
                for (let k = 0; k < made; k++, from += stride) y[to++] += factor * padded[from];
              }
            }
          }
        }
      }
      return y;
    },

    transposed(x, { weight, bias, channels, out, kernel, stride, padding, size, made }) {
      // Onto a field with room around it, from which the middle is cut.
      const wide = made + 2 * padding + kernel, field = new Float64Array(out * wide * wide);
      for (let c = 0, w = 0; c < channels; c++) {
        for (let o = 0; o < out; o++) {
          for (let u = 0; u < kernel; u++) {
            for (let v = 0; v < kernel; v++) {
              const factor = weight[w++];
              for (let r = 0, from = c * size * size; r < size; r++) {
                let to = (o * wide + r * stride + u) * wide + v;
                for (let k = 0; k < size; k++, to += stride) field[to] += factor * x[from++];
              }
            }
          }
        }
      }
      const y = new Float64Array(out * made * made);
      for (let o = 0, to = 0; o < out; o++) {
        for (let r = 0; r < made; r++) {
          for (let k = 0; k < made; k++) y[to++] = field[(o * wide + r + padding) * wide + k + padding] + bias[o];
        }
      }
      return y;
    },

    relu: (x) => x.map((v) => (v > 0 ? v : 0)),
    sigmoid: (x) => x.map((v) => 1 / (1 + Math.exp(-v))),
  };

  /** Max M % normalization: divide by the mean of the largest m percent of amplitudes. */
  OLC.maxM = function (x, m) {
    const sorted = Float64Array.from(x, Math.abs).sort(), exact = (x.length * m) / 100;
    const half = Math.abs(exact % 1) === 0.5; // Python rounds halves to the even number
    const count = Math.max(1, half ? 2 * Math.round(exact / 2) : Math.round(exact));
    let sum = 0;
    for (let i = sorted.length - count; i < sorted.length; i++) sum += sorted[i];
    const scale = sum / count > 1.2e-38 ? sum / count : 1;
    return Float64Array.from(x, (v) => v / scale);
  };

  function run(name, x) {
    const model = OLC.models[name];
    if (!model) throw new Error(`the model ${name} is not loaded`);
    unpack(model);
    for (const layer of model.layers) x = kinds[layer.kind](x, layer);
    return x;
  }

  /** A signal to its code, normalized by category. */
  OLC.encode = function (name, signal) {
    const { m, space } = OLC.models[name], code = run(name, OLC.maxM(signal, m));
    for (const { start, size, free } of OLC.blocks(space)) {
      if (free) continue;
      let length = 0;
      for (let i = start; i < start + size; i++) length += code[i] ** 2;
      length = Math.max(Math.sqrt(length), 1e-6);
      for (let i = start; i < start + size; i++) code[i] = size === 1 ? 1 : code[i] / length;
    }
    return code;
  };

  /** A code to its signal. */
  OLC.decode = function (name, code) {
    return OLC.maxM(run(name, Float64Array.from(code)), OLC.models[name].m);
  };

  /** The categories of a code with their places: [{ name, start, size, free }]. */
  OLC.blocks = function (space) {
    let start = 0;
    return space.map(([name, size]) => {
      const block = { name, start, size, free: name === "free" };
      start += size;
      return block;
    });
  };

  /** One category of a code. */
  OLC.block = function (code, space, name) {
    const { start, size } = OLC.blocks(space).find((block) => block.name === name);
    return Array.from(code).slice(start, start + size);
  };

  /** A code for `space` from values by category; a category of one is 1, one that is not given is 0. */
  OLC.compose = function (space, given) {
    return space.flatMap(([name, size]) => given[name] || new Array(size).fill(size === 1 && name !== "free" ? 1 : 0));
  };

  /** Which digit a digit block names: { digit, value, second, margin }. */
  OLC.verdict = function (block) {
    const order = block.map((_, i) => i).sort((a, b) => block[b] - block[a]);
    const [digit, second] = order;
    return { digit, second, value: block[digit], margin: block[digit] - block[second] };
  };

  /** A recording { rate, channels } to { word, picture, code }. */
  OLC.hear = function (recording) {
    const word = OLC.findWord(OLC.toWave(recording)), picture = OLC.picture(word, OLC.models.voice_encoder.floor);
    return { word, picture, code: OLC.encode("voice_encoder", picture) };
  };

  /** A digit block to a drawing [28 * 28]. */
  OLC.draw = function (digit) {
    return OLC.decode("image_decoder", OLC.compose(OLC.models.image_decoder.space, { digit }));
  };
})(typeof globalThis !== "undefined" ? globalThis : this);
