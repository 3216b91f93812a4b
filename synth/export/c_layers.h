// Weights as the generated C reads them. Internal to the format `c`.
#pragma once

#include <cstdint>
#include <vector>

#include "evaluators/integer_network.h"

namespace synth::c_export {

// Constants of a convolution or dense layer in the layout that synth/export/c/convolution.c states.
struct Layer {
  std::vector<std::int8_t> weight;
  std::vector<std::int32_t> bias, multiplier;
  std::vector<std::int8_t> down;
  bool plain = true;
  bool depthwise = false;
  int quads = 0;         // fours of inputs that a sum runs over; not of depthwise ones
  bool gathers = false;  // its inputs do not lie one after the other
};

// InputError naming the node: sums that could leave 30 bits, dimensions above 65535.
Layer layer_of(const evaluators::IntegerNetwork& network, int node);

}  // namespace synth::c_export
