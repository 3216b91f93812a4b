// The built-in prototypes: their costs, their spaces, and what the options do to them.
#include <catch2/catch.hpp>

#include <algorithm>
#include <vector>

#include "prototypes/library.h"
#include "search_space/cost.h"
#include "search_space/errors.h"
#include "search_space/lowering.h"
#include "search_space/random.h"
#include "search_space/search_space.h"

using search_space::Counting;
using search_space::Design;
using search_space::SearchSpace;

namespace {

Design random_design(const SearchSpace& space, search_space::Random& random) {
  Design design;
  for (const auto& decision : space.decisions()) design.push_back(random.below(decision.size()));
  return design;
}

}  // namespace

TEST_CASE("residual9 costs what its description promises") {
  const auto cost = cost_of(lower(prototypes::load("residual9").design));
  CHECK(cost.multiply_adds >= 8'000'000);
  CHECK(cost.multiply_adds <= 15'000'000);
}

TEST_CASE("residual16 is ResNet-50 when nothing is changed") {
  const auto graph = lower(prototypes::load("residual16").design);
  CHECK(cost_of(graph, Counting::published).parameters() == 25'557'032);
  CHECK(cost_of(graph, Counting::folded).parameters() == 25'530'472);
  CHECK(cost_of(graph).multiply_adds == 4'089'184'256);
}

TEST_CASE("every built-in opens a space whose random designs lower, and encode and decode are inverse") {
  for (const auto& entry : prototypes::builtins()) {
    INFO(entry.name);
    const SearchSpace space(prototypes::load(entry.name));
    CHECK(space.decode(space.prototype()) == space.source().design);
    search_space::Random random(search_space::stream_seed(1, entry.name, "designs"));
    for (int i = 0; i < 50; ++i) {
      const Design design = random_design(space, random);
      REQUIRE(space.why_not(design).empty());
      const auto architecture = space.decode(design);
      REQUIRE_NOTHROW(lower(architecture));
      REQUIRE(space.decode(space.canonical(design)) == architecture);
      const Design encoded = space.encode(architecture);
      REQUIRE(space.decode(encoded) == architecture);
      REQUIRE(space.canonical(design) == encoded);
      REQUIRE(space.canonical(encoded) == encoded);
      REQUIRE(space.key(encoded) == space.key(design));
      REQUIRE(space.cost(design) == cost_of(lower(architecture)));
    }
  }
}

TEST_CASE("the costs of a network's parts make up its cost, and a decision changes only the parts that it touches") {
  for (const auto& entry : prototypes::builtins()) {
    INFO(entry.name);
    const SearchSpace space(prototypes::load(entry.name));
    const auto costs = [&](const Design& design) {
      std::vector<search_space::Cost> parts;
      for (int part = 0; part < space.parts(); ++part) parts.push_back(space.part_cost(design, part).value());
      return parts;
    };
    search_space::Random random(search_space::stream_seed(2, entry.name, "parts"));
    for (int i = 0; i < 20; ++i) {
      const Design design = random_design(space, random);
      const auto before = costs(design);
      search_space::Cost whole;
      for (const auto& part : before) {
        whole.weights += part.weights;
        whole.biases += part.biases;
        whole.multiply_adds += part.multiply_adds;
        whole.peak_activations = std::max(whole.peak_activations, part.peak_activations);
      }
      REQUIRE(whole == space.cost(design));
      Design changed = design;
      // The first decisions are the widths, which touch several parts.
      const int decision = random.below(i % 2 == 0 ? 5 : static_cast<int>(design.size()));
      changed[decision] = random.below(space.decisions()[decision].size());
      const auto after = costs(changed);
      const std::vector<int> touched = space.parts_touched(decision);
      REQUIRE(std::is_sorted(touched.begin(), touched.end()));
      for (int part = 0; part < space.parts(); ++part) {
        const bool expected = std::find(touched.begin(), touched.end(), part) != touched.end();
        if (!expected) REQUIRE(before[part] == after[part]);
      }
    }
  }
}

TEST_CASE("keys are stable: recorded runs depend on them") {
  CHECK(prototypes::load("residual9").design.key() == "1d4091b82971dbb9a3a6021ee2087ba6");
  CHECK(prototypes::load("residual16").design.key() == "b7b2d0cbfaed4706bd15816d3ff4779a");
}

TEST_CASE("decisions bear the names that lineages and reports show") {
  const SearchSpace space(prototypes::load("residual9"));
  const auto& decisions = space.decisions();
  CHECK(decisions[0].name == "stem.width");
  CHECK(decisions[3].name == "stage3.width");
  CHECK(decisions[4].name == "stage1.slot1.kind");
  CHECK_FALSE(decisions[4].ordinal());
  CHECK(decisions[5].name == "stage1.slot1.vac.down");
  CHECK(decisions[5].parent == 4);
  CHECK(decisions[4].labels[decisions[5].parent_value] == "vac");
  CHECK(decisions[5].slot == 0);
  CHECK(decisions[5].ordinal());
}

TEST_CASE("what a module kind may leave out is a choice without order") {
  const SearchSpace space(prototypes::load("mobilenet_v3_small"));
  int flags = 0;
  for (const auto& decision : space.decisions()) {
    const bool flag = decision.name.ends_with(".squeeze_excite") || decision.name.ends_with(".hard_swish");
    flags += flag ? 1 : 0;
    CHECK(decision.ordinal() == !flag);
    if (flag) CHECK(decision.labels == std::vector<std::string>{"0", "1"});
  }
  CHECK(flags == 22);
}

TEST_CASE("what lies outside the space is named") {
  using Catch::Contains;
  search_space::Prototype prototype = prototypes::load("residual9");
  prototype.kinds[0] = {"vac", "bottleneck"};
  const SearchSpace space(prototype);
  auto architecture = space.source().design;
  architecture.slots[1].module = {"bottleneck", {{"inner", 10}}};
  CHECK_THROWS_WITH(space.encode(architecture), Contains("stage1.slot2.bottleneck.inner is 10; allowed: 4, 8"));
  architecture = space.source().design;
  architecture.slots[0].module = {"inverted_residual", {{"expansion", 1}, {"kernel", 3}}};
  CHECK_THROWS_WITH(space.encode(architecture), Contains("stage1.slot1.kind is inverted_residual; allowed: vac"));
  architecture = space.source().design;
  architecture.stem[0].width = 20;
  CHECK_THROWS_WITH(space.encode(architecture), Contains("stem.width is 20; allowed: 4, 8, 12, 16"));
  architecture = space.source().design;
  architecture.classes = 11;
  CHECK_THROWS_WITH(space.encode(architecture), Contains("classes"));
}
