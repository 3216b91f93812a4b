// Named tensors as a safetensors blob (little-endian, JSON header): what the database stores and `synth export` writes.
#pragma once

#include <torch/types.h>

#include <map>
#include <string>

namespace evaluators {

// `metadata`: texts by name, the header's "__metadata__".
std::string to_safetensors(const std::map<std::string, torch::Tensor>& tensors,
                           const std::map<std::string, std::string>& metadata = {});
// InputError naming `source` and the byte where it is malformed.
std::map<std::string, torch::Tensor> from_safetensors(const std::string& blob, const std::string& source);
// Empty where there is none; the same errors.
std::map<std::string, std::string> safetensors_metadata(const std::string& blob, const std::string& source);

}  // namespace evaluators
