// Copying a parent's weights along the channel maps; zeros where a kept channel reads a new one.
#include "evaluators/inheritance.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "evaluators/channel_maps.h"

namespace evaluators {

using search_space::Graph;
using search_space::Node;
using search_space::Op;
using torch::Tensor;

namespace {

using Tensors = std::map<std::string, Tensor>;

Tensor plain(const Tensor& tensor) {
  return tensor.detach().to(torch::kCPU, torch::kFloat32).contiguous();
}

struct Inheritance {
  const Graph &child_graph, &parent_graph;
  Tensors child;
  const Tensors& parent;
  ChannelMaps maps;
  std::int64_t inherited = 0;
  std::set<int> continued = {};             // child's nodes that continue a parent's
  std::map<int, std::int64_t> copied = {};  // of them, convolutions: weights that were copied

  // Row by row: the child's channel o continues the parent's channel map[o]. Returns how many elements were copied.
  std::int64_t copy_vector(const std::string& name, const std::vector<int>& map) {
    const auto from = parent.find(name);
    const auto to = child.find(name);
    if (from == parent.end() || to == child.end()) return 0;
    const Tensor source = plain(from->second);
    Tensor target = plain(to->second).clone();
    std::int64_t copied = 0;
    for (std::size_t i = 0; i < map.size(); ++i) {
      if (map[i] < 0 || map[i] >= source.numel()) continue;
      target.data_ptr<float>()[i] = source.data_ptr<float>()[map[i]];
      ++copied;
    }
    to->second.copy_(target);
    return copied;
  }

