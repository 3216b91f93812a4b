// Where every activation of a deployed network lies: one block of memory, used over and over.
#pragma once

#include <cstdint>
#include <vector>

#include "search_space/graph.h"

namespace search_space {

// Offsets and sizes in bytes, one byte per element. Covers every node that the last one (softmax) depends on, but not
// itself.
struct ArenaPlan {
  std::vector<int> order;                    // nodes as they run, without the input and identities
  std::vector<std::int64_t> offset;          // of each node's output; identities share their input's; -1 = has none
  std::vector<std::int64_t> scratch_offset;  // of each node's scratch; -1 = has none
  std::int64_t bytes = 0;
  // The largest sum of what lives during one step, in the order chosen: no placement can be smaller.
  std::int64_t largest_live_set = 0;
};

inline constexpr std::int64_t arena_alignment = 4;  // of every offset

// `scratch`: bytes that each node needs while it runs; empty = none. Branches are ordered for the least live set where
// the network is narrow enough to try every order (all modules here are), else they keep the graph's order.
ArenaPlan plan_arena(const Graph& graph, const std::vector<std::int64_t>& scratch = {});

}  // namespace search_space
