// Memory plans: nothing overlaps while it lives, and little is wasted.
#include <catch2/catch.hpp>

#include <map>
#include <set>

#include "prototypes/library.h"
#include "search_space/arena.h"
#include "search_space/cost.h"
#include "search_space/graph_builder.h"
#include "search_space/lowering.h"
#include "search_space/random.h"

using namespace search_space;

namespace {

std::map<std::string, Graph> reference_networks() {
  std::map<std::string, Graph> graphs;
  for (const auto& entry : prototypes::builtins())
    graphs.emplace(entry.name, lower(prototypes::load(entry.name).design));
  return graphs;
}

// Runs the plan with every byte marked by its owner: what a step reads must still be what was written.
void check_plan(const Graph& graph, const ArenaPlan& plan, const std::vector<std::int64_t>& scratch) {
  std::vector<int> owner(static_cast<std::size_t>(plan.bytes), -1);
  std::vector<int> origin(graph.nodes.size());
  for (std::size_t i = 0; i < origin.size(); ++i)
    origin[i] = graph.nodes[i].op == Op::identity ? origin[graph.nodes[i].inputs[0]] : static_cast<int>(i);
  const auto write = [&](std::int64_t offset, std::int64_t bytes, int by) {
    if (offset < 0 || bytes == 0) return;
    REQUIRE(offset % arena_alignment == 0);
    REQUIRE(offset + bytes <= plan.bytes);
    std::fill_n(owner.begin() + offset, bytes, by);
  };
  const auto intact = [&](int node) {
    const std::int64_t offset = plan.offset[node];
    const auto from = owner.begin() + offset;
    return std::all_of(from, from + graph.nodes[node].output.elements(), [&](int by) { return by == origin[node]; });
  };
  write(plan.offset[0], graph.input().elements(), 0);
  std::set<int> run;
  for (int node : plan.order) {
    CAPTURE(graph.full_name(node));
    REQUIRE(run.insert(node).second);
    if (!scratch.empty()) write(plan.scratch_offset[node], scratch[node], -2);
    for (int input : graph.nodes[node].inputs) REQUIRE((input < 0 || intact(input)));
    const bool in_place = may_run_in_place(graph.nodes[node].op);
    write(plan.offset[node], graph.nodes[node].output.elements(), node);
    for (int input : graph.nodes[node].inputs)  // while it runs, what it reads is not overwritten
      REQUIRE((input < 0 || intact(input) || (in_place && plan.offset[input] == plan.offset[node])));
    if (!scratch.empty() && scratch[node] > 0)
      REQUIRE(owner[static_cast<std::size_t>(plan.scratch_offset[node])] == -2);
  }
}

}  // namespace

TEST_CASE("plans of every reference network are sound and within 2 % of the largest live set", "[arena]") {
  for (const auto& [name, graph] : reference_networks()) {
    CAPTURE(name);
    const ArenaPlan plan = plan_arena(graph);
    check_plan(graph, plan, {});
    CHECK(plan.bytes >= plan.largest_live_set);
    CHECK(plan.bytes <= 1.02 * plan.largest_live_set);
    // Never worse than the graph's own order, whose live set a requirement counts.
    CHECK(plan.largest_live_set <= cost_of(graph).peak_activation_bytes(8) + 3 * arena_alignment);
  }
}

TEST_CASE("scratch lives beside what its step reads and writes", "[arena]") {
  Random random(3);
  for (const auto& [name, graph] : reference_networks()) {
    CAPTURE(name);
    std::vector<std::int64_t> scratch;
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) scratch.push_back(random.below(3) * random.below(999));
    const ArenaPlan plan = plan_arena(graph, scratch);
    check_plan(graph, plan, scratch);
    CHECK(plan.bytes <= 1.05 * plan.largest_live_set);
  }
}

TEST_CASE("of two branches the one that leaves less behind runs first", "[arena]") {
  GraphBuilder builder({4, 8, 8}, 2);  // 256 bytes
  builder.enter("stem", -1, -1, 0);
  // Upwards first, the wide branch (1024) ends small (64) before the other (256) is made.
  const int small = builder.conv("small", 0, 4, 1);
  const int wide = builder.conv("wide", 0, 16, 1);
  const int narrow = builder.conv("narrow", wide, 4, 1);
  builder.softmax(builder.linear("dense", builder.global_avg_pool("pool", builder.add("sum", small, narrow)), 2));
  const Graph graph = std::move(builder).finish();
  CHECK(cost_of(graph).peak_activations == 256 + 256 + 1024 + 256 - 256);
  const ArenaPlan plan = plan_arena(graph);
  CHECK(plan.largest_live_set == 256 + 1024 + 256);
  CHECK(plan.bytes == plan.largest_live_set);
}

TEST_CASE("elementwise steps take their input's place only where nothing reads it later", "[arena]") {
  GraphBuilder builder({1, 1, 12}, 2);
  const int sigmoid = builder.activation("sigmoid", 0);
  const int product = builder.multiply("attend", 0, sigmoid);
  builder.softmax(builder.linear("dense", builder.global_avg_pool("pool", product), 2));
  const ArenaPlan plan = plan_arena(std::move(builder).finish());
  CHECK(plan.offset[0] != plan.offset[sigmoid]);
  CHECK((plan.offset[product] == plan.offset[0] || plan.offset[product] == plan.offset[sigmoid]));
  CHECK(plan.bytes == 24);
}
