// The layer table of one network: what every primitive costs, grouped by slot.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "search_space/architecture.h"
#include "search_space/cost.h"

namespace synth::report {

struct ShowOptions {
  std::string name;
  int bits = 32;  // of weights and activations, for the memory figures
  search_space::Counting counting = search_space::Counting::folded;
  bool every_layer = false;  // text: also batch norms, activations and other nodes that cost nothing
};

// InputError if the architecture cannot be lowered.
std::string show_text(const search_space::Architecture& architecture, const ShowOptions& options, int columns = 0);
nlohmann::ordered_json show_json(const search_space::Architecture& architecture,
                                 const ShowOptions& options);  // synth/show/1

}  // namespace synth::report
