// run.mjs MODEL SHAPE INPUTS OUTPUTS: float32 inputs of SHAPE, one after the other, through ONNX Runtime.
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";

const folder = resolve(process.env.SYNTH_RUNTIMES ?? ".");
let ort;
try {
  ort = createRequire(join(folder, "package.json"))("onnxruntime-node");
} catch (fault) {
  console.error(`onnxruntime-node is not to be found from ${folder}: ${fault.code}`);
  process.exit(1);
}
const [model, shape, inputs, outputs] = process.argv.slice(2);
const dims = shape.split(",").map(Number);
const size = dims.reduce((product, extent) => product * extent, 1);
const bytes = readFileSync(inputs);
const values = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));

const session = await ort.InferenceSession.create(model, { intraOpNumThreads: 1, interOpNumThreads: 1 });
writeFileSync(outputs, "");
for (let at = 0; at < values.length; at += size) {
  const image = new ort.Tensor("float32", values.slice(at, at + size), [1, ...dims]);
  const { data } = Object.values(await session.run({ [session.inputNames[0]]: image }))[0];
  appendFileSync(outputs, Buffer.from(data.buffer, data.byteOffset, data.byteLength));
}
