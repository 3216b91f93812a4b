// Weights reordered to channels-last.
#include "evaluators/integer_conversion.h"

#include <ATen/ATen.h>

#include "evaluators/float_conversion.h"
#include "evaluators/network.h"
#include "evaluators/quantisation.h"
#include "evaluators/training.h"

namespace evaluators {

namespace {

constexpr int logit_images = 512;  // of the training split, which is in random order

// Affine int8 over all logits seen.
void choose_logit_range(const QuantisedNetwork& network, const DataSet& data, IntegerNode& logits) {
  const at::NoGradGuard no_grad;
  const int count = std::min(logit_images, data.train.size());
  const auto values = network.forward(to_batch(data.train, 0, count, data, torch::kCPU));
  const double low = std::min(0.0, values.min().item<double>()), high = std::max(0.0, values.max().item<double>());
  logits.scale = high > low ? static_cast<float>((high - low) / 255) : 1.0f;
  logits.zero_point = std::clamp(static_cast<int>(std::round(-128 - low / logits.scale)), -128, 127);
}

void fill_layer(const QuantisedLayer& layer, IntegerNode& node) {
  const auto ordered = (layer.weight.dim() == 4 ? layer.weight.permute({0, 2, 3, 1}) : layer.weight).contiguous();
  const auto* weight = ordered.data_ptr<std::int8_t>();
  node.weight.assign(weight, weight + ordered.numel());
  node.weight_scale = layer.weight_scale;
  if (!layer.integer_bias.defined()) return;
  const auto bias = layer.integer_bias.contiguous();
  node.bias.assign(bias.data_ptr<std::int32_t>(), bias.data_ptr<std::int32_t>() + bias.numel());
}

}  // namespace

IntegerNetwork integer_network(const Network& network, const DataSet& data) {
  const QuantisedNetwork quantised(network, {8, 8}, data);
  IntegerNetwork result{quantised.graph(), std::vector<IntegerNode>(quantised.graph().nodes.size())};
  for (const auto& [index, range] : quantised.activations()) {
    result.nodes[index].scale = range.scale;
    result.nodes[index].zero_point = range.zero_point;
  }
  choose_logit_range(quantised, data, result.nodes[result.logits()]);
  for (const auto& [index, layer] : quantised.layers()) fill_layer(layer, result.nodes[index]);
  fill_multipliers(result);
  return result;
}

IntegerNetwork integer_network(const search_space::Architecture& architecture, const std::string& weights,
                               const std::string& source, const DataSet& data) {
  return integer_network(finite_network(architecture, weights, source), data);
}

}  // namespace evaluators
