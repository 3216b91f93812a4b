// From stored weights to networks that compute with them.
#pragma once

#include <string>

#include "evaluators/float_network.h"
#include "search_space/architecture.h"

namespace evaluators {

class Network;

// The network of a safetensors blob. InputError, naming `source` and the tensor: tensors that do not fit the
// architecture, or numbers that are not finite.
Network finite_network(const search_space::Architecture& architecture, const std::string& weights,
                       const std::string& source);

FloatNetwork float_network(const Network& network);

}  // namespace evaluators
