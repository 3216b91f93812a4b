// The synthesis loop (design: algorithm): generate, probe, learn, update, accept or reject.
#pragma once

#include "synth/engine/experiment.h"

namespace synth::engine {

// Runs until the budget ends (BudgetExhausted), the wanted generators are accepted, or nothing is left to propose.
void synthesize(Experiment& experiment);

}  // namespace synth::engine
