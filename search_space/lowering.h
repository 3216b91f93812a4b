// Architecture -> Graph, the only place where designs become primitives.
#pragma once

#include "search_space/architecture.h"
#include "search_space/graph.h"
#include "search_space/graph_builder.h"

namespace search_space {

// Enough for every kind, so that a graph is allocated once.
inline constexpr int nodes_per_slot = 20;

// Throws InputError naming the JSON path ("slots[3].module.parameters.groups") if the design is impossible.
Graph lower(const Architecture& architecture);

// Its parts, for graphs that hold more than a classifier: the stem behind the builder's input, and slots [first, last)
// behind node `from`. Both return the node of their output.
int lower_stem(const Architecture& architecture, GraphBuilder& builder);
int lower_slots(const Architecture& architecture, int first, int last, int from, GraphBuilder& builder);

}  // namespace search_space
