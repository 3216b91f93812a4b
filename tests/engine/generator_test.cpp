// Generators: reproducible, faithful to theta, canonical.
#include "synth/engine/generator.h"

#include <catch2/catch.hpp>

#include <cmath>

#include "tests/support/fake_evaluator.h"

using namespace synth::engine;

TEST_CASE("G_0 generates the prototype from every seed") {
  const support::FakeSpace space;
  const Generator generator = generator_of(space, space.prototype());
  for (std::uint64_t seed = 0; seed < 50; ++seed) CHECK(generator.generate(space, seed) == space.prototype());
  CHECK(generator.log_probability(space, space.prototype()) == 0);
}

TEST_CASE("values are generated in proportion to theta, and inactive decisions are 0") {
  const support::FakeSpace space(1);
  Generator generator;
  generator.theta = {{0.1, 0.2, 0.3, 0.4}, {0, 0.5, 0, 0.5, 0}, {0.2, 0.3, 0.5}, {0.25, 0.25, 0.25, 0.25}};
  std::vector<int> kinds(4), widths(5);
  constexpr int count = 20000;
  for (std::uint64_t seed = 0; seed < count; ++seed) {
    const auto design = generator.generate(space, seed);
    REQUIRE(design == space.canonical(design));
    ++kinds[design[0]];
    ++widths[design[1]];
  }
  for (int kind = 0; kind < 4; ++kind) CHECK(kinds[kind] == Approx(count * 0.1 * (kind + 1)).epsilon(0.06));
  CHECK(widths[0] + widths[2] + widths[4] == 0);
  CHECK(widths[1] == Approx(count / 2).epsilon(0.05));
  // skip (kind 3) leaves groups and inner inactive: only kind and width count.
  CHECK(generator.log_probability(space, {3, 1, 0, 0}) == Approx(std::log(0.4 * 0.5)));
}

TEST_CASE("KL is zero for equal generators, positive and finite otherwise") {
  const support::FakeSpace space;
  const Generator first = generator_of(space, space.prototype());
  auto other = space.prototype();
  other[1] = 0;
  const Generator second = generator_of(space, other);
  CHECK(kl_divergence(space, first, first, 0.01) == Approx(0).margin(1e-12));
  CHECK(kl_divergence(space, first, second, 0.01) > 1);
  CHECK(std::isfinite(kl_divergence(space, first, second, 0.01)));
}
