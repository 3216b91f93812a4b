// Exact costs of a lowered graph.
#pragma once

#include <cstdint>
#include <vector>

#include "search_space/graph.h"

namespace search_space {

enum class Counting {
  folded,    // batch norm folded into the convolution: one bias per output channel (what is deployed)
  published  // batch-norm scale and shift counted instead, as most publications do
};

struct Cost {
  std::int64_t weights = 0;           // multiplicative parameters, stored at the weight precision
  std::int64_t biases = 0;            // additive parameters, 32 bits each at every precision
  std::int64_t multiply_adds = 0;     // of convolutions and dense layers
  std::int64_t peak_activations = 0;  // elements alive at once in the worst step; in-place where the last reader allows

  std::int64_t parameters() const { return weights + biases; }
  std::int64_t weight_bytes(int bits) const { return (weights * bits + 7) / 8 + biases * 4; }
  std::int64_t peak_activation_bytes(int bits) const { return (peak_activations * bits + 7) / 8; }
  bool operator==(const Cost&) const = default;
};

Cost cost_of(const Graph& graph, Counting counting = Counting::folded);

// Per node, in the order of graph.nodes; peak_activations = elements alive while the node runs.
std::vector<Cost> cost_per_node(const Graph& graph, Counting counting = Counting::folded);

}  // namespace search_space
