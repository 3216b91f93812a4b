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

// One sentence per slot whose module is of another kind than the parent's and was fitted to it, over the networks: how
// much of the old module's responses the new one explained before tuning, and its multiply-adds to the old one's.
std::vector<std::string> explain_fits(Experiment& experiment, const std::vector<const Record*>& networks);

}  // namespace synth::engine
