// Which networks of a run become a family: from generators at different stages of the search.
#pragma once

#include <vector>

#include "synth/report/run_view.h"

namespace synth::cli {

struct FamilyCandidate {
  int network = 0;    // record id
  int generator = 0;  // k of the accepted generator that generates it
};

// Up to `members` distinct feasible networks, each the one with the highest U of an accepted generator, at evenly
// spread stages from the first generator with fewer parameters than the prototype to the last; filled up with further
// networks of accepted generators where there are not enough. Largest (by parameters) first.
std::vector<FamilyCandidate> choose_family(const report::RunView& view, int members);

}  // namespace synth::cli
