// What is known of a search space without training: its size and the range of costs.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "search_space/design_space.h"
#include "synth/engine/cost_range.h"

namespace synth::cli {

std::string space_summary_text(const search_space::DesignSpace& space, const engine::CostRange& range);
// decisions, log10_size, prototype{...}, parameters[least, most], multiply_adds[least, most], exact
nlohmann::ordered_json space_summary_json(const search_space::DesignSpace& space, const engine::CostRange& range);

}  // namespace synth::cli
