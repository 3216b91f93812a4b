// Opset 14, IR version 7: ONNX 1.9 (2021) and later.
#include "synth/export/onnx_graph.h"

#include <onnx/onnx_pb.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "search_space/errors.h"

namespace synth {

using search_space::Graph;
using search_space::Node;
using search_space::Op;

namespace {

constexpr int opset = 14, ir_version = 7;

template <typename Value>
std::string add_constant(onnx::GraphProto& graph, const std::string& name, const OnnxShape& shape,
                         const std::vector<Value>& values, onnx::TensorProto::DataType type) {
  onnx::TensorProto& tensor = *graph.add_initializer();
  tensor.set_name(name);
  tensor.set_data_type(type);
  for (const auto extent : shape) tensor.add_dims(extent);
  tensor.set_raw_data(values.data(), values.size() * sizeof(Value));
  return name;
}

void set(onnx::AttributeProto& attribute, std::int64_t value) {
  attribute.set_type(onnx::AttributeProto::INT);
  attribute.set_i(value);
}

void set(onnx::AttributeProto& attribute, float value) {
  attribute.set_type(onnx::AttributeProto::FLOAT);
  attribute.set_f(value);
}

void set(onnx::AttributeProto& attribute, const std::string& value) {
  attribute.set_type(onnx::AttributeProto::STRING);
  attribute.set_s(value);
}

void set(onnx::AttributeProto& attribute, const std::vector<std::int64_t>& values) {
  attribute.set_type(onnx::AttributeProto::INTS);
  for (const auto value : values) attribute.add_ints(value);
}

void describe(onnx::ValueInfoProto& value, const std::string& name, const OnnxShape& shape) {
  value.set_name(name);
  auto& tensor = *value.mutable_type()->mutable_tensor_type();
  tensor.set_elem_type(onnx::TensorProto::FLOAT);
  tensor.mutable_shape()->add_dim()->set_dim_param("batch");
  for (const auto extent : shape) tensor.mutable_shape()->add_dim()->set_dim_value(extent);
}

// One node at a time, given the names of the values that it reads.
class Emitter {
 public:
  Emitter(OnnxGraph& model, const Graph& graph, const OnnxParts& parts) : model_(model), graph_(graph), parts_(parts) {}

  std::string emit(int index, const std::string& x, const std::string& y) const {
    const Node& node = graph_.nodes[index];
    const std::string name = graph_.full_name(index);
    switch (node.op) {
      case Op::conv2d:
      case Op::linear:
        return convolution(index, x, name);
      case Op::max_pool:
      case Op::avg_pool:
        return pool(node, x, name);
      case Op::global_avg_pool:
        return model_.apply("GlobalAveragePool", {x}, name);
      case Op::relu:
        return model_.apply("Relu", {x}, name);
      case Op::hard_swish:
        return model_.apply("HardSwish", {x}, name);
      case Op::sigmoid:
        return model_.apply("Sigmoid", {x}, name);
      case Op::hard_sigmoid:
        return model_.apply("HardSigmoid", {x}, name, {{"alpha", 1.0f / 6}, {"beta", 0.5f}});
      case Op::multiply:
        return model_.apply("Mul", {x, y}, name);
      case Op::add:
        return model_.apply("Add", {x, y}, name);
      case Op::scale:
        return model_.apply("Mul", {x, parts_.weight(index)}, name);
      case Op::concat:
        return model_.apply("Concat", {x, y}, name, {{"axis", std::int64_t{1}}});
      case Op::slice:
        return slice(node, x, name);
      case Op::channel_shuffle:
        return channel_shuffle(node, x, name);
      case Op::upsample_nearest:
        return upsample(node, x, name);
      default:
        throw search_space::InputError(name + ": ONNX is not given the primitive " + std::string(op_name(node.op)) +
                                       "; export --format weights and architecture instead");
    }
  }

 private:
  std::string convolution(int index, const std::string& x, const std::string& name) const {
    const Node& node = graph_.nodes[index];
    const std::int64_t kernel = node.kernel, stride = node.stride, padding = node.padding;
    return model_.apply("Conv", {x, parts_.weight(index), parts_.bias(index)}, name,
                        {{"kernel_shape", OnnxShape{kernel, kernel}},
                         {"strides", OnnxShape{stride, stride}},
                         {"pads", OnnxShape(4, padding)},
                         {"group", std::int64_t{node.groups}}});
  }

  // Padding at the end is what the last window needs: runtimes differ in what ceil_mode means.
  std::string pool(const Node& node, const std::string& x, const std::string& name) const {
    const auto& in = graph_.nodes[node.inputs[0]].output;
    const auto end = [&](int out, int size) -> std::int64_t {
      return std::max(0, (out - 1) * node.stride + node.kernel - size - node.padding);
    };
    const std::int64_t kernel = node.kernel, stride = node.stride, begin = node.padding;
    return model_.apply(
        node.op == Op::max_pool ? "MaxPool" : "AveragePool", {x}, name,
        {{"kernel_shape", OnnxShape{kernel, kernel}},
         {"strides", OnnxShape{stride, stride}},
         {"pads", OnnxShape{begin, begin, end(node.output.height, in.height), end(node.output.width, in.width)}}});
  }

