// What makes a network worth evaluating: the gain over networks that may not be what they were measured to be, and a
// model that is taken to be less sure of itself.
#include "synth/engine/proposal.h"

#include <catch2/catch.hpp>

using synth::engine::acquisition;
using synth::engine::Target;
using synth::engine::Verdict;

namespace {

Target above(double performance) {
  Target target;
  target.feasible_known = true;
  target.performance = performance;
  return target;
}

Verdict promised(double performance, double feasibility) {
  Verdict verdict;
  verdict.performance = performance;
  verdict.feasibility = feasibility;
  return verdict;
}

}  // namespace

TEST_CASE("expected improvement is the gain times the probability of feasibility") {
  CHECK(acquisition(promised(94, 0.25), above(90)) == Approx(1));
  CHECK(acquisition(promised(89, 1), above(90)) < 0);
  CHECK(acquisition(promised(88, 1), above(90)) < acquisition(promised(89, 1), above(90)));
}

TEST_CASE("a network below a doubtful best one may still be an improvement") {
  Target target = above(90);
  target.standings = {{90, 0.9}, {80, 0.1}};
  // 0.1 · 8 where the best one is not feasible; else nothing.
  CHECK(acquisition(promised(88, 0.5), target) == Approx(0.4));
  CHECK(acquisition(promised(92, 0.5), target) == Approx(0.5 * (0.9 * 2 + 0.1 * 12)));
  CHECK(acquisition(promised(79, 1), target) < 0);
}

TEST_CASE("a doubting search takes the probability that a less certain model gives") {
  Target target = above(90);
  Verdict verdict = promised(92, 0.01);
  verdict.doubted = 0.2;
  CHECK(acquisition(verdict, target) == Approx(0.02));
  target.doubting = true;
  CHECK(acquisition(verdict, target) == Approx(0.4));
}
