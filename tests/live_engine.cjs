// The page's engine under Node: reads recordings named on the command line, prints what it makes of them as JSON.
const fs = require("fs"), path = require("path"), vm = require("vm");
const [folder, ...files] = process.argv.slice(2);
for (const name of ["engine", "networks", ...fs.readdirSync(path.join(folder, "models")).map((f) => `models/${f.slice(0, -3)}`)]) {
  vm.runInThisContext(fs.readFileSync(path.join(folder, `${name}.js`), "utf8"), { filename: name });
}
const references = {};
for (const [name, model] of Object.entries(OLC.models)) {
  if (!model.reference) continue;
  const made = (name.endsWith("encoder") ? OLC.encode : OLC.decode)(name, Float64Array.from(model.reference.input));
  references[name] = Math.max(...made.map((x, i) => Math.abs(x - model.reference.output[i])));
}
const recordings = files.map((file) => {
  const bytes = fs.readFileSync(file);
  try {
    const recording = OLC.readWav(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
    if (!recording) return { fault: "no WAV" };
    const { word, picture, code } = OLC.hear(recording);
    const drawing = OLC.draw(OLC.block(code, OLC.models.voice_encoder.space, "digit"));
    const said = OLC.decode("voice_decoder", code);
    const sound = files.length < 5 ? OLC.listen(said) : [];
    return Object.fromEntries(Object.entries({ word, picture, code, drawing, said, sound }).map(([k, v]) => [k, Array.from(v)]));
  } catch (error) {
    if (!(error instanceof OLC.Fault)) throw error;
    return { fault: error.message };
  }
});
console.log(JSON.stringify({ references, recordings }));
