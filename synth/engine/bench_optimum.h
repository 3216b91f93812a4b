// The constrained optimum of a table: what an algorithm's distance is measured from.
#pragma once

#include <optional>

#include "evaluators/table.h"
#include "synth/engine/objective.h"

namespace synth::engine {

struct Optimum {
  search_space::Design design;
  evaluators::Evaluation evaluation;  // noise-free
  double performance = 0;             // U
};

struct OptimumSearch {
  std::optional<Optimum> best;  // empty: no feasible design exists, or none was found
  bool exact = false;           // by enumeration; else the best that a long search found
};

// What the table says about a design without noise: results are judged on it.
evaluators::Evaluation judged(const evaluators::Table& table, const search_space::Design& design);

// Spaces of up to `enumerate` designs are enumerated, larger ones searched (deterministically, some seconds).
// Accuracy relative to the prototype must be resolved in `objective`.
OptimumSearch constrained_optimum(const evaluators::Table& table, const Objective& objective,
                                  std::uint64_t enumerate = 20'000'000);

}  // namespace synth::engine
