// Why a proposal changes what it changes: sentences from probing evidence and predictions.
#pragma once

#include <string>
#include <vector>

#include "synth/engine/inquisitor.h"

namespace synth::engine {

// One sentence per decision in which a proposed network differs from the centre, most frequent change first.
std::vector<std::string> explain(Inquisitor& inquisitor, Experiment& experiment, const search_space::Design& centre,
                                 const std::vector<search_space::Design>& designs);

}  // namespace synth::engine
