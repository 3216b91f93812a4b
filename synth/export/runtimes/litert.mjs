// run.mjs MODEL SHAPE INPUTS OUTPUTS: inputs one after the other, as the model's own types and shapes want them, through
// LiteRT, whose WebAssembly is made for browsers and told here where its files lie.
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const folder = resolve(process.env.SYNTH_RUNTIMES ?? ".");
const packages = createRequire(join(folder, "package.json"));
globalThis.self = globalThis;
globalThis.importScripts = (path) => {
  const script = `${readFileSync(path, "utf8")}\nreturn ModuleFactory;`;
  globalThis.ModuleFactory = new Function("require", "__dirname", "__filename", script)(packages, dirname(path), path);
};
// Its JavaScript lists three types of tensors, its WebAssembly knows more: int8 joins the list as that is frozen.
const freeze = Object.freeze;
Object.freeze = (value) => {
  if (Array.isArray(value) && value[0]?.typedArrayConstructor)
    value.push({ dtype: "int8", typedArrayConstructor: Int8Array, elementType: 9 });
  return freeze(value);
};
let litert, root;
try {
  root = dirname(dirname(packages.resolve("@litertjs/core")));
  litert = await import(pathToFileURL(join(root, "dist/index.js")));
} catch (fault) {
  console.error(`@litertjs/core is not to be found from ${folder}: ${fault.code}`);
  process.exit(1);
}
Object.freeze = freeze;
console.log = console.info = console.warn = () => {};
const [path, , inputs, outputs] = process.argv.slice(2);
await litert.loadLiteRt(`${join(root, "wasm")}/`);
const model = await litert.loadAndCompile(readFileSync(path), { accelerator: "wasm" });
const types = { int8: Int8Array, float32: Float32Array };
const bytes = readFileSync(inputs);
writeFileSync(outputs, "");
for (let at = 0; at < bytes.length; ) {
  const tensors = model.getInputDetails().map(({ shape, dtype }) => {
    const size = shape.reduce((product, extent) => product * extent, types[dtype].BYTES_PER_ELEMENT);
    const part = bytes.buffer.slice(bytes.byteOffset + at, bytes.byteOffset + at + size);
    at += size;
    return new litert.Tensor(new types[dtype](part), [...shape]);
  });
  const [result] = await model.run(tensors);
  const data = result.toTypedArray();
  appendFileSync(outputs, Buffer.from(data.buffer, data.byteOffset, data.byteLength));
  for (const tensor of [...tensors, result]) tensor.delete();
}
