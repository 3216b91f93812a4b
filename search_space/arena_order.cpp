// Dijkstra's algorithm over sets of tasks that have run, where a path costs its largest live set.
#include "search_space/arena_order.h"

#include <algorithm>
#include <map>
#include <queue>

#include "search_space/arena.h"

namespace search_space {
namespace {

std::int64_t aligned(std::int64_t bytes) {
  return (bytes + arena_alignment - 1) / arena_alignment * arena_alignment;
}

// Sets tried before the graph's own order must do. Two branches of n tasks make n^2 sets.
constexpr int most_sets = 20000;

struct Reached {
  Done done;
  int previous = -1, task = -1;  // how it was reached
  int tasks = 0;
  std::int64_t alive = 0, peak = 0;
};

// Smallest peak first; of equals the one that is furthest.
struct Later {
  const std::vector<Reached>& sets;
  bool operator()(int a, int b) const {
    if (sets[a].peak != sets[b].peak) return sets[a].peak > sets[b].peak;
    return sets[a].tasks != sets[b].tasks ? sets[a].tasks < sets[b].tasks : a > b;
  }
};

class Search {
 public:
  explicit Search(const ArenaTasks& all) : all_(all), queue_(Later{sets_}) {
    producer_.assign(all.size.size(), -1);
    for (int i = 0; i < static_cast<int>(all.tasks.size()); ++i) producer_[all.tasks[i].node] = i;
  }

  std::vector<int> order() {
    reach({Done(all_.tasks.size(), 0), -1, -1, 0, all_.size[0], all_.size[0]});
    while (!queue_.empty() && static_cast<int>(sets_.size()) < most_sets) {
      const int best = queue_.top();
      queue_.pop();
      if (sets_[best].tasks == static_cast<int>(all_.tasks.size())) return path(best);
      for (int task = 0; task < static_cast<int>(all_.tasks.size()); ++task)
        if (!sets_[best].done[task] && ready(sets_[best].done, task)) reach(after(best, task));
    }
    return {};
  }

 private:
  bool ready(const Done& done, int task) const {
    for (int input : all_.tasks[task].inputs)
      if (input > 0 && !done[producer_[input]]) return false;
    return true;
  }

  Reached after(int from, int task) const {
    Reached next = sets_[from];
    const auto& [node, inputs] = all_.tasks[task];
    const std::int64_t own = reused_input(all_, task, next.done) < 0 ? all_.size[node] : 0;
    next.peak = std::max(next.peak, next.alive + own + all_.scratch[node]);
    next.alive += all_.size[node];
    for (int input : inputs)
      if (input >= 0 && last_reader(all_, input, task, next.done)) next.alive -= all_.size[input];
    next.done[task] = 1;
    ++next.tasks;
    next.previous = from;
    next.task = task;
    return next;
  }

  void reach(Reached set) {
    const auto [known, added] = least_.emplace(set.done, set.peak);
    if (!added && known->second <= set.peak) return;
    known->second = set.peak;
    sets_.push_back(std::move(set));
    queue_.push(static_cast<int>(sets_.size()) - 1);
  }

  std::vector<int> path(int set) const {
    std::vector<int> tasks;
    for (; sets_[set].task >= 0; set = sets_[set].previous) tasks.push_back(sets_[set].task);
    std::reverse(tasks.begin(), tasks.end());
    return tasks;
  }

  const ArenaTasks& all_;
  std::vector<int> producer_;  // task of each node
  std::vector<Reached> sets_;
  std::map<Done, std::int64_t> least_;
  std::priority_queue<int, std::vector<int>, Later> queue_;
};

}  // namespace

ArenaTasks arena_tasks(const Graph& graph, const std::vector<std::int64_t>& scratch) {
  const int nodes = static_cast<int>(graph.nodes.size());
  const int count = graph.nodes.back().op == Op::softmax ? nodes - 1 : nodes;
  ArenaTasks all;
  all.graph = &graph;
  all.readers.resize(nodes);
  all.scratch.assign(nodes, 0);
  for (int i = 0; i < nodes; ++i) {
    const Node& node = graph.nodes[i];
    all.size.push_back(i < count ? aligned(node.output.elements()) : 0);
    all.origin.push_back(node.op == Op::identity ? all.origin[node.inputs[0]] : i);
    if (i == 0 || i >= count || node.op == Op::identity) continue;
    ArenaTask task{i, {all.origin[node.inputs[0]], node.inputs[1] < 0 ? -1 : all.origin[node.inputs[1]]}};
    if (task.inputs[1] == task.inputs[0]) task.inputs[1] = -1;
    for (int input : task.inputs)
      if (input >= 0) all.readers[input].push_back(static_cast<int>(all.tasks.size()));
    if (!scratch.empty()) all.scratch[i] = aligned(scratch[i]);
    all.tasks.push_back(task);
  }
  if (!all.tasks.empty()) all.size[all.tasks.back().node] = 0;
  return all;
}

bool last_reader(const ArenaTasks& all, int node, int task, const Done& done) {
  return std::all_of(all.readers[node].begin(), all.readers[node].end(),
                     [&](int reader) { return reader == task || done[reader]; });
}

int reused_input(const ArenaTasks& all, int task, const Done& done) {
  const auto& [node, inputs] = all.tasks[task];
  if (!may_run_in_place(all.graph->nodes[node].op)) return -1;
  for (int input : inputs) {
    if (input < 0 || all.size[node] == 0) continue;
    const bool same = all.graph->nodes[input].output.elements() == all.graph->nodes[node].output.elements();
    if (same && last_reader(all, input, task, done)) return input;
  }
  return -1;
}

std::vector<int> least_memory_order(const ArenaTasks& all) {
  std::vector<int> order = Search(all).order();
  if (order.empty())
    for (int i = 0; i < static_cast<int>(all.tasks.size()); ++i) order.push_back(i);
  return order;
}

}  // namespace search_space
