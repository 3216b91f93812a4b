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

// As the generated C on a Cortex-M4 (deployment.h). All zero where it was not asked for.
struct Deployment {
  std::int64_t constants = 0;     // bytes
  std::int64_t calls = 0;         // bytes of code that differs from network to network
  std::int64_t instructions = 0;  // of one image
  std::int64_t ram = 0;           // bytes written: image, activations, scratch
  std::uint32_t kernels = 0;      // which are there, whose code is there once

  std::int64_t flash() const;        // bytes: constants and code
  void add(const Deployment& part);  // the greatest ram counts
  bool operator==(const Deployment&) const = default;
};

struct Cost {
  std::int64_t weights = 0;           // multiplicative parameters, stored at the weight precision
  std::int64_t biases = 0;            // additive parameters, 32 bits each at every precision
  std::int64_t multiply_adds = 0;     // of convolutions and dense layers
  std::int64_t peak_activations = 0;  // elements alive at once in the worst step; in-place where the last reader allows

  Deployment deployment{};

  std::int64_t parameters() const { return weights + biases; }
  std::int64_t weight_bytes(int bits) const { return (weights * bits + 7) / 8 + biases * 4; }
  std::int64_t peak_activation_bytes(int bits) const { return (peak_activations * bits + 7) / 8; }
  // Without the deployment, which follows from the same graph where it is asked for.
  bool operator==(const Cost& other) const;
};

Cost cost_of(const Graph& graph, Counting counting = Counting::folded);

// Per node, in the order of graph.nodes; peak_activations = elements alive while the node runs.
std::vector<Cost> cost_per_node(const Graph& graph, Counting counting = Counting::folded);

}  // namespace search_space
