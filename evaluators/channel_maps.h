// Which channel of a parent each channel of a child continues, consistently for everything that reads or writes it.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "search_space/graph.h"

namespace evaluators {

// Nodes whose outputs share their channels: batch norm, activations, pooling, depthwise convolutions and residual sums
// hand channels on, so all of them keep the same ones.
class ChannelClasses {
 public:
  explicit ChannelClasses(const search_space::Graph& graph);
  int of(int node) const { return class_of_[node]; }  // smallest node index of its class
  const std::vector<int>& members(int node_class) const { return members_.at(node_class); }

 private:
  std::vector<int> class_of_;
  std::map<int, std::vector<int>> members_;
};

class ChannelMaps {
 public:
  // Importance of the output channels of a convolution or dense layer of the parent, by node; empty if unknown.
  using Importance = std::function<std::vector<double>(int)>;
  ChannelMaps(const search_space::Graph& child, const search_space::Graph& parent, Importance importance);

  // Per output channel of the child's node: the channel of the parent's node that it continues, -1 = it is new.
  const std::vector<int>& map(int child_node, int parent_node);
  int parent_node(const std::string& full_name) const;  // -1 if the parent has none of this name

 private:
  using Pair = std::pair<int, int>;
  std::vector<int> derive(Pair classes);
  std::vector<int> derived_from(int child_node, int parent_node);
  std::vector<int> select(Pair classes) const;
  int blocks(Pair classes) const;
  std::vector<double> importance_of(int parent_class) const;

  const search_space::Graph &child_, &parent_;
  Importance importance_;
  ChannelClasses child_classes_, parent_classes_;
  std::map<std::string, int> parent_names_;
  std::map<Pair, std::vector<int>> maps_;
};

}  // namespace evaluators
