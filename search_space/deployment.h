// What a network occupies and takes as the 8-bit program that `synth export --format c` writes, on a Cortex-M4: from
// its graph alone, before anything is trained (docs/export_c.md, "Before training").
#pragma once

#include <cstdint>
#include <vector>

#include "search_space/cost.h"

namespace search_space {

// The graph as it is deployed: batch norms folded into the convolutions before them, and the relus that do nothing to
// integers (their input cannot lie below its zero point) as identities.
Graph deployed_graph(Graph graph);

// Depthwise layers are computed row by row, others as matrix products.
bool runs_depthwise(const Graph& deployed, const Node& node);
// Whether the inputs of a matrix product do not lie one after the other, and are gathered.
bool gathers_inputs(const Graph& deployed, const Node& node);
// Pixels that the memory plan leaves room for, where a layer gathers inputs; faster processors bring their own.
inline constexpr int planned_pixels = 2;
// Bytes that each node needs in the arena while it runs, by the node's index.
std::vector<std::int64_t> scratch_bytes(const Graph& deployed);

// Of a part of a network (`whole` is false) the output lies in the arena, too.
Deployment deployment_of(const Graph& graph, bool whole = true);

// Instructions of a node are a sum over such terms times what each is worth (tests/bench/instructions.cpp fits that).
enum class Routine {
  none,
  matrix,
  gather,
  depthwise,
  max_pool,
  avg_pool,
  global_avg_pool,
  add,
  multiply,
  scale,
  concat,
  relu,
  table,
  slice,
  channel_shuffle,
  upsample_nearest,
  count
};
struct RoutineTerms {
  Routine routine = Routine::none;
  std::vector<double> counts;
};
std::vector<RoutineTerms> routine_terms(const Graph& deployed, int node);
double instructions_of(const Graph& deployed, int node);

}  // namespace search_space
