// Parameters copied out of their tensors.
#include "evaluators/float_conversion.h"

#include <ATen/ATen.h>

#include "evaluators/folded_network.h"
#include "evaluators/measuring.h"
#include "evaluators/network.h"
#include "search_space/errors.h"
#include "search_space/lowering.h"

namespace evaluators {
namespace {

std::vector<float> values(const torch::Tensor& tensor) {
  if (!tensor.defined()) return {};
  const auto plain = tensor.detach().to(torch::kCPU, torch::kFloat32).contiguous();
  return {plain.data_ptr<float>(), plain.data_ptr<float>() + plain.numel()};
}

}  // namespace

Network finite_network(const search_space::Architecture& architecture, const std::string& weights,
                       const std::string& source) {
  Network network(search_space::lower(architecture), /*seed=*/0);
  load_weights(network, weights, source);
  for (const auto& [name, tensor] : network.named_tensors())
    if (!at::isfinite(tensor).all().item<bool>())
      throw search_space::InputError(source + ": tensor '" + name +
                                     "' holds numbers that are not finite; train the network again");
  return network;
}

FloatNetwork float_network(const Network& network) {
  const FoldedNetwork folded(network);
  FloatNetwork result{folded.graph(), {}};
  for (int i = 0; i < static_cast<int>(result.graph.nodes.size()); ++i)
    result.nodes.push_back({values(folded.weight(i)), values(folded.bias(i))});
  return result;
}

}  // namespace evaluators
