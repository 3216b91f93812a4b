// The float network for inference: batch norms folded, parameters as plain values. Free of LibTorch; exporters read
// this.
#pragma once

#include <vector>

#include "search_space/graph.h"

namespace evaluators {

struct FloatNode {
  std::vector<float> weight;  // conv2d [out, in/groups, k, k], linear [out, in], scale [channels]
  std::vector<float> bias;    // conv2d, linear: [out]
};

struct FloatNetwork {
  search_space::Graph graph;  // folded (folded_network.h); the last node is the softmax
  std::vector<FloatNode> nodes;

  int logits() const { return graph.nodes.back().inputs[0]; }
};

}  // namespace evaluators
