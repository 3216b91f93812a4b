// The integer network as quantisation.h states it, written with plain integers: what an exported C program computes.
#pragma once

#include <vector>

#include "evaluators/quantisation.h"

namespace fixtures {

// Logits of one image, given as C x H x W normalised values.
std::vector<float> integer_logits(const evaluators::QuantisedNetwork& network, const std::vector<float>& image);

}  // namespace fixtures