  std::string slice(const Node& node, const std::string& x, const std::string& name) const {
    const std::int64_t first = node.first_channel, last = first + node.output.channels;
    return model_.apply(
        "Slice",
        {x, model_.constant(name + ".starts", {1}, OnnxShape{first}),
         model_.constant(name + ".ends", {1}, OnnxShape{last}), model_.constant(name + ".axes", {1}, OnnxShape{1})},
        name);
  }

  // 0 keeps the batch, whatever it is.
  std::string channel_shuffle(const Node& node, const std::string& x, const std::string& name) const {
    const auto& out = node.output;
    const OnnxShape split = {0, node.groups, out.channels / node.groups, out.height, out.width};
    const OnnxShape joined = {0, out.channels, out.height, out.width};
    const auto groups = model_.apply("Reshape", {x, model_.constant(name + ".split", {5}, split)}, name + ".groups");
    const auto turned = model_.apply("Transpose", {groups}, name + ".turned", {{"perm", OnnxShape{0, 2, 1, 3, 4}}});
    return model_.apply("Reshape", {turned, model_.constant(name + ".joined", {4}, joined)}, name);
  }

  // Resize knows its size by float factors, which are exact only where they are whole; else rows and columns are
  // gathered.
  std::string upsample(const Node& node, const std::string& x, const std::string& name) const {
    const auto &in = graph_.nodes[node.inputs[0]].output, &out = node.output;
    if (out.height % in.height == 0 && out.width % in.width == 0) {
      const std::vector<float> factors = {1, 1, static_cast<float>(out.height / in.height),
                                          static_cast<float>(out.width / in.width)};
      return model_.apply("Resize", {x, "", model_.constant(name + ".factors", {4}, factors)}, name,
                          {{"mode", std::string("nearest")},
                           {"nearest_mode", std::string("floor")},
                           {"coordinate_transformation_mode", std::string("asymmetric")}});
    }
    const auto gather = [&](const std::string& from, int in_size, int out_size, std::int64_t axis,
                            const std::string& part, const std::string& to) {
      OnnxShape places;
      for (std::int64_t i = 0; i < out_size; ++i) places.push_back(i * in_size / out_size);
      return model_.apply("Gather", {from, model_.constant(name + part, {out_size}, places)}, to, {{"axis", axis}});
    };
    const std::string rows = gather(x, in.height, out.height, 2, ".row", name + ".rows");
    return gather(rows, in.width, out.width, 3, ".column", name);
  }

  OnnxGraph& model_;
  const Graph& graph_;
  const OnnxParts& parts_;
};

}  // namespace

std::string OnnxGraph::constant(const std::string& name, const OnnxShape& shape, const std::vector<float>& values) {
  return add_constant(graph_, name, shape, values, onnx::TensorProto::FLOAT);
}

std::string OnnxGraph::constant(const std::string& name, const OnnxShape& shape,
                                const std::vector<std::int64_t>& values) {
  return add_constant(graph_, name, shape, values, onnx::TensorProto::INT64);
}

std::string OnnxGraph::constant(const std::string& name, const OnnxShape& shape,
                                const std::vector<std::int32_t>& values) {
  return add_constant(graph_, name, shape, values, onnx::TensorProto::INT32);
}

std::string OnnxGraph::constant(const std::string& name, const OnnxShape& shape,
                                const std::vector<std::int8_t>& values) {
  return add_constant(graph_, name, shape, values, onnx::TensorProto::INT8);
}

std::string OnnxGraph::apply(const std::string& op, const std::vector<std::string>& inputs, const std::string& output,
                             const std::vector<OnnxAttribute>& attributes) {
  onnx::NodeProto& node = *graph_.add_node();
  node.set_op_type(op);
  node.set_name(output);
  for (const auto& input : inputs) node.add_input(input);
  node.add_output(output);
  for (const auto& [name, value] : attributes) {
    onnx::AttributeProto& attribute = *node.add_attribute();
    attribute.set_name(name);
    std::visit([&attribute](const auto& each) { set(attribute, each); }, value);
  }
  return output;
}

onnx::ModelProto onnx_model(const std::string& name, const Graph& graph,
                            const std::map<std::string, std::string>& facts) {
  onnx::ModelProto model;
  model.set_ir_version(ir_version);
  model.add_opset_import()->set_version(opset);
  model.set_producer_name("synth");
  model.mutable_graph()->set_name(name);
  const auto& image = graph.input();
  describe(*model.mutable_graph()->add_input(), "image", {image.channels, image.height, image.width});
  describe(*model.mutable_graph()->add_output(), "logits", {graph.classes});
  for (const auto& [key, value] : facts) {
    auto& property = *model.add_metadata_props();
    property.set_key(key);
    property.set_value(value);
  }
  return model;
}

void add_primitives(OnnxGraph& model, const Graph& graph, const OnnxParts& parts) {
  const int logits = graph.nodes.back().inputs[0];
  const Emitter emitter(model, graph, parts);
  std::vector<std::string> values = {parts.finish(0, "image")};
  for (int i = 1; i <= logits; ++i) {
    const auto [first, second] = graph.nodes[i].inputs;
    const bool same = graph.nodes[i].op == Op::identity;
    values.push_back(same ? values[first]
                          : parts.finish(i, emitter.emit(i, values[first], second < 0 ? "" : values[second])));
  }
  model.apply("Flatten", {values[logits]}, "logits");
}

std::string onnx_bytes(const onnx::ModelProto& model) {
  return model.SerializeAsString();
}

}  // namespace synth
