// Primitives as JSON objects.
#include "search_space/layers_json.h"

#include <nlohmann/json.hpp>

namespace search_space {
namespace {

using nlohmann::ordered_json;

ordered_json shape_json(const Shape& shape) {
  return {{"channels", shape.channels}, {"height", shape.height}, {"width", shape.width}};
}

void add_window(const Node& node, ordered_json& layer) {
  layer["kernel"] = node.kernel;
  layer["stride"] = node.stride;
  layer["padding"] = node.padding;
}

void add_attributes(const Node& node, ordered_json& layer) {
  switch (node.op) {
    case Op::conv2d:
      add_window(node, layer);
      layer["groups"] = node.groups;
      layer["bias"] = node.bias;
      break;
    case Op::max_pool:
    case Op::avg_pool:
      add_window(node, layer);
      layer["ceil_mode"] = node.ceil_mode;
      break;
    case Op::channel_shuffle:
      layer["groups"] = node.groups;
      break;
    case Op::slice:
      layer["first_channel"] = node.first_channel;
      break;
    default:
      break;
  }
}

}  // namespace

ordered_json layers_to_json(const Graph& graph) {
  ordered_json layers = ordered_json::array();
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const Node& node = graph.nodes[i];
    ordered_json inputs = ordered_json::array();
    for (const int input : node.inputs)
      if (input >= 0) inputs.push_back(input);
    ordered_json layer = {{"name", graph.full_name(static_cast<int>(i))},
                          {"op", op_name(node.op)},
                          {"inputs", std::move(inputs)},
                          {"output", shape_json(node.output)}};
    add_attributes(node, layer);
    layers.push_back(std::move(layer));
  }
  return {{"schema", "synth/layers/1"}, {"classes", graph.classes}, {"layers", std::move(layers)}};
}

}  // namespace search_space
