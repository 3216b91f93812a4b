// What both pictures of a network show, read from its lowered graph.
#include "synth/report/network_boxes.h"

#include <fmt/format.h>

#include <array>

#include "search_space/lowering.h"
#include "search_space/module.h"
#include "synth/report/diff.h"
#include "synth/report/table.h"

namespace synth::report {
namespace {

using search_space::Architecture;
using search_space::Graph;
using search_space::Layer;
using search_space::Node;
using search_space::Op;

// Light enough for black text, told apart by most colour-blind readers in the order of the commonest kinds.
constexpr std::array<const char*, 12> palette = {"#f6b26b", "#9fc5e8", "#b6d7a8", "#d9d9d9", "#d5a6bd", "#ffffff",
                                                 "#ffe08a", "#8fd3c4", "#f4a3a3", "#c3b1e1", "#e2c9a6", "#c5e4f3"};

std::string convolution_widths(const Graph& graph, int slot) {
  std::string text;
  for (const Node& node : graph.nodes) {
    if (node.slot != slot || node.op != Op::conv2d || node.module == "shortcut") continue;
    text += fmt::format("{}{}", text.empty() ? "" : ", ", node.output.channels);
  }
  return text;
}

NetworkBox::Bypass bypass_of(const Graph& graph, int slot) {
  auto found = NetworkBox::Bypass::none;
  for (const Node& node : graph.nodes) {
    if (node.slot != slot || node.module != "shortcut") continue;
    if (node.op == Op::conv2d) return NetworkBox::Bypass::projection;
    if (node.op == Op::add) found = NetworkBox::Bypass::identity;
  }
  return found;
}

// ReLU is what a reader expects.
std::string notable(const std::string& activation) {
  return activation == "relu" || activation == "none" ? "" : activation;
}

NetworkBox box_of(const Layer& layer) {
  const std::string title =
      fmt::format("{} {}x{}", layer.op == "conv" ? "conv" : "max pool", layer.kernel, layer.kernel);
  if (layer.op != "conv") return {layer.op, title, "", title, layer.stride};
  const std::string activation = notable(layer.activation), width = std::to_string(layer.width);
  return {layer.op,     title,
          width,        title + (activation.empty() ? "" : ", " + activation),
          layer.stride, NetworkBox::Bypass::none,
          activation};
}

// What widths do not tell of a module: its kernel goes to the title, the parts it may leave out to the details.
void add_parameters(NetworkBox& box, const search_space::Slot& slot, const search_space::Shape& input) {
  using Role = search_space::ParameterSpec::Role;
  for (const auto& parameter :
       search_space::module_type(slot.module.kind).decisions({input, slot.width, slot.stride})) {
    const int value = slot.module.at(parameter.name);
    if (parameter.role == Role::kernel) box.title += fmt::format(" {0}x{0}", value);
    if (parameter.role != Role::flag || value == 0) continue;
    box.details += (box.details.empty() ? "" : ", ") + parameter.name;
  }
  const std::string after = notable(slot.activation);
  if (!after.empty()) box.details += (box.details.empty() ? "" : ", ") + after + " after";
}

NetworkColumn head_of(const Architecture& architecture) {
  NetworkColumn column{"head", fmt::format("{} classes", architecture.classes), {}};
  for (const Layer& layer : architecture.head.layers) column.boxes.push_back(box_of(layer));
  column.boxes.push_back({"pool", "global avg pool", "", "mean over all positions"});
  if (architecture.head.hidden > 0) {
    NetworkBox hidden{"dense", "dense", std::to_string(architecture.head.hidden), "hidden dense layer"};
    hidden.details = notable(architecture.head.hidden_activation);
    column.boxes.push_back(std::move(hidden));
  }
  column.boxes.push_back({"dense", "dense", std::to_string(architecture.classes), "dense layer to the classes"});
  column.boxes.push_back({"softmax", "softmax", "", "class probabilities"});
  return column;
}

}  // namespace

NetworkBoxes boxes_of(const Architecture& architecture) {
  const Graph graph = search_space::lower(architecture);
  NetworkBoxes result;
  result.cost = search_space::cost_of(graph);

  const auto& in = architecture.input;
  NetworkColumn stem{"stem", fmt::format("input {}x{}x{}", in.channels, in.height, in.width), {}};
  stem.boxes.push_back({"input", "input", std::to_string(in.channels), "image"});
  for (const Layer& layer : architecture.stem) stem.boxes.push_back(box_of(layer));
  result.columns.push_back(std::move(stem));

  int stage = -1;
  for (int i = 0; i < static_cast<int>(architecture.slots.size()); ++i) {
    const auto& slot = architecture.slots[i];
    if (slot.stage != stage) {
      stage = slot.stage;
      result.columns.push_back({fmt::format("stage {}", stage + 1), "", {}});
    }
    NetworkColumn& column = result.columns.back();
    const search_space::Shape& out = graph.nodes[graph.slot_output(i)].output;
    column.detail = fmt::format("{} channels, {}x{}", out.channels, out.height, out.width);
    column.boxes.push_back({slot.module.kind, slot.module.kind, convolution_widths(graph, i),
                            fmt::format("stage{}.slot{}: {}", stage + 1, column.boxes.size() + 1, describe(slot)),
                            slot.stride, bypass_of(graph, i)});
    add_parameters(column.boxes.back(), slot, graph.nodes[graph.slot_input(i)].output);
  }
  result.columns.push_back(head_of(architecture));
  return result;
}

std::string colour_of(const std::string& kind) {
  const auto& registry = search_space::module_registry();
  for (std::size_t i = 0; i < registry.size(); ++i) {
    if (registry[i]->name() == kind) return kind == "skip" ? "#ffffff" : palette[i % palette.size()];
  }
  return "#f3f3f3";
}

}  // namespace synth::report
