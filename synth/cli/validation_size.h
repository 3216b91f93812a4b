// Whether a validation split is large enough for the accuracy that is asked for.
#pragma once

#include <string>

#include "synth/engine/objective.h"

namespace synth::cli {

// With few images no accuracy is known well enough to meet a bound near 100 %. Empty if the bound can be met.
std::string why_unreachable(const engine::Objective& objective, int images);

// A bound that a small validation split makes much harder to meet than it reads. Empty where it is not.
std::string why_hard(const engine::Objective& objective, int images);

}  // namespace synth::cli
