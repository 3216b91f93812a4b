// Folding: conv(x) w, then gamma (y - mean) / sqrt(var + eps) + beta, is one convolution with scaled weights and a
// bias.
#include "evaluators/folded_network.h"

#include <ATen/ATen.h>

#include <utility>

namespace evaluators {

using search_space::Node;
using search_space::Op;
using torch::Tensor;

FoldedNetwork::FoldedNetwork(const Network& network) : network_(network) {
  at::NoGradGuard no_grad;
  auto& nodes = network_.graph_.nodes;
  const std::vector<int> readers = network_.graph_.use_counts();
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    auto& tensors = network_.tensors_[i];
    Node& node = nodes[i];
    if (node.op != Op::batch_norm) {
      if (tensors.weight.defined()) tensors.weight = tensors.weight.detach().clone();
      if (tensors.bias.defined()) tensors.bias = tensors.bias.detach().clone();
      if (node.op == Op::conv2d && !tensors.bias.defined())
        tensors.bias = at::zeros({node.output.channels}, tensors.weight.options());
      node.bias = node.op == Op::conv2d || node.op == Op::linear;
      continue;
    }
    const Tensor factor = tensors.weight.detach() / at::sqrt(tensors.running_var + batch_norm_epsilon);
    const Tensor shift = tensors.bias.detach() - tensors.running_mean * factor;
    const int from = node.inputs[0];
    // Only a convolution read by nothing but this batch norm may be rescaled.
    if (nodes[from].op == Op::conv2d && readers[from] == 1) {
      auto& convolution = network_.tensors_[from];
      convolution.weight.mul_(factor.view({-1, 1, 1, 1}));
      convolution.bias = convolution.bias * factor + shift;
      tensors = {};
      node.op = Op::identity;
    } else {
      tensors = {factor.view({-1, 1, 1, 1}), shift, {}, {}};
      node.op = Op::conv2d;
      node.groups = node.output.channels;
      node.bias = true;
    }
  }
  if (device().is_cpu()) network_.set_memory_format_channels_last();
}

void FoldedNetwork::set_parameters(int node, Tensor weight, Tensor bias) {
  network_.tensors_[node].weight = std::move(weight);
  network_.tensors_[node].bias = std::move(bias);
}

Tensor FoldedNetwork::run_node(int node, const Tensor& first, const Tensor& second) const {
  return network_.run_node(node, first, second, /*training=*/false);
}

Tensor FoldedNetwork::forward(const Tensor& images, const Network::Hook& hook) const {
  at::NoGradGuard no_grad;
  return network_.forward_with_hook(images, /*training=*/false, hook);
}

std::vector<Tensor> FoldedNetwork::all_outputs(const Tensor& images) const {
  std::vector<Tensor> outputs(graph().nodes.size());
  forward(images, [&outputs](int node, Tensor& value) { outputs[node] = value; });
  return outputs;
}

Tensor FoldedNetwork::logits_with(std::vector<Tensor> outputs, int changed, Tensor value) const {
  at::NoGradGuard no_grad;
  const auto& nodes = graph().nodes;
  outputs[changed] = std::move(value);
  std::vector<bool> stale(nodes.size(), false);
  stale[changed] = true;
  for (std::size_t i = changed + 1; i < nodes.size(); ++i) {
    const auto [first, second] = nodes[i].inputs;
    stale[i] = (first >= 0 && stale[first]) || (second >= 0 && stale[second]);
    if (stale[i]) outputs[i] = run_node(static_cast<int>(i), outputs[first], second < 0 ? Tensor() : outputs[second]);
  }
  return outputs.back().flatten(1);
}

}  // namespace evaluators
