// Architecture -> Graph, the only place where designs become primitives.
#pragma once

#include "search_space/architecture.h"
#include "search_space/graph.h"

namespace search_space {

// Throws InputError naming the JSON path ("slots[3].module.parameters.groups") if the design is impossible.
Graph lower(const Architecture& architecture);

}  // namespace search_space