  void copy_convolution(int index, int parent_index);
  void copy_linear(int index, int parent_index);
  void copy_layer(int index);
};

// One kernel into another of equal or other size, centres aligned; what lies outside is zero or cut.
void copy_kernel(const float* from, int from_size, float* to, int to_size) {
  const int offset = (to_size - from_size) / 2;
  for (int y = 0; y < to_size; ++y) {
    for (int x = 0; x < to_size; ++x) {
      const int from_y = y - offset, from_x = x - offset;
      const bool inside = from_y >= 0 && from_y < from_size && from_x >= 0 && from_x < from_size;
      to[y * to_size + x] = inside ? from[from_y * from_size + from_x] : 0.0f;
    }
  }
}

void Inheritance::copy_convolution(int index, int parent_index) {
  const Node &node = child_graph.nodes[index], &other = parent_graph.nodes[parent_index];
  const std::string name = child_graph.full_name(index) + ".weight";
  const Tensor source = plain(parent.at(name));
  Tensor target = plain(child.at(name)).clone();
  const std::vector<int> outputs = maps.map(index, parent_index), inputs = maps.map(node.inputs[0], other.inputs[0]);
  const int rows = node.output.channels, row_inputs = static_cast<int>(target.size(1));
  const int parent_rows = other.output.channels, parent_inputs = static_cast<int>(source.size(1));
  const int area = node.kernel * node.kernel, parent_area = other.kernel * other.kernel;
  for (int row = 0; row < rows; ++row) {
    const int from = outputs[row];
    if (from < 0) continue;
    const int first = row / (rows / node.groups) * row_inputs;  // first input channel of the group
    const int parent_first = from / (parent_rows / other.groups) * parent_inputs;
    std::vector<int> columns(row_inputs, -1);
    for (int column = 0; column < row_inputs; ++column) {
      const int parent_column = inputs[first + column] < 0 ? -1 : inputs[first + column] - parent_first;
      if (parent_column >= 0 && parent_column < parent_inputs) columns[column] = parent_column;
    }
    // A row without any inherited input would be zero, which batch norm cannot scale: it stays freshly drawn.
    if (std::all_of(columns.begin(), columns.end(), [](int column) { return column < 0; })) continue;
    float* out = target.data_ptr<float>() + std::int64_t{row} * row_inputs * area;
    for (int column = 0; column < row_inputs; ++column, out += area) {
      std::fill_n(out, area, 0.0f);
      if (columns[column] < 0) continue;
      copy_kernel(source.data_ptr<float>() + (std::int64_t{from} * parent_inputs + columns[column]) * parent_area,
                  other.kernel, out, node.kernel);
      copied[index] += std::min(area, parent_area);
    }
  }
  child.at(name).copy_(target);
  inherited += copied[index];
}

void Inheritance::copy_linear(int index, int parent_index) {
  const Node &node = child_graph.nodes[index], &other = parent_graph.nodes[parent_index];
  const std::string name = child_graph.full_name(index) + ".weight";
  const Tensor source = plain(parent.at(name));
  Tensor target = plain(child.at(name)).clone();
  const std::vector<int> outputs = maps.map(index, parent_index), inputs = maps.map(node.inputs[0], other.inputs[0]);
  // Features are channel-major: [channel][position].
  const auto positions = target.size(1) / static_cast<std::int64_t>(inputs.size());
  const auto parent_positions = source.size(1) / parent_graph.input_channels(other);
  if (positions != parent_positions) return;
  for (std::size_t row = 0; row < outputs.size(); ++row) {
    if (outputs[row] < 0) continue;
    for (std::size_t channel = 0; channel < inputs.size(); ++channel) {
      float* to = target.data_ptr<float>() + row * target.size(1) + channel * positions;
      std::fill_n(to, positions, 0.0f);
      if (inputs[channel] < 0) continue;
      std::copy_n(source.data_ptr<float>() + outputs[row] * source.size(1) + inputs[channel] * positions, positions,
                  to);
      inherited += positions;
    }
  }
  child.at(name).copy_(target);
}

void Inheritance::copy_layer(int index) {
  const Node& node = child_graph.nodes[index];
  if (node.op != Op::conv2d && node.op != Op::linear && node.op != Op::scale) return;
  const std::string name = child_graph.full_name(index);
  const int parent_index = maps.parent_node(name);
  if (parent_index < 0 || parent_graph.nodes[parent_index].op != node.op) return;
  continued.insert(index);
  const std::vector<int> outputs = maps.map(index, parent_index);
  if (node.op == Op::conv2d) copy_convolution(index, parent_index);
  if (node.op == Op::linear) copy_linear(index, parent_index);
  for (const char* part : {".scale", ".bias", ".bn.weight", ".bn.bias"}) inherited += copy_vector(name + part, outputs);
  for (const char* part : {".bn.running_mean", ".bn.running_var"}) copy_vector(name + part, outputs);
}

// Slots whose convolutions continue less than this share of their weights start anew.
constexpr double least_continued = 0.5;

// Weights of a slot's module, and how many of them the child has from its parent.
struct SlotWeights {
  std::int64_t all = 0, inherited = 0;
};

std::map<int, SlotWeights> weights_by_slot(const Inheritance& inheritance) {
  std::map<int, SlotWeights> result;
  const auto& graph = inheritance.child_graph;
  for (int i = 0; i < static_cast<int>(graph.nodes.size()); ++i) {
    const Node& node = graph.nodes[i];
    if (node.op != Op::conv2d || node.slot < 0 || node.module == "shortcut") continue;
    SlotWeights& weights = result[node.slot];
    weights.all += inheritance.child.at(graph.full_name(i) + ".weight").numel();
    if (const auto found = inheritance.copied.find(i); found != inheritance.copied.end())
      weights.inherited += found->second;
  }
  return result;
}

std::vector<FreshSlot> fresh_slots(Inheritance& inheritance) {
  std::vector<FreshSlot> result;
  for (const auto& [slot, weights] : weights_by_slot(inheritance)) {
    if (static_cast<double>(weights.inherited) >= least_continued * static_cast<double>(weights.all)) continue;
    const int node = response_node(inheritance.child_graph, slot);
    const int parent_node = response_node(inheritance.parent_graph, slot);
    if (node < 0 || parent_node < 0) continue;
    const auto &shape = inheritance.child_graph.nodes[node].output,
               &parent_shape = inheritance.parent_graph.nodes[parent_node].output;
    if (shape.height != parent_shape.height || shape.width != parent_shape.width) continue;
    result.push_back({slot, node, parent_node, inheritance.maps.map(node, parent_node)});
  }
  return result;
}

// Saliency where the parent was probed, else the weights' magnitude as batch norm scales them.
std::vector<double> importance(const Graph& graph, const Tensors& tensors, const Evidence& evidence, int index) {
  const Op op = graph.nodes[index].op;
  if (op != Op::conv2d && op != Op::linear) return {};
  const std::string name = graph.full_name(index);
  if (!evidence.layers.empty()) {
    for (const LayerEvidence& layer : evidence.layers)
      if (layer.layer == name) return {layer.saliency.begin(), layer.saliency.end()};
    return {};
  }
  const auto weight = tensors.find(name + ".weight");
  if (weight == tensors.end()) return {};
  Tensor norm = plain(weight->second).abs().flatten(1).sum(1);
  const auto gamma = tensors.find(name + ".bn.weight");
  const auto variance = tensors.find(name + ".bn.running_var");
  if (gamma != tensors.end() && variance != tensors.end())
    norm = norm * plain(gamma->second).abs() / at::sqrt(plain(variance->second) + batch_norm_epsilon);
  norm = norm.contiguous();
  return {norm.data_ptr<float>(), norm.data_ptr<float>() + norm.numel()};
}

}  // namespace

int response_node(const Graph& graph, int slot) {
  int last = -1;
  for (int i = static_cast<int>(graph.nodes.size()) - 1; i >= 0; --i) {
    const Node& node = graph.nodes[i];
    if (node.slot != slot) continue;
    if (node.op == Op::add && node.module == "shortcut") return node.inputs[0];
    last = std::max(last, i);
  }
  // Without a sum, a module that stands there has a layer of its own.
  const bool stands = std::any_of(graph.nodes.begin(), graph.nodes.end(),
                                  [slot](const Node& node) { return node.slot == slot && node.op == Op::conv2d; });
  return stands ? last : -1;
}

void silence(Network& network, int slot) {
  const auto& nodes = network.graph().nodes;
  const int branch = response_node(network.graph(), slot);
  if (branch < 0 || nodes[branch].op != Op::batch_norm) return;
  const bool added = std::any_of(nodes.begin(), nodes.end(), [&](const Node& node) {
    return node.op == Op::add && node.slot == slot && node.module == "shortcut";
  });
  const int convolution = nodes[branch].inputs[0];
  if (!added || nodes[convolution].op != Op::conv2d) return;
  at::NoGradGuard no_grad;
  network.named_tensors().at(network.graph().full_name(convolution) + ".bn.weight").zero_();
}

Inherited inherit(Network& child, const Graph& parent_graph, const Tensors& parent_tensors,
                  const Evidence& parent_evidence) {
  at::NoGradGuard no_grad;
  const auto rank = [&](int node) { return importance(parent_graph, parent_tensors, parent_evidence, node); };
  Inheritance inheritance{child.graph(), parent_graph, child.named_tensors(), parent_tensors,
                          ChannelMaps(child.graph(), parent_graph, rank)};
  for (int i = 0; i < static_cast<int>(child.graph().nodes.size()); ++i) inheritance.copy_layer(i);
  // A module that continues nothing starts silent, and grows from there.
  for (const auto& [slot, weights] : weights_by_slot(inheritance)) {
    const int branch = response_node(child.graph(), slot);
    const int last = branch < 0 ? -1 : child.graph().nodes[branch].inputs[0];
    if (last >= 0 && !inheritance.continued.contains(last)) silence(child, slot);
  }
  std::int64_t total = 0;
  for (const Tensor& parameter : child.parameters()) total += parameter.numel();
  return {total == 0 ? 0.0 : static_cast<double>(inheritance.inherited) / static_cast<double>(total),
          fresh_slots(inheritance)};
}

}  // namespace evaluators
