// What the generated program takes and occupies, from the design alone: against the plan of its memory, and part by
// part.
#include "search_space/deployment.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "prototypes/library.h"
#include "search_space/arena.h"
#include "search_space/lowering.h"
#include "search_space/random.h"
#include "search_space/search_space.h"

using namespace search_space;

namespace {

const std::vector<std::string> names = {"residual9",
                                        "attendnet_seed",
                                        "attonet_seed",
                                        "mobilenet_v2,size=64",
                                        "shufflenet_v2,size=64",
                                        "mobilenet_v3_small,size=64"};

// Some designs of what a prototype opens.
std::vector<Design> drawn(const SearchSpace& space, int count) {
  Random random(11);
  std::vector<Design> designs = {space.prototype()};
  for (int attempt = 0; attempt < 100 * count && static_cast<int>(designs.size()) <= count; ++attempt) {
    Design design;
    for (const auto& decision : space.decisions()) design.push_back(random.below(decision.size()));
    design = space.canonical(design);
    if (space.why_not(design).empty()) designs.push_back(design);
  }
  return designs;
}

}  // namespace

TEST_CASE("RAM is what the plan of the memory takes", "[deployment]") {
  for (const std::string& name : names) {
    const SearchSpace space(prototypes::load(name));
    for (const Design& design : drawn(space, 10)) {
      const Graph graph = lower(space.decode(design)), deployed = deployed_graph(graph);
      CAPTURE(name, design);
      CHECK(deployment_of(graph).ram == plan_arena(deployed, scratch_bytes(deployed)).bytes);
    }
  }
}

TEST_CASE("costs have their deployment where it is asked for, and parts make up the whole", "[deployment]") {
  for (const std::string& name : names) {
    CAPTURE(name);
    SearchSpace space(prototypes::load(name));
    CHECK(space.cost(space.prototype()).deployment == Deployment{});
    CHECK(space.cost(space.prototype()).deployment.flash() == 0);
    space.count_deployment();
    for (const Design& design : drawn(space, 5)) {
      const Deployment whole = space.cost(design).deployment;
      CHECK(whole == deployment_of(lower(space.decode(design))));
      Deployment parts;
      for (int part = 0; part < space.parts(); ++part) parts.add(space.part_cost(design, part)->deployment);
      CHECK(parts.constants == whole.constants);
      CHECK(parts.calls == whole.calls);
      CHECK(parts.ram == whole.ram);
      // A part does not know that what enters it is never negative, and counts relus that the whole does without.
      CHECK((parts.kernels & whole.kernels) == whole.kernels);
      CHECK(parts.instructions + space.parts() >= whole.instructions);  // each rounded down
      CHECK(static_cast<double>(parts.instructions) <= 1.05 * static_cast<double>(whole.instructions));
    }
  }
}

TEST_CASE("relus that do nothing to integers are no part of what is deployed", "[deployment]") {
  const Graph graph = lower(prototypes::load("residual9").design), deployed = deployed_graph(graph);
  const auto count = [](const Graph& of, Op op) {
    return std::count_if(of.nodes.begin(), of.nodes.end(), [&](const Node& node) { return node.op == op; });
  };
  CHECK(count(graph, Op::relu) > 0);
  CHECK(count(deployed, Op::relu) == 0);  // each follows a convolution or a sum that nothing else reads
  CHECK(count(deployed, Op::batch_norm) == 0);
  // One that reads what others read, too, stays.
  GraphBuilder builder({4, 8, 8}, 2);
  builder.enter("stem", -1, -1, 0);
  const int shared = builder.conv("shared", 0, 4, 1);
  const int sum = builder.add("sum", builder.relu(shared), shared);
  builder.softmax(builder.linear("dense", builder.global_avg_pool("pool", sum), 2));
  CHECK(count(deployed_graph(std::move(builder).finish()), Op::relu) == 1);
}

TEST_CASE("terms of instructions have a worth each", "[deployment]") {
  for (const std::string& name : names) {
    const Graph deployed = deployed_graph(lower(prototypes::load(name).design));
    for (int i = 1; i < static_cast<int>(deployed.nodes.size()); ++i) {
      const Op op = deployed.nodes[i].op;
      if (op != Op::identity && op != Op::softmax) CHECK(instructions_of(deployed, i) > 0);
      for (const auto& [routine, counts] : routine_terms(deployed, i))
        for (const double times : counts) CHECK(times >= 0);
    }
  }
}
