// Which networks of a run become a family: from generators at different stages of the search.
#pragma once

#include <optional>
#include <vector>

#include "synth/report/run_view.h"

namespace synth::cli {

struct FamilyCandidate {
  int network = 0;    // record id
  int generator = 0;  // k of the first generator, accepted if any is, that generates it; -1 = none was completed
};

// Up to `members` distinct feasible networks, each the one with the highest U of an accepted generator, at evenly
// spread stages from the first generator with fewer parameters than the prototype to the last; filled up with further
// networks of accepted generators, then with any feasible ones, where there are not enough. Largest (by parameters)
// first.
std::vector<FamilyCandidate> choose_family(const report::RunView& view, int members);

// Likewise, but networks whose slots are mainly of different kinds of modules: of each kind the one with the highest U,
// as many kinds as there are, those with the highest U first.
std::vector<FamilyCandidate> choose_distinct_kinds(const report::RunView& view, int members);

// The smallest feasible network that has more parameters than network `than` and is not among
// `chosen`; none if there is none. Takes the place of a member that fails the requirements after full training.
std::optional<FamilyCandidate> next_larger(const report::RunView& view, const std::vector<FamilyCandidate>& chosen,
                                           int than);

}  // namespace synth::cli
