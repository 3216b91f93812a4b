// Exported models run by the programs that their users run them with: what --verify compares with.
#pragma once

#include <string>
#include <vector>

namespace synth {

struct Runtime {
  std::string name;     // "ONNX Runtime"
  std::string program;  // "node", by PATH; the environment variable SYNTH_PYTHON names another "python3"
  std::string script;   // of synth/export/runtimes, without extension
  std::string install;  // what to do where it is missing
};

const Runtime& onnx_runtime();
const Runtime& lite_rt();
const Runtime& pytorch();  // for Python files and TorchScript

// Outputs of `model` for `count` inputs, one after the other, as raw little-endian numbers like `inputs`. `shape` is
// that of one input, in the model's layout. EnvironmentError: the runtime is missing (with what to install), or fails.
std::string run_model(const Runtime& runtime, const std::string& model, const std::vector<int>& shape,
                      const std::string& inputs);

// The same in float32.
std::vector<float> run_model(const Runtime& runtime, const std::string& model, const std::vector<int>& shape,
                             const std::vector<float>& inputs);

}  // namespace synth
