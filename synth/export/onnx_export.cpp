// Float parameters as they are; 8-bit ones in QDQ form, which runtimes turn into their integer operators.
#include "synth/export/onnx_export.h"

#include <onnx/onnx_pb.h>

#include "evaluators/float_conversion.h"
#include "evaluators/network.h"
#include "search_space/errors.h"
#include "synth/export/formats.h"
#include "synth/export/onnx_graph.h"
#include "synth/export/runtime.h"
#include "synth/export/verification.h"

namespace synth {
namespace {

using search_space::Graph;
using search_space::Op;

// Of the weight as ONNX wants it.
OnnxShape weight_shape(const Graph& graph, int index) {
  const auto& node = graph.nodes[index];
  if (node.op == Op::scale) return {node.output.channels, 1, 1};
  return {node.output.channels, graph.input_channels(node) / node.groups, node.kernel, node.kernel};
}

// [out, k, k, in] -> [out, in, k, k].
std::vector<std::int8_t> channels_first(const std::vector<std::int8_t>& values, const OnnxShape& shape) {
  if (shape.size() != 4) return values;
  const auto inputs = shape[1], area = shape[2] * shape[3];
  std::vector<std::int8_t> result(values.size());
  std::size_t at = 0;
  for (std::int64_t out = 0; out < shape[0]; ++out)
    for (std::int64_t place = 0; place < area; ++place)
      for (std::int64_t in = 0; in < inputs; ++in) result[(out * inputs + in) * area + place] = values[at++];
  return result;
}

class Quantised {
 public:
  Quantised(OnnxGraph& model, const evaluators::IntegerNetwork& network) : model_(model), network_(network) {}

  std::string weight(int index) const {
    const auto& node = network_.nodes[index];
    const OnnxShape shape = weight_shape(network_.graph, index);
    const std::string name = network_.graph.full_name(index) + ".weight";
    const auto integers = model_.constant(name + ".int8", shape, channels_first(node.weight, shape));
    return dequantised(name, integers, node.weight_scale, std::vector<std::int8_t>(node.weight_scale.size(), 0));
  }

  std::string bias(int index) const {
    const auto& node = network_.nodes[index];
    const float input_scale = network_.nodes[network_.graph.nodes[index].inputs[0]].scale;
    std::vector<float> scales;
    for (const float scale : node.weight_scale) scales.push_back(input_scale * scale);
    const std::string name = network_.graph.full_name(index) + ".bias";
    const auto integers = model_.constant(name + ".int32", {static_cast<std::int64_t>(node.bias.size())}, node.bias);
    return dequantised(name, integers, scales, std::vector<std::int32_t>(scales.size(), 0));
  }

  std::string through_int8(int index, const std::string& value) const {
    const auto& node = network_.nodes[index];
    const auto scale = model_.constant(value + ".scale", {}, std::vector<float>{node.scale});
    const auto zero =
        model_.constant(value + ".zero_point", {}, std::vector<std::int8_t>{static_cast<std::int8_t>(node.zero_point)});
    const auto integers = model_.apply("QuantizeLinear", {value, scale, zero}, value + ".int8");
    return model_.apply("DequantizeLinear", {integers, scale, zero}, value + ".real");
  }

 private:
  template <typename Integer>
  std::string dequantised(const std::string& name, const std::string& integers, const std::vector<float>& scales,
                          const std::vector<Integer>& zeros) const {
    const bool single = scales.size() == 1;
    const OnnxShape shape = single ? OnnxShape{} : OnnxShape{static_cast<std::int64_t>(scales.size())};
    const std::vector<OnnxAttribute> axis = {{"axis", std::int64_t{0}}};
    return model_.apply("DequantizeLinear",
                        {integers, model_.constant(name + ".scale", shape, scales),
                         model_.constant(name + ".zero_point", shape, zeros)},
                        name, single ? std::vector<OnnxAttribute>{} : axis);
  }

  OnnxGraph& model_;
  const evaluators::IntegerNetwork& network_;
};

std::vector<ExportFile> write_float(const ExportInput& input, const std::string& path) {
  return {{path, onnx_float(search_space::printable(input.name), evaluators::float_network(trained_network(input)),
                            input.facts)}};
}

std::vector<ExportFile> write_int8(const ExportInput& input, const std::string& path) {
  return {{path, onnx_int8(search_space::printable(input.name), *input.integers, input.facts)}};
}

Verification verify_float(const ExportInput& input, const std::string& path) {
  return compare_logits(input, onnx_runtime(), path, 1e-4);
}

Verification verify_int8(const ExportInput& input, const std::string& path) {
  return compare_decisions(input, onnx_runtime(), path, 0.995);
}

}  // namespace

ExportFormat onnx_format() {
  return {"onnx",
          "onnx",
          "float, batch norm folded, opset 14; verified in ONNX Runtime",
          Needs::weights,
          write_float,
          verify_float,
          /*verifies_on_images=*/true};
}

ExportFormat onnx_int8_format() {
  return {"onnx-int8",
          "onnx",
          "8-bit weights and activations in QDQ form, opset 14; verified in ONNX Runtime",
          Needs::integers,
          write_int8,
          verify_int8,
          /*verifies_on_images=*/true};
}

std::string onnx_float(const std::string& name, const evaluators::FloatNetwork& network, const ModelFacts& facts) {
  onnx::ModelProto proto = onnx_model(name, network.graph, facts);
  OnnxGraph model(*proto.mutable_graph());
  const auto full_name = [&](int index) { return network.graph.full_name(index); };
  OnnxParts parts;
  parts.weight = [&](int index) {
    return model.constant(full_name(index) + ".weight", weight_shape(network.graph, index),
                          network.nodes[index].weight);
  };
  parts.bias = [&](int index) {
    const auto& bias = network.nodes[index].bias;
    return model.constant(full_name(index) + ".bias", {static_cast<std::int64_t>(bias.size())}, bias);
  };
  parts.finish = [](int, const std::string& output) { return output; };
  add_primitives(model, network.graph, parts);
  return onnx_bytes(proto);
}

std::string onnx_int8(const std::string& name, const evaluators::IntegerNetwork& network, const ModelFacts& facts) {
  onnx::ModelProto proto = onnx_model(name, network.graph, facts);
  OnnxGraph model(*proto.mutable_graph());
  const Quantised quantised(model, network);
  OnnxParts parts;
  parts.weight = [&](int index) { return quantised.weight(index); };
  parts.bias = [&](int index) { return quantised.bias(index); };
  parts.finish = [&](int index, const std::string& output) { return quantised.through_int8(index, output); };
  add_primitives(model, network.graph, parts);
  return onnx_bytes(proto);
}

}  // namespace synth
