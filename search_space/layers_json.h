// The lowered network as JSON, schema "synth/layers/1": all that a trainer of its own needs to build the network.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "search_space/graph.h"

namespace search_space {

// Layers in execution order, each with what its operation needs and no more (docs/own_trainer.md).
nlohmann::ordered_json layers_to_json(const Graph& graph);

}  // namespace search_space
