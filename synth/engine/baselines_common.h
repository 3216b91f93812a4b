// What the baselines share: draws, neighbours, and the order of constrained comparison.
#pragma once

#include "search_space/random.h"
#include "synth/engine/experiment.h"

namespace synth::engine {

// Evaluates, and records every feasible network that surpasses all before it as this algorithm's next generator. Throws
// BudgetExhausted as well when the wanted number of generators is reached.
std::vector<const Record*> evaluate_step(Experiment& experiment, const std::vector<search_space::Design>& designs);

// Proposals in a row that are all known already, after which a space counts as exhausted.
inline constexpr int stalled_proposals = 20000;

// Every active decision uniform; empty if no valid design was found in `stalled_proposals` draws.
search_space::Design random_design(const search_space::DesignSpace& space, search_space::Random& random);

// `design` with one decision changed; decisions that become active by it are drawn uniformly. Canonical, maybe invalid.
search_space::Design changed(const search_space::DesignSpace& space, const search_space::Design& design, int decision,
                             int value, search_space::Random& random);

// All valid designs that differ in one active decision, in random order.
std::vector<search_space::Design> neighbours(const search_space::DesignSpace& space, const search_space::Design& design,
                                             search_space::Random& random);

// A random one of them; `design` itself if none is found.
search_space::Design mutated(const search_space::DesignSpace& space, const search_space::Design& design,
                             search_space::Random& random);

// How far a record is from meeting the requirements: the sum of relative excesses; 0 if feasible, infinite if it was
// not trained.
double violation_of(const Objective& objective, const Record& record);

// Deb's rules: feasible before infeasible, feasible ones by U, infeasible ones by violation.
bool better(const Objective& objective, const Record& first, const Record& second);

}  // namespace synth::engine
