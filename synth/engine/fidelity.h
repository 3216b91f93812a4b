// How well a table's accuracies after little training rank its networks.
#pragma once

#include <optional>
#include <vector>

#include "evaluators/table.h"
#include "synth/engine/objective.h"

namespace synth::engine {

// Spearman's, in [-1, 1], with mean ranks for ties; absent below three pairs, or where either list is constant.
std::optional<double> rank_correlation(const std::vector<double>& first, const std::vector<double>& second);

struct Fidelity {
  double cost_fraction = 1;           // of the full training's cost
  int networks = 0, feasible = 0;     // compared
  std::optional<double> of_all;       // rank correlation of the cheap with the full accuracy
  std::optional<double> of_feasible;  // likewise among the feasible networks
};

// Over all networks; absent where the table has no cheap accuracies.
std::optional<Fidelity> fidelity_of(const evaluators::Table& table, const Objective& objective);

}  // namespace synth::engine
