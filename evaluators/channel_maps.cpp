// Channel classes by union-find; kept channels by importance; derived maps for concat, slice, shuffle and expansions.
#include "evaluators/channel_maps.h"

#include <algorithm>
#include <numeric>

namespace evaluators {

using search_space::Graph;
using search_space::Node;
using search_space::Op;

namespace {

bool is_depthwise(const Graph& graph, const Node& node) {
  return node.op == Op::conv2d && node.groups > 1 && node.groups == graph.input_channels(node);
}

// Whether the output's channels are those of the input, one by one.
bool hands_channels_on(const Graph& graph, const Node& node) {
  switch (node.op) {
    case Op::input:
    case Op::linear:
    case Op::concat:
    case Op::slice:
    case Op::channel_shuffle:
      return false;
    case Op::conv2d:
      return is_depthwise(graph, node) && node.output.channels == node.groups;
    default:
      return true;
  }
}

// Whether the output's channels follow from those of the input without a choice. A depthwise convolution whose depth
// multiplier is that of the parent hands them on; else they follow from it.
bool is_derived(const Graph& graph, const Node& node) {
  return node.op == Op::concat || node.op == Op::slice || node.op == Op::channel_shuffle || is_depthwise(graph, node);
}

}  // namespace

ChannelClasses::ChannelClasses(const Graph& graph) : class_of_(graph.nodes.size()) {
  std::iota(class_of_.begin(), class_of_.end(), 0);
  const auto find = [this](int node) {
    while (class_of_[node] != node) node = class_of_[node];
    return node;
  };
  const int count = static_cast<int>(graph.nodes.size());
  for (int i = 0; i < count; ++i) {
    if (!hands_channels_on(graph, graph.nodes[i])) continue;
    for (int input : graph.nodes[i].inputs) {
      if (input < 0) continue;
      const auto [low, high] = std::minmax({find(input), find(i)});
      class_of_[high] = low;
    }
  }
  for (int i = 0; i < count; ++i) {
    class_of_[i] = find(i);
    members_[class_of_[i]].push_back(i);
  }
}

ChannelMaps::ChannelMaps(const Graph& child, const Graph& parent, Importance importance)
    : child_(child),
      parent_(parent),
      importance_(std::move(importance)),
      child_classes_(child),
      parent_classes_(parent) {
  for (int i = 0; i < static_cast<int>(parent.nodes.size()); ++i) parent_names_[parent.full_name(i)] = i;
}

int ChannelMaps::parent_node(const std::string& full_name) const {
  const auto found = parent_names_.find(full_name);
  return found == parent_names_.end() ? -1 : found->second;
}

const std::vector<int>& ChannelMaps::map(int child_node, int parent_node) {
  const Pair classes{child_classes_.of(child_node), parent_classes_.of(parent_node)};
  if (const auto found = maps_.find(classes); found != maps_.end()) return found->second;
  // Where a class is derived from itself, as a depthwise convolution's or one around a residual sum, this choice
  // stands.
  maps_[classes] = select(classes);
  std::vector<int> map = derive(classes);
  if (!map.empty()) maps_[classes] = std::move(map);
  return maps_[classes];
}

// Empty if the channels are chosen.
std::vector<int> ChannelMaps::derive(Pair classes) {
  for (int node : child_classes_.members(classes.first)) {
    if (!is_derived(child_, child_.nodes[node])) continue;
    const int parent = parent_node(child_.full_name(node));
    if (parent >= 0 && parent_classes_.of(parent) == classes.second &&
        parent_.nodes[parent].op == child_.nodes[node].op && is_derived(parent_, parent_.nodes[parent]))
      return derived_from(node, parent);
  }
  return {};
}

std::vector<int> ChannelMaps::derived_from(int child_node, int parent_node) {
  const Node &child = child_.nodes[child_node], &parent = parent_.nodes[parent_node];
  const std::vector<int> first = map(child.inputs[0], parent.inputs[0]);
  const int parent_first = parent_.input_channels(parent);
  std::vector<int> result(child.output.channels, -1);
  if (child.op == Op::concat) {
    const std::vector<int> second = map(child.inputs[1], parent.inputs[1]);
    std::copy(first.begin(), first.end(), result.begin());
    for (std::size_t i = 0; i < second.size(); ++i)
      if (second[i] >= 0) result[first.size() + i] = parent_first + second[i];
  } else if (child.op == Op::slice) {
    for (int i = 0; i < child.output.channels; ++i) {
      const int from = first[child.first_channel + i] - parent.first_channel;
      if (from >= 0 && from < parent.output.channels) result[i] = from;
    }
  } else if (child.op == Op::channel_shuffle) {
    const int child_block = child.output.channels / child.groups, parent_block = parent_first / parent.groups;
    for (int i = 0; i < child.output.channels; ++i) {
      const int from = first[(i % child.groups) * child_block + i / child.groups];
      if (from >= 0) result[i] = (from % parent_block) * parent.groups + from / parent_block;
    }
  } else {  // depthwise expansion: output channel c * multiplier + k is filter k of input channel c
    const int child_multiplier = child.output.channels / child.groups;
    const int parent_multiplier = parent.output.channels / parent.groups;
    for (int i = 0; i < child.output.channels; ++i) {
      const int from = first[i / child_multiplier], filter = i % child_multiplier;
      if (from >= 0 && filter < parent_multiplier) result[i] = from * parent_multiplier + filter;
    }
  }
  return result;
}

// Into how many blocks the channels fall that may not mix: grouped convolutions and channel splits work block by block.
int ChannelMaps::blocks(Pair classes) const {
  const int child_channels = child_.nodes[classes.first].output.channels;
  const int parent_channels = parent_.nodes[classes.second].output.channels;
  int result = 1;
  for (int i = 0; i < static_cast<int>(child_.nodes.size()); ++i) {
    const Node& node = child_.nodes[i];
    const bool grouped = node.op == Op::conv2d && node.groups > 1 && !is_depthwise(child_, node);
    const bool reads = node.inputs[0] >= 0 && child_classes_.of(node.inputs[0]) == classes.first;
    const bool writes = child_classes_.of(i) == classes.first;
    int count = 1;
    if (grouped && (reads || writes)) count = node.groups;
    if (node.op == Op::slice && reads && child_channels % node.output.channels == 0)
      count = child_channels / node.output.channels;
    if (count <= result || child_channels % count != 0 || parent_channels % count != 0) continue;
    const int parent = parent_node(child_.full_name(i));
    if (parent >= 0 && parent_.nodes[parent].op == node.op && parent_.nodes[parent].groups == node.groups)
      result = count;
  }
  return result;
}

std::vector<double> ChannelMaps::importance_of(int parent_class) const {
  std::vector<double> sum(parent_.nodes[parent_class].output.channels, 0.0);
  for (int node : parent_classes_.members(parent_class)) {
    const std::vector<double> part = importance_(node);
    for (std::size_t i = 0; i < part.size() && i < sum.size(); ++i) sum[i] += part[i];
  }
  return sum;
}

// The most important channels of each block, in the parent's order; new ones after them.
std::vector<int> ChannelMaps::select(Pair classes) const {
  const int child_channels = child_.nodes[classes.first].output.channels;
  const int parent_channels = parent_.nodes[classes.second].output.channels;
  std::vector<int> result(child_channels, -1);
  const int count = blocks(classes);
  const int child_block = child_channels / count, parent_block = parent_channels / count;
  const int kept = std::min(child_block, parent_block);
  const std::vector<double> importance = importance_of(classes.second);
  for (int block = 0; block < count; ++block) {
    std::vector<int> order(parent_block);
    std::iota(order.begin(), order.end(), block * parent_block);
    // Images come in with all channels; ties keep the parent's order.
    std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return importance[a] > importance[b]; });
    std::sort(order.begin(), order.begin() + kept);
    std::copy_n(order.begin(), kept, result.begin() + block * child_block);
  }
  return result;
}

}  // namespace evaluators
