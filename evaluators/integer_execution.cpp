// Sums by LibTorch, everything else by the executor.
#include "evaluators/integer_execution.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cstdlib>

#include "evaluators/convolution.h"

namespace evaluators {

using search_space::Node;
using search_space::Op;
using torch::Tensor;
using Values = std::vector<std::int8_t>;

namespace {

bool is_layer(Op op) {
  return op == Op::conv2d || op == Op::linear;
}

// The largest magnitude that a sum of the layer, or a part of it, can have.
std::int64_t largest_sum(const IntegerNode& node, int channels) {
  const std::size_t k = node.weight.size() / static_cast<std::size_t>(channels);
  std::int64_t largest = 0;
  for (int c = 0; c < channels; ++c) {
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < k; ++i) sum += std::abs(int{node.weight[c * k + i]}) * 255;
    largest = std::max(largest, sum);
  }
  return largest;
}

Tensor weight_tensor(const search_space::Graph& graph, const Node& node, const IntegerNode& own) {
  const auto type = largest_sum(own, node.output.channels) < std::int64_t{1} << 24 ? at::kFloat : at::kDouble;
  return at::from_blob(const_cast<std::int8_t*>(own.weight.data()),
                       {node.output.channels, node.kernel, node.kernel, graph.input_channels(node) / node.groups},
                       at::kChar)
      .to(type)
      .permute({0, 3, 1, 2});  // channels last in memory
}

// The integers of every image, less the zero point: [N, channels, height, width], channels last.
Tensor centred(const std::vector<Values>& images, const search_space::Shape& shape, int zero, at::ScalarType type) {
  std::vector<Tensor> parts;
  for (const Values& image : images)
    parts.push_back(at::from_blob(const_cast<std::int8_t*>(image.data()),
                                  {1, shape.height, shape.width, shape.channels}, at::kChar));
  return at::cat(parts).to(type).sub_(zero).permute({0, 3, 1, 2});
}

template <typename Real>
Values requantised(const Real* sums, std::size_t count, const IntegerNode& own) {
  Values result(count);
  const std::size_t channels = own.multiplier.size();
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t c = i % channels;
    const std::int32_t sum = static_cast<std::int32_t>(sums[i]) + own.bias[c];
    result[i] = static_cast<std::int8_t>(std::clamp(multiply(sum, own.multiplier[c]) + own.zero_point, -128, 127));
  }
  return result;
}

}  // namespace

IntegerExecution::IntegerExecution(IntegerNetwork network) : network_(std::move(network)) {
  for (int i = 1; i <= network_.logits(); ++i)
    if (is_layer(network_.graph.nodes[i].op))
      weights_[i] = weight_tensor(network_.graph, network_.graph.nodes[i], network_.nodes[i]);
}

std::vector<Values> IntegerExecution::layer(int index, const std::vector<Values>& inputs) const {
  const Node& node = network_.graph.nodes[index];
  const Tensor& weight = weights_.at(index);
  const Tensor x = centred(inputs, network_.graph.nodes[node.inputs[0]].output,
                           network_.nodes[node.inputs[0]].zero_point, weight.scalar_type());
  const Tensor sums =
      convolution(x, weight, {}, {node.stride, node.padding, node.groups}).permute({0, 2, 3, 1}).contiguous();
  const auto count = static_cast<std::size_t>(node.output.elements());
  std::vector<Values> result;
  for (std::size_t i = 0; i < inputs.size(); ++i)
    result.push_back(sums.scalar_type() == at::kFloat
                         ? requantised(sums.data_ptr<float>() + i * count, count, network_.nodes[index])
                         : requantised(sums.data_ptr<double>() + i * count, count, network_.nodes[index]));
  return result;
}

std::vector<Values> IntegerExecution::run(const std::vector<Values>& images) const {
  const at::NoGradGuard no_grad;
  std::vector<std::vector<Values>> values(network_.graph.nodes.size());
  std::vector<int> readers = network_.graph.use_counts();
  values[0] = images;
  const Values none;
  for (int i = 1; i <= network_.logits(); ++i) {
    const auto [first, second] = network_.graph.nodes[i].inputs;
    if (is_layer(network_.graph.nodes[i].op)) {
      values[i] = layer(i, values[first]);
    } else {
      for (std::size_t image = 0; image < images.size(); ++image)
        values[i].push_back(network_.run_node(i, values[first][image], second < 0 ? none : values[second][image]));
    }
    for (const int input : {first, second})
      if (input >= 0 && --readers[input] == 0) values[input] = {};
  }
  return values[network_.logits()];
}

std::vector<std::int32_t> IntegerExecution::predictions(const ImageSet& images, const DataSet& data) const {
  constexpr int at_once = 64;
  std::vector<std::int32_t> classes;
  for (int first = 0; first < images.size(); first += at_once) {
    std::vector<Values> batch;
    for (int i = first; i < std::min(first + at_once, images.size()); ++i)
      batch.push_back(quantised_image(network_, data, images, i));
    for (const Values& logits : run(batch))
      classes.push_back(static_cast<std::int32_t>(std::max_element(logits.begin(), logits.end()) - logits.begin()));
  }
  return classes;
}

}  // namespace evaluators
