// Where to go when nothing within reach promises an improvement.
#pragma once

#include <vector>

#include "synth/engine/inquisitor.h"
#include "synth/engine/proposal.h"

namespace synth::engine {

// Unknown networks within the cost bounds at random distances from the centre, best first.
std::vector<Candidate> random_networks(Inquisitor& inquisitor, Experiment& experiment, const Target& target);

}  // namespace synth::engine
