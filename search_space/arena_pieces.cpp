// The least live set of a network from those of its pieces.
#include <algorithm>
#include <map>

#include "search_space/arena_order.h"

namespace search_space {
namespace {

// Steps between two single tensors as a network of their own: node 0 is the tensor that enters.
struct Piece {
  Graph graph;
  ArenaTasks all;
  std::vector<std::int64_t> key;  // equal keys, equal live sets
};

Piece piece_of(const ArenaTasks& whole, int first, int last, int entering) {
  Piece piece;
  std::map<int, int> number = {{entering, 0}};
  const auto add = [&](int node, std::int64_t scratch) {
    piece.graph.nodes.push_back(whole.graph->nodes[node]);
    piece.all.size.push_back(whole.size[node]);
    piece.all.scratch.push_back(scratch);
  };
  add(entering, 0);
  piece.key = {whole.size[entering], whole.graph->nodes[entering].output.elements()};
  for (int i = first; i <= last; ++i) {
    ArenaTask task = whole.tasks[i];
    add(task.node, whole.scratch[task.node]);
    const Node& node = whole.graph->nodes[task.node];
    piece.key.insert(piece.key.end(), {whole.size[task.node], node.output.elements(), whole.scratch[task.node],
                                       may_run_in_place(node.op) ? 1 : 0});
    for (int& input : task.inputs) {
      if (input >= 0) input = number.at(input);
      piece.key.push_back(input);
    }
    number[task.node] = static_cast<int>(piece.all.size.size()) - 1;
    task.node = number[task.node];
    piece.all.tasks.push_back(task);
  }
  piece.all.readers.resize(piece.all.size.size());
  for (int i = 0; i < static_cast<int>(piece.all.tasks.size()); ++i)
    for (const int input : piece.all.tasks[i].inputs)
      if (input >= 0) piece.all.readers[input].push_back(i);
  return piece;
}

std::int64_t live_set(const ArenaTasks& all, const std::vector<int>& order) {
  Done done(all.tasks.size(), 0);
  std::int64_t alive = all.size[0], peak = alive;
  for (const int index : order) {
    const auto& [node, inputs] = all.tasks[index];
    const std::int64_t own = reused_input(all, index, done) < 0 ? all.size[node] : 0;
    peak = std::max(peak, alive + own + all.scratch[node]);
    alive += all.size[node];
    for (const int input : inputs)
      if (input >= 0 && last_reader(all, input, index, done)) alive -= all.size[input];
    done[index] = 1;
  }
  return peak;
}

std::int64_t remembered(Piece piece) {
  constexpr std::size_t most = 100'000;
  thread_local std::map<std::vector<std::int64_t>, std::int64_t> known;
  if (const auto found = known.find(piece.key); found != known.end()) return found->second;
  if (known.size() >= most) known.clear();
  piece.all.graph = &piece.graph;
  const std::int64_t peak = live_set(piece.all, least_memory_order(piece.all));
  known.emplace(std::move(piece.key), peak);
  return peak;
}

}  // namespace

std::int64_t least_live_set(const ArenaTasks& all) {
  std::int64_t peak = 0;
  std::map<int, std::size_t> alive = {{0, 0}};  // nodes, and how many of their readers have run
  int first = 0, entering = 0;
  for (int i = 0; i < static_cast<int>(all.tasks.size()); ++i) {
    const auto& [node, inputs] = all.tasks[i];
    for (const int input : inputs)
      if (input >= 0 && ++alive[input] == all.readers[input].size()) alive.erase(input);
    alive[node] = 0;
    if (alive.size() > 1) continue;
    peak = std::max(peak, remembered(piece_of(all, first, i, entering)));
    first = i + 1;
    entering = node;
  }
  return peak;
}

}  // namespace search_space
