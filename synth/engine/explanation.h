// Why a proposal changes what it changes: sentences from probing evidence and predictions.
#pragma once

#include <string>
#include <vector>

#include "synth/engine/inquisitor.h"

namespace synth::engine {

// One sentence per change of a decision from the previous generator's networks to the proposed ones, seed by seed; the
// most frequent change first.
std::vector<std::string> explain(Inquisitor& inquisitor, Experiment& experiment,
                                 const std::vector<search_space::Design>& before,
                                 const std::vector<search_space::Design>& after);

}  // namespace synth::engine
