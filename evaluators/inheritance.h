// Children start from a relative's weights: kept channels are those the inquisitor ranks highest; new parts start so
// that the slot's output changes least.
#pragma once

#include <map>
#include <string>

#include "evaluators/evaluation.h"
#include "evaluators/network.h"

namespace evaluators {

// Copies into `child` what it shares with a parent of graph `parent_graph` and tensors `parent_tensors`. Returns the
// fraction of the child's parameters that were inherited.
double inherit(Network& child, const search_space::Graph& parent_graph,
               const std::map<std::string, torch::Tensor>& parent_tensors, const Evidence& parent_evidence);

}  // namespace evaluators
