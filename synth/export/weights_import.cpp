// Names and types back to this tool's own.
#include "synth/export/weights_import.h"

#include <ATen/ATen.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "evaluators/network.h"
#include "evaluators/weights.h"
#include "search_space/errors.h"
#include "search_space/lowering.h"

namespace synth {
namespace {

using search_space::InputError;
using search_space::printable;

using Tensors = std::map<std::string, torch::Tensor>;

std::string shape_of(const torch::Tensor& tensor) {
  return fmt::format("[{}]", fmt::join(tensor.sizes().vec(), ", "));
}

// As attribute() of the Python file spells it: "stage1_slot2_vac_down.weight".
std::string attribute(const std::string& name) {
  const auto dot = name.rfind('.');
  std::string layer = name.substr(0, dot);
  for (char& c : layer)
    if (c == '.') c = '_';
  return layer + name.substr(dot);
}

// Without what wrappers put before every name.
std::string unwrapped(std::string name) {
  for (bool changed = true; changed;) {
    changed = false;
    for (const std::string prefix : {"module.", "_orig_mod.", "model."})
      if (name.starts_with(prefix)) {
        name.erase(0, prefix.size());
        changed = true;
      }
  }
  return name;
}

torch::Tensor converted(const torch::Tensor& tensor, const torch::Tensor& expected, const std::string& place) {
  if (!tensor.is_floating_point())
    throw InputError(
        fmt::format("{} holds {}; expected are floating-point numbers", place, c10::toString(tensor.scalar_type())));
  if (tensor.sizes() != expected.sizes())
    throw InputError(
        fmt::format("{} has shape {}; the architecture needs {}", place, shape_of(tensor), shape_of(expected)));
  const torch::Tensor result = tensor.to(torch::kFloat32).contiguous();
  if (!at::isfinite(result).all().item<bool>())
    throw InputError(fmt::format("{} holds numbers that are not finite in float32; train the network again", place));
  return result;
}

}  // namespace

std::string import_weights(const search_space::Architecture& architecture, const std::string& blob,
                           const std::string& source) {
  const evaluators::Network network(search_space::lower(architecture), /*seed=*/0);
  const Tensors expected = network.named_tensors();
  std::map<std::string, std::string> own_name;  // by both spellings
  for (const auto& [name, tensor] : expected) own_name[name] = own_name[attribute(name)] = name;
  Tensors found;
  for (const auto& [given, tensor] : evaluators::from_safetensors(blob, source)) {
    const std::string name = unwrapped(given), place = fmt::format("{}: tensor '{}'", source, printable(given));
    if (name.ends_with(".num_batches_tracked")) continue;
    const auto known = own_name.find(name);
    if (known == own_name.end())
      throw InputError(
          fmt::format("{} {} is none of the architecture's {} tensors", place, shape_of(tensor), expected.size()));
    if (!found.emplace(known->second, converted(tensor, expected.at(known->second), place)).second)
      throw InputError(fmt::format("{}: '{}' is given twice", place, known->second));
  }
  for (const auto& [name, tensor] : expected)
    if (!found.contains(name))
      throw InputError(fmt::format("{}: tensor '{}' {} is missing", source, name, shape_of(tensor)));
  return evaluators::to_safetensors(found);
}

}  // namespace synth
