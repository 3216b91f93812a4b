// How the networks of one generator spread, and by how much they meet the requirements.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "synth/report/run_view.h"

namespace synth::report {

// Over the distinct networks of a generator; performances and accuracies over those that were trained.
struct Spread {
  int distinct = 0, trained = 0, feasible = 0;
  double lowest_performance = std::numeric_limits<double>::infinity();
  double highest_performance = -std::numeric_limits<double>::infinity();
  double lowest_bound = 1;  // of the accuracy lower bounds
  std::int64_t fewest_parameters = std::numeric_limits<std::int64_t>::max(), most_parameters = 0;
  std::int64_t fewest_multiply_adds = std::numeric_limits<std::int64_t>::max(), most_multiply_adds = 0;
  std::int64_t most_weight_bytes = 0, most_activation_bytes = 0;  // at the required precisions
  double highest_latency_ms = 0;
  std::int64_t most_flash = 0, most_ram = 0, most_cycles = 0;  // where requirements ask for them
};

Spread spread_of(const RunView& view, const results_db::GeneratorRecord& generator);

// The distance of the generator's worst network from one requirement's bound; positive = met with room to spare.
struct Margin {
  std::string requirement;  // "accuracy", "params", ...
  double bound = 0;         // as required; accuracy as a fraction
  double worst = 0;         // lowest accuracy bound, or largest cost, among the networks
  double relative = 0;      // room as a fraction of the bound; for accuracy in absolute terms (0.01 = one point)
};

// One per requirement, in the order of the grammar; none for a generator without trained networks.
std::vector<Margin> margins_of(const RunView& view, const results_db::GeneratorRecord& generator);
std::string format_margins(const std::vector<Margin>& margins);  // "accuracy +1.20 points, params 35 % to spare"

std::string format_range(std::int64_t low, std::int64_t high);  // "12.0 k", "12.0-31.4 k" or "960 k-1.02 M"

}  // namespace synth::report
