// The order of execution that needs the least memory. Internal to arena.cpp.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "search_space/graph.h"

namespace search_space {

struct ArenaTask {
  int node = 0;
  std::array<int, 2> inputs = {-1, -1};  // nodes whose outputs they are; never twice the same
};

// A graph without identities: what must run, and which tensors it reads.
struct ArenaTasks {
  std::vector<ArenaTask> tasks;           // in the graph's order
  std::vector<int> origin;                // of each node: the node whose output it shares
  std::vector<std::int64_t> size;         // bytes of each node's output, aligned; the last task's lies elsewhere: 0
  std::vector<std::int64_t> scratch;      // bytes of each node while it runs, aligned
  std::vector<std::vector<int>> readers;  // of each node's output: indices of tasks
  const Graph* graph = nullptr;
};

ArenaTasks arena_tasks(const Graph& graph, const std::vector<std::int64_t>& scratch);

using Done = std::vector<char>;  // which tasks have run

// Whether no task but `task` is still to read the output of `node`.
bool last_reader(const ArenaTasks& all, int node, int task, const Done& done);
// The node whose place the output of `task` takes if it runs next; -1 = none.
int reused_input(const ArenaTasks& all, int task, const Done& done);

// Indices of tasks in the order whose largest live set is least.
std::vector<int> least_memory_order(const ArenaTasks& all);

// The largest live set of that order. It is found piece by piece, between the steps where a single tensor lives, and
// pieces are remembered: networks of one space have most of them in common.
std::int64_t least_live_set(const ArenaTasks& all);

}  // namespace search_space
