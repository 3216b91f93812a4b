// The layer table of one network.
#include "synth/report/network_table.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "search_space/lowering.h"
#include "synth/report/diff.h"
#include "synth/report/table.h"

namespace synth::report {
namespace {

using nlohmann::ordered_json;
using search_space::Architecture;
using search_space::Cost;
using search_space::Graph;
using search_space::Node;
using search_space::Op;

struct Costed {
  Graph graph;
  Cost total;
  std::vector<Cost> layers;
};

Costed costed(const Architecture& architecture, const ShowOptions& options) {
  Costed result{search_space::lower(architecture), {}, {}};
  result.total = search_space::cost_of(result.graph, options.counting);
  result.layers = search_space::cost_per_node(result.graph, options.counting);
  return result;
}

std::string shape_text(const search_space::Shape& shape) {
  return fmt::format("{}x{}x{}", shape.channels, shape.height, shape.width);
}

bool has_kernel(Op op) {
  return op == Op::conv2d || op == Op::max_pool || op == Op::avg_pool;
}

std::string operation(const Node& node) {
  std::string text(search_space::op_name(node.op));
  if (has_kernel(node.op)) text += fmt::format(" {0}x{0}", node.kernel);
  if (has_kernel(node.op) && node.stride != 1) text += fmt::format(" /{}", node.stride);
  if (node.groups > 1) text += fmt::format(" g{}", node.groups);
  return text;
}

// Where the layer table breaks: a slot, the stem or the head.
std::string group_of(const Architecture& architecture, const Node& node) {
  if (node.slot >= 0) {
    return fmt::format("stage{}.slot{}: {}", node.stage + 1, node.position + 1,
                       describe(architecture.slots[node.slot]));
  }
  return node.op == Op::input ? "input" : std::string(node.module);
}

ordered_json shape_json(const search_space::Shape& shape) {
  return {{"channels", shape.channels}, {"height", shape.height}, {"width", shape.width}};
}

std::string whole(std::int64_t value) {
  std::string digits = std::to_string(value);
  for (int i = static_cast<int>(digits.size()) - 3; i > 0; i -= 3) digits.insert(static_cast<std::size_t>(i), 1, ',');
  return digits;
}

}  // namespace

std::vector<Cost> folded_costs(const Graph& graph, search_space::Counting counting) {
  std::vector<Cost> layers = search_space::cost_per_node(graph, counting);
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (graph.nodes[i].op != Op::batch_norm) continue;
    Cost& host = layers[static_cast<std::size_t>(graph.nodes[i].inputs[0])];
    host.weights += layers[i].weights;
    host.biases += layers[i].biases;
    layers[i].weights = layers[i].biases = 0;
  }
  return layers;
}

// They make the table long and cost nothing.
bool left_out(const Node& node, const Cost& folded) {
  const bool fused =
      node.op == Op::batch_norm || node.op == Op::relu || node.op == Op::hard_swish || node.op == Op::identity;
  return fused && folded.parameters() == 0 && folded.multiply_adds == 0;
}

std::string show_text(const Architecture& architecture, const ShowOptions& options, int columns) {
  const Costed network = costed(architecture, options);
  Table table({{"layer", Align::left},
               {"operation", Align::left},
               {"output", Align::right},
               {"parameters"},
               {"MACs"},
               {"weights"},
               {"alive"}});
  const std::vector<Cost> layers = options.every_layer ? network.layers : folded_costs(network.graph, options.counting);
  std::string group;
  for (std::size_t i = 0; i < network.graph.nodes.size(); ++i) {
    const Node& node = network.graph.nodes[i];
    const Cost& cost = layers[i];
    if (!options.every_layer && left_out(node, cost)) continue;
    if (std::string next = group_of(architecture, node); next != group) {
      group = std::move(next);
      if (node.op != Op::input) table.heading(group);
    }
    const auto or_dash = [](std::int64_t value, std::string text) { return value == 0 ? "-" : text; };
    std::string name = network.graph.full_name(static_cast<int>(i));
    if (node.slot >= 0) {  // the heading names the slot and its kind
      name.erase(0, name.find('.', name.find('.') + 1) + 1);
      const std::string kind = architecture.slots[node.slot].module.kind + ".";
      if (name.starts_with(kind)) name.erase(0, kind.size());
    }
    table.add({node.op == Op::input ? name : "  " + name, operation(node), shape_text(node.output),
               or_dash(cost.parameters(), whole(cost.parameters())),
               or_dash(cost.multiply_adds, whole(cost.multiply_adds)),
               or_dash(cost.parameters(), format_bytes(cost.weight_bytes(options.bits))),
               format_bytes(cost.peak_activation_bytes(options.bits))});
  }
  table.rule();
  const Cost& total = network.total;
  table.add({"total", "", "", whole(total.parameters()), whole(total.multiply_adds),
             format_bytes(total.weight_bytes(options.bits)), format_bytes(total.peak_activation_bytes(options.bits))});
  const std::string head =
      fmt::format("{}{}input {}, {} classes, key {}\n", options.name, options.name.empty() ? "" : ": ",
                  shape_text(architecture.input), architecture.classes, architecture.key());
  const std::string foot = fmt::format(
      "MACs: multiply-adds; alive: activations in memory while the layer runs.\nMemory at {} bits (biases 32).\n{}\n",
      options.bits,
      options.counting == search_space::Counting::folded
          ? "Batch norm is folded: one bias per output channel."
          : "Batch norm counted as scale and shift, as most publications do.");
  return wrapped_text(head, columns, 2) + table.text(columns) + wrapped_text(foot, columns);
}

ordered_json show_json(const Architecture& architecture, const ShowOptions& options) {
  const Costed network = costed(architecture, options);
  ordered_json layers = ordered_json::array();
  for (std::size_t i = 0; i < network.graph.nodes.size(); ++i) {
    const Node& node = network.graph.nodes[i];
    ordered_json layer = {{"name", network.graph.full_name(static_cast<int>(i))},
                          {"op", search_space::op_name(node.op)},
                          {"slot", node.slot < 0 ? ordered_json() : ordered_json(node.slot)},
                          {"module", node.module},
                          {"output", shape_json(node.output)},
                          {"parameters", network.layers[i].parameters()},
                          {"multiply_adds", network.layers[i].multiply_adds},
                          {"weight_bytes", network.layers[i].weight_bytes(options.bits)},
                          {"activation_bytes", network.layers[i].peak_activation_bytes(options.bits)}};
    if (has_kernel(node.op)) {
      layer["kernel"] = node.kernel;
      layer["stride"] = node.stride;
    }
    if (node.groups > 1) layer["groups"] = node.groups;
    layers.push_back(std::move(layer));
  }
  return {{"schema", "synth/show/1"},
          {"name", options.name},
          {"key", architecture.key()},
          {"input", shape_json(architecture.input)},
          {"classes", architecture.classes},
          {"bits", options.bits},
          {"counting", options.counting == search_space::Counting::folded ? "folded" : "published"},
          {"parameters", network.total.parameters()},
          {"multiply_adds", network.total.multiply_adds},
          {"weight_bytes", network.total.weight_bytes(options.bits)},
          {"peak_activation_bytes", network.total.peak_activation_bytes(options.bits)},
          {"layers", std::move(layers)}};
}

}  // namespace synth::report
