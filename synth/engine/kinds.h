// The space by kind of module, before anything is shrunk.
#pragma once

#include <string>
#include <vector>

#include "synth/engine/experiment.h"

namespace synth::engine {

// For each kind of module that networks of this space can be made of, `from`'s own among them: the network whose slots
// are all of that kind, where it can stand, with parameters and with widths of the whole network at those fractions of
// their domains that bring parameters x multiply-adds nearest to `ratio` times `from`'s. Kinds without parameters
// (skip) are left out. Empty where no decision is about kinds.
std::vector<search_space::Design> networks_of_each_kind(const search_space::DesignSpace& space,
                                                        const search_space::Design& from, double ratio);

// Of the networks `alike`, each of one kind, of about one size and trained alike: the kind that is clearly more accurate
// for its size than `own`; empty where none is, or `own` is not among them.
std::string clearly_better_kind(const Experiment& experiment, const std::vector<search_space::Design>& alike,
                                const std::string& own);

// The best network evaluated of each main kind other than `centre`'s: feasible before not, then by U or accuracy.
std::vector<search_space::Design> best_of_other_kinds(const Experiment& experiment, const search_space::Design& centre);

// What most slots are made of: a label of their decisions about kinds; empty where there are none.
std::string main_kind(const search_space::DesignSpace& space, const search_space::Design& design);

}  // namespace synth::engine
