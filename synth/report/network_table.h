// The layer table of one network: what every primitive costs, grouped by slot.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "search_space/architecture.h"
#include "search_space/cost.h"
#include "search_space/graph.h"

namespace synth::report {

struct ShowOptions {
  std::string name;
  int bits = 32;  // of weights and activations, for the memory figures
  search_space::Counting counting = search_space::Counting::folded;
  bool every_layer = false;  // text: also batch norms, activations and other nodes that cost nothing
};

// Costs per node as tables show them: what batch norm adds belongs to the convolution it is folded into.
std::vector<search_space::Cost> folded_costs(const search_space::Graph& graph, search_space::Counting counting);
// Whether tables leave the node out: batch norm is folded and activations are fused when a network is deployed.
bool left_out(const search_space::Node& node, const search_space::Cost& folded);

// InputError if the architecture cannot be lowered.
std::string show_text(const search_space::Architecture& architecture, const ShowOptions& options, int columns = 0);
nlohmann::ordered_json show_json(const search_space::Architecture& architecture,
                                 const ShowOptions& options);  // synth/show/1

}  // namespace synth::report
