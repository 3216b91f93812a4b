// Costs per primitive and the liveness of activations.
#include "search_space/cost.h"

#include <algorithm>

namespace search_space {
namespace {

void count(const Graph& graph, const Node& node, Counting counting, Cost& cost) {
  const std::int64_t channels = node.output.channels;
  switch (node.op) {
    case Op::conv2d: {
      const std::int64_t per_channel =
          std::int64_t{node.kernel} * node.kernel * (graph.input_channels(node) / node.groups);
      cost.weights += per_channel * channels;
      cost.biases += node.bias ? channels : 0;
      cost.multiply_adds += per_channel * node.output.elements();
      break;
    }
    case Op::linear: {
      const std::int64_t weights = std::int64_t{graph.input_channels(node)} * channels;
      cost.weights += weights;
      cost.biases += node.bias ? channels : 0;
      cost.multiply_adds += weights;
      break;
    }
    case Op::batch_norm:
      // Folded, the scale vanishes into the convolution's weights and the shift becomes its bias.
      cost.weights += counting == Counting::published ? channels : 0;
      cost.biases += channels;
      break;
    case Op::scale:
      cost.weights += channels;
      break;
    default:
      break;
  }
}

// Calls visit(node index, elements alive while it runs) for every node in order.
template <typename Visit>
void walk_liveness(const Graph& graph, Visit visit) {
  const int nodes = static_cast<int>(graph.nodes.size());
  std::vector<int> last_reader(nodes, nodes);  // the output outlives the run
  for (int i = 0; i < nodes; ++i) {
    for (const int input : graph.nodes[i].inputs) {
      if (input >= 0) last_reader[input] = i;
    }
  }
  std::int64_t alive = 0;
  for (int i = 0; i < nodes; ++i) {
    const Node& node = graph.nodes[i];
    const std::int64_t own = node.output.elements();
    alive += own;
    std::int64_t during = alive, freed = 0;
    bool reused = !may_run_in_place(node.op);
    for (int k = 0; k < 2; ++k) {
      const int input = node.inputs[k];
      if (input < 0 || last_reader[input] != i || (k == 1 && input == node.inputs[0])) continue;
      const std::int64_t elements = graph.nodes[input].output.elements();
      freed += elements;
      if (!reused && elements == own) {
        during -= own;
        reused = true;
      }
    }
    visit(i, during);
    alive -= freed;
  }
}

}  // namespace

bool Cost::operator==(const Cost& other) const {
  return weights == other.weights && biases == other.biases && multiply_adds == other.multiply_adds &&
         peak_activations == other.peak_activations;
}

Cost cost_of(const Graph& graph, Counting counting) {
  Cost total;
  for (const Node& node : graph.nodes) count(graph, node, counting, total);
  walk_liveness(graph,
                [&](int, std::int64_t alive) { total.peak_activations = std::max(total.peak_activations, alive); });
  return total;
}

std::vector<Cost> cost_per_node(const Graph& graph, Counting counting) {
  std::vector<Cost> costs(graph.nodes.size());
  for (std::size_t i = 0; i < costs.size(); ++i) count(graph, graph.nodes[i], counting, costs[i]);
  walk_liveness(graph, [&](int node, std::int64_t alive) { costs[node].peak_activations = alive; });
  return costs;
}

}  // namespace search_space
