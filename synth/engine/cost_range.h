// What costs alone say about a space, before anything is trained.
#pragma once

#include <string>

#include "search_space/design_space.h"
#include "synth/engine/requirements.h"

namespace synth::engine {

struct CostExtreme {
  search_space::Design design;
  search_space::Cost cost;
};

struct CostRange {
  bool exact = false;  // every design was costed; else these are the extremes a search found
  // By parameters, multiply-adds, weight bytes and peak activation bytes (at the required precision).
  CostExtreme least_parameters, least_multiply_adds, least_weight_bytes, least_peak_activation;
  CostExtreme least_flash, least_ram, least_cycles;  // the prototype's where costs have no deployment
  CostExtreme most_parameters, most_multiply_adds;
  CostExtreme least_excess;  // smallest worst ratio of a cost to its bound; at most 1 where the bounds can be met
  double excess = 0;
};

CostRange cost_range(const search_space::DesignSpace& space, const Requirements& requirements);

// Why no network of the space can meet the requirements, by costs alone; empty if some can.
std::string why_infeasible(const CostRange& range, const Requirements& requirements);

}  // namespace synth::engine
