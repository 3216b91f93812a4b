// Tensors in, tensors out; factors and tables follow from them.
#include "evaluators/integer_file.h"

#include <ATen/ATen.h>

#include <cmath>

#include "evaluators/folded_network.h"
#include "evaluators/weights.h"
#include "search_space/errors.h"

namespace evaluators {

using search_space::Node;
using search_space::Op;

namespace {

template <typename Number>
torch::Tensor tensor_of(const std::vector<Number>& values, torch::ScalarType type) {
  return at::from_blob(const_cast<Number*>(values.data()), {static_cast<std::int64_t>(values.size())},
                       at::TensorOptions().dtype(type))
      .clone();
}

class Reader {
 public:
  Reader(const std::string& blob, std::string source)
      : source_(std::move(source)), tensors_(from_safetensors(blob, source_)) {}

  template <typename Number>
  std::vector<Number> take(const std::string& name, torch::ScalarType type, std::int64_t count) {
    const auto found = tensors_.find(name);
    if (found == tensors_.end())
      throw search_space::InputError(source_ + ": tensor '" + name + "' is missing; it must hold " +
                                     std::to_string(count) + " numbers");
    const torch::Tensor tensor = found->second;
    if (tensor.scalar_type() != type || tensor.dim() != 1 || tensor.numel() != count)
      throw search_space::InputError(source_ + ": tensor '" + name + "' has shape " + c10::str(tensor.sizes()) +
                                     " of " + c10::toString(tensor.scalar_type()) + "; expected [" +
                                     std::to_string(count) + "] of " + c10::toString(type));
    tensors_.erase(found);
    return {tensor.data_ptr<Number>(), tensor.data_ptr<Number>() + count};
  }

  // Positive and finite.
  std::vector<float> scales(const std::string& name, std::int64_t count) {
    auto values = take<float>(name, torch::kFloat32, count);
    for (const float value : values)
      if (!(value > 0) || !std::isfinite(value))
        fail(name, "a scale of " + std::to_string(value) + "; allowed are positive numbers");
    return values;
  }

  void read_range(const std::string& name, IntegerNode& node) {
    const auto values = take<float>(name, torch::kFloat32, 2);
    if (!(values[0] > 0) || !std::isfinite(values[0]))
      fail(name, "a scale of " + std::to_string(values[0]) + "; allowed are positive numbers");
    if (!(values[1] >= -128 && values[1] <= 127) || values[1] != std::floor(values[1]))
      fail(name, "a zero point of " + std::to_string(values[1]) + "; allowed are whole numbers from -128 to 127");
    node.scale = values[0];
    node.zero_point = static_cast<int>(values[1]);
  }

  void require_empty() const {
    if (!tensors_.empty())
      throw search_space::InputError(source_ + ": tensor '" + tensors_.begin()->first + "' belongs to no layer");
  }

 private:
  [[noreturn]] void fail(const std::string& name, const std::string& problem) const {
    throw search_space::InputError(source_ + ": tensor '" + name + "': " + problem);
  }

  std::string source_;
  std::map<std::string, torch::Tensor> tensors_;
};

void read_node(Reader& reader, const search_space::Graph& graph, int index, IntegerNode& node) {
  const Node& primitive = graph.nodes[index];
  const std::string name = graph.full_name(index);
  reader.read_range(name + ".range", node);
  const std::int64_t channels = primitive.output.channels;
  if (primitive.op == Op::scale) {
    node.weight = reader.take<std::int8_t>(name + ".weight", torch::kInt8, channels);
    node.weight_scale = reader.scales(name + ".weight_scale", 1);
  }
  if (primitive.op != Op::conv2d && primitive.op != Op::linear) return;
  const std::int64_t inputs = graph.input_channels(primitive) / primitive.groups,
                     area = std::int64_t{primitive.kernel} * primitive.kernel;
  node.weight = reader.take<std::int8_t>(name + ".weight", torch::kInt8, channels * inputs * area);
  node.bias = reader.take<std::int32_t>(name + ".bias", torch::kInt32, channels);
  node.weight_scale = reader.scales(name + ".weight_scale", channels);
}

}  // namespace

std::string to_safetensors(const IntegerNetwork& network) {
  std::map<std::string, torch::Tensor> tensors;
  for (int i = 0; i <= network.logits(); ++i) {
    if (network.graph.nodes[i].op == Op::identity) continue;  // its input's, whose name it bears
    const IntegerNode& node = network.nodes[i];
    const std::string name = network.graph.full_name(i);
    tensors[name + ".range"] =
        tensor_of(std::vector<float>{node.scale, static_cast<float>(node.zero_point)}, torch::kFloat32);
    if (!node.weight.empty()) tensors[name + ".weight"] = tensor_of(node.weight, torch::kInt8);
    if (!node.bias.empty()) tensors[name + ".bias"] = tensor_of(node.bias, torch::kInt32);
    if (!node.weight_scale.empty()) tensors[name + ".weight_scale"] = tensor_of(node.weight_scale, torch::kFloat32);
  }
  return to_safetensors(tensors);
}

IntegerNetwork integers_from_safetensors(const Network& network, const std::string& blob, const std::string& source) {
  const FoldedNetwork folded(network);
  IntegerNetwork result{folded.graph(), std::vector<IntegerNode>(folded.graph().nodes.size())};
  Reader reader(blob, source);
  for (int i = 0; i <= result.logits(); ++i) {
    const Node& node = result.graph.nodes[i];
    if (node.op == Op::identity)
      result.nodes[i] = {result.nodes[node.inputs[0]].scale, result.nodes[node.inputs[0]].zero_point, {}, {}, {}, {}};
    else
      read_node(reader, result.graph, i, result.nodes[i]);
  }
  reader.require_empty();
  fill_multipliers(result);
  return result;
}

}  // namespace evaluators
