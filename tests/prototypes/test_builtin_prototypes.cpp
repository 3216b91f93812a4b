// The built-in prototypes: their costs, their spaces, and what the options do to them.
#include <catch2/catch.hpp>

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
      REQUIRE(space.canonical(encoded) == encoded);
      REQUIRE(space.key(encoded) == space.key(design));
      REQUIRE(space.cost(design) == cost_of(lower(architecture)));
    }
  }
}
