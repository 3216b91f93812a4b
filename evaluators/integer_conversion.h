// From a trained network to the deployed one.
#pragma once

#include <string>

#include "evaluators/integer_network.h"
#include "search_space/architecture.h"

namespace evaluators {

class Network;

// Ranges of activations are those that QuantisedNetwork finds on training images; that of the logits is what they
// reach there.
IntegerNetwork integer_network(const Network& network, const DataSet& data);

// The same from a safetensors blob. InputError, naming `source`: tensors that do not fit the architecture, or numbers
// that are not finite.
IntegerNetwork integer_network(const search_space::Architecture& architecture, const std::string& weights,
                               const std::string& source, const DataSet& data);

}  // namespace evaluators
