// Integer networks as safetensors: what bundles hold, so that an export can be made again without data.
#pragma once

#include <string>

#include "evaluators/integer_network.h"

namespace evaluators {

class Network;

// By a layer's name: NAME.weight int8 (layout of IntegerNode), NAME.bias int32, NAME.weight_scale and, of every node,
// NAME.range = {scale, zero point} in float32.
std::string to_safetensors(const IntegerNetwork& network);

// The folded graph is that of `network`. InputError naming `source`, the tensor, and the size that it must have, or
// what is no number.
IntegerNetwork integers_from_safetensors(const Network& network, const std::string& blob, const std::string& source);

}  // namespace evaluators
