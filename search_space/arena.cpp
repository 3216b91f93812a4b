// Placement: several greedy orders, then exchanges within the best, until nothing is left to gain.
#include "search_space/arena.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "search_space/arena_order.h"
#include "search_space/random.h"

namespace search_space {
namespace {

// A stretch of memory, in steps of the order chosen.
struct Buffer {
  std::int64_t size = 0;
  int first = 0, last = 0;  // steps
  std::int64_t offset = -1;

  std::int64_t steps() const { return last - first + 1; }
};

constexpr int exchanges = 2000;

struct Buffers {
  std::vector<Buffer> buffers;
  std::vector<int> of_output, of_scratch;  // of each node; -1 = none
};

Buffers buffers_of(const ArenaTasks& all, const std::vector<int>& order) {
  Buffers result;
  result.of_output.assign(all.size.size(), -1);
  result.of_scratch.assign(all.size.size(), -1);
  const auto make = [&result](std::int64_t size, int step) {
    result.buffers.push_back({size, step, step});
    return static_cast<int>(result.buffers.size()) - 1;
  };
  result.of_output[0] = make(all.size[0], 0);
  Done done(all.tasks.size(), 0);
  for (int step = 0; step < static_cast<int>(order.size()); ++step) {
    const auto& [node, inputs] = all.tasks[order[step]];
    for (int input : inputs)
      if (input >= 0) result.buffers[result.of_output[input]].last = step;
    const int reused = reused_input(all, order[step], done);
    if (reused >= 0)
      result.of_output[node] = result.of_output[reused];
    else if (all.size[node] > 0)
      result.of_output[node] = make(all.size[node], step);
    if (all.scratch[node] > 0) result.of_scratch[node] = make(all.scratch[node], step);
    done[order[step]] = 1;
  }
  return result;
}

std::int64_t largest_live_set(const std::vector<Buffer>& buffers, int steps) {
  std::vector<std::int64_t> alive(steps, 0);
  for (const Buffer& buffer : buffers)
    for (int step = buffer.first; step <= buffer.last; ++step) alive[step] += buffer.size;
  return *std::max_element(alive.begin(), alive.end());
}

// Each in turn at the lowest place that is free for as long as it lives. Returns the bytes used.
std::int64_t place(std::vector<Buffer>& buffers, const std::vector<int>& turn) {
  std::vector<int> placed;  // by offset
  std::int64_t bytes = 0;
  for (int index : turn) {
    Buffer& buffer = buffers[index];
    buffer.offset = 0;
    for (int other : placed) {
      const Buffer& taken = buffers[other];
      if (taken.last < buffer.first || buffer.last < taken.first) continue;
      if (taken.offset >= buffer.offset + buffer.size) break;
      buffer.offset = std::max(buffer.offset, taken.offset + taken.size);
    }
    placed.insert(std::upper_bound(placed.begin(), placed.end(), index,
                                   [&](int a, int b) { return buffers[a].offset < buffers[b].offset; }),
                  index);
    bytes = std::max(bytes, buffer.offset + buffer.size);
  }
  return bytes;
}

// The best of several placements.
std::int64_t place_well(std::vector<Buffer>& buffers, std::int64_t bound) {
  std::vector<int> best;
  std::int64_t least = std::numeric_limits<std::int64_t>::max();
  const auto attempt = [&](const std::vector<int>& turn) {
    const std::int64_t bytes = place(buffers, turn);
    if (bytes >= least) return;
    least = bytes;
    best = turn;
  };
  std::vector<int> turn(buffers.size());
  const auto by = [&](const auto& weight) {
    std::iota(turn.begin(), turn.end(), 0);
    std::stable_sort(turn.begin(), turn.end(), [&](int a, int b) { return weight(buffers[a]) > weight(buffers[b]); });
    attempt(turn);
  };
  by([](const Buffer& buffer) { return buffer.size; });
  by([](const Buffer& buffer) { return buffer.size * buffer.steps(); });
  by([](const Buffer& buffer) { return buffer.steps(); });
  by([](const Buffer& buffer) { return -std::int64_t{buffer.first}; });
  Random random(1);
  for (int i = 0; i < exchanges && least > bound; ++i) {
    turn = best;
    const int count = static_cast<int>(turn.size());
    std::swap(turn[random.below(count)], turn[random.below(count)]);
    attempt(turn);
  }
  return place(buffers, best);
}

}  // namespace

ArenaPlan plan_arena(const Graph& graph, const std::vector<std::int64_t>& scratch) {
  const ArenaTasks all = arena_tasks(graph, scratch);
  ArenaPlan plan;
  plan.offset.assign(graph.nodes.size(), -1);
  plan.scratch_offset.assign(graph.nodes.size(), -1);
  if (all.tasks.empty()) return plan;
  const std::vector<int> order = least_memory_order(all);
  Buffers found = buffers_of(all, order);
  plan.largest_live_set = largest_live_set(found.buffers, static_cast<int>(order.size()));
  plan.bytes = place_well(found.buffers, plan.largest_live_set);
  for (int task : order) plan.order.push_back(all.tasks[task].node);
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const int output = found.of_output[all.origin[i]], own = found.of_scratch[i];
    if (output >= 0) plan.offset[i] = found.buffers[output].offset;
    if (own >= 0) plan.scratch_offset[i] = found.buffers[own].offset;
  }
  return plan;
}

}  // namespace search_space
