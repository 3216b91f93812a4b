// Children start from a relative's weights: kept channels are those the inquisitor ranks highest; new parts start so
// that the slot's output changes least.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "evaluators/evaluation.h"
#include "evaluators/network.h"

namespace evaluators {

// A slot whose module has mostly fresh weights, though the parent had a module there: what its responses should be.
struct FreshSlot {
  int slot = -1;
  int node = -1, parent_node = -1;  // of the child's and the parent's graph: `response_node` of the slot
  std::vector<int> channels;        // per channel of the child's response: the parent's that it continues, -1 = none
};

struct Inherited {
  double fraction = 0;  // of the child's parameters
  std::vector<FreshSlot> fresh;
};

// Copies into `child` what it shares with a parent of graph `parent_graph` and tensors `parent_tensors`.
Inherited inherit(Network& child, const search_space::Graph& parent_graph,
                  const std::map<std::string, torch::Tensor>& parent_tensors, const Evidence& parent_evidence);

// The node whose output is the response of the module in `slot`: the branch that its shortcut is added to, or the
// slot's output where it has none. -1 where no module stands.
int response_node(const search_space::Graph& graph, int slot);

// Zeroes the last batch norm's weight of a branch that is added to a shortcut: the slot puts out its shortcut alone,
// and the branch can still learn. Nothing where there is no such branch.
void silence(Network& network, int slot);

}  // namespace evaluators
