// Named tensors as a safetensors blob (little-endian, JSON header): what the database stores and `synth export` writes.
#pragma once

#include <torch/types.h>

#include <map>
#include <string>

namespace evaluators {

std::string to_safetensors(const std::map<std::string, torch::Tensor>& tensors);
// InputError naming `source` and the byte where it is malformed.
std::map<std::string, torch::Tensor> from_safetensors(const std::string& blob, const std::string& source);

}  // namespace evaluators
