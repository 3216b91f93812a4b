// Running a quantised network: integers carried in float32, where LibTorch's fast kernels are exact below 2^24.
#include <ATen/ATen.h>

#include "evaluators/quantisation.h"

namespace evaluators {

using search_space::Op;
using torch::Tensor;

Tensor QuantisedNetwork::forward(const Tensor& images) const {
  at::NoGradGuard no_grad;
  if (precision_.activation_bits != 8) return folded_.forward(images);
  constexpr int chunk = 64;  // activations of so few images stay in the processor's cache
  std::vector<Tensor> logits;
  for (const Tensor& part : images.split(chunk)) logits.push_back(run_integers(part));
  return at::cat(logits);
}

Tensor QuantisedNetwork::run_integers(const Tensor& images) const {
  const auto& nodes = graph().nodes;
  std::vector<int> readers = graph().use_counts();
  std::vector<Tensor> values(nodes.size());
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const auto [first, second] = nodes[i].inputs;
    values[i] =
        run_integer(static_cast<int>(i), first < 0 ? images : values[first], second < 0 ? Tensor() : values[second]);
    for (int input : {first, second})
      if (input >= 0 && --readers[input] == 0) values[input] = Tensor();
  }
  const Tensor logits = values.back().flatten(1);
  return logits_ >= 0 ? logits : logits * activations_.rbegin()->second.scale;
}

// Of the real values (in units of the output's scale) of one primitive, in place.
Tensor QuantisedNetwork::requantise(int node, Tensor real) const {
  const int zero = activations_.at(node).zero_point;
  return real.round_().clamp_(-128 - zero, 127 - zero);
}

Tensor QuantisedNetwork::run_integer(int node, const Tensor& x, const Tensor& y) const {
  const auto multiplied = [this, node](const Tensor& value, int index) {
    return value * multiplier_tensors_.at(node)[index];
  };
  switch (graph().nodes[node].op) {
    case Op::input:
      return requantise(node, x / activations_.at(node).scale);
    case Op::conv2d:
    case Op::linear: {
      Tensor sum = folded_.run_node(node, x, y);
      if (!sum.device().is_cpu()) sum.round_();  // other devices' kernels may transform the sums (Winograd)
      sum.mul_(multiplier_tensors_.at(node).view({1, -1, 1, 1}));
      return node == logits_ ? sum : requantise(node, sum);
    }
    case Op::scale:
      return requantise(node, folded_.run_node(node, x, y).mul_(multiplier_tensors_.at(node)[0]));
    case Op::add:
      return requantise(node, multiplied(x, 0).add_(multiplied(y, 1)));
    case Op::multiply:
      return requantise(node, (x * y).mul_(multiplier_tensors_.at(node)[0]));
    case Op::concat:
      return requantise(node, at::cat({multiplied(x, 0), multiplied(y, 1)}, 1));
    case Op::global_avg_pool:
      return requantise(node, x.sum({2, 3}, /*keepdim=*/true).mul_(multiplier_tensors_.at(node)[0]));
    case Op::sigmoid:
    case Op::hard_sigmoid:
    case Op::hard_swish: {
      const int zero = activations_.at(graph().nodes[node].inputs[0]).zero_point;
      const Tensor index = (x + (zero + 128)).to(torch::kLong).permute({0, 2, 3, 1}).contiguous();
      return table_tensors_.at(node).index_select(0, index.flatten()).view(index.sizes()).permute({0, 3, 1, 2});
    }
    case Op::avg_pool:
      return folded_.run_node(node, x, y).round_();
    default:
      return folded_.run_node(node, x, y);
  }
}

}  // namespace evaluators
