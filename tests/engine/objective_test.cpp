// NetScore against the published table, the confidence bound, and the indicator function.
#include "synth/engine/objective.h"

#include <catch2/catch.hpp>

using namespace synth::engine;

namespace {
evaluators::Evaluation evaluation(double accuracy, int samples, std::int64_t parameters = 1000,
                                  std::int64_t macs = 100000) {
  evaluators::Evaluation result;
  result.accuracy = accuracy;
  result.samples = samples;
  result.cost.weights = parameters;
  result.cost.multiply_adds = macs;
  return result;
}
}  // namespace

TEST_CASE("NetScore reproduces every value of AttoNets, Table 2") {
  struct Row {
    double top1, multiply_adds_millions, parameters_millions, netscore;
  };
  const NetScore score;
  for (const Row& row : {Row{64.52, 567.5, 3.26, 69.71}, Row{68.68, 299.7, 2.29, 75.11}, Row{65.00, 140.1, 1.32, 79.85},
                         Row{73.00, 424.8, 2.97, 73.53}, Row{71.10, 277.5, 1.87, 76.93}, Row{69.60, 139.9, 1.06, 81.99},
                         Row{66.30, 57.5, 0.32, 90.21}})
    CHECK(score(row.top1, row.parameters_millions * 1e6, row.multiply_adds_millions * 1e6) ==
          Approx(row.netscore).margin(0.05));
}

TEST_CASE("Wilson's lower bound agrees with its closed form") {
  CHECK(wilson_lower_bound(0.9, 0, 0.9) == 0.9);
  CHECK(wilson_lower_bound(0.5, 100, 0.5) == Approx(0.5).margin(1e-9));
  // Wilson 1927 with z = 1.2815515655: (0.9 + z^2/2n - z sqrt(0.09/n + z^2/4n^2)) / (1 + z^2/n), n = 1000.
  CHECK(wilson_lower_bound(0.9, 1000, 0.9) == Approx(0.8871785).margin(1e-6));
  CHECK(wilson_lower_bound(1.0, 1000, 0.9) < 1);
  CHECK(wilson_lower_bound(0.0, 1000, 0.9) == Approx(0).margin(1e-12));
}

TEST_CASE("the indicator function checks the lower bound and every cost") {
  const Objective objective(NetScore{}, parse_requirements("accuracy>=90%,params<=2k"));
  CHECK(objective.feasible(evaluation(0.9, 0)));
  CHECK_FALSE(objective.feasible(evaluation(0.9, 1000)));
  CHECK(objective.feasible(evaluation(0.92, 1000)));
  CHECK_FALSE(objective.feasible(evaluation(0.95, 0, 2001)));
  CHECK(objective.violation(evaluation(0.95, 0, 2001)) == "parameters 2001 > 2000");
  CHECK_THAT(objective.violation(evaluation(0.9, 1000)), Catch::Matchers::Contains("lower bound"));
  auto diverged = evaluation(0, 0);
  diverged.outcome = evaluators::Outcome::diverged;
  diverged.message = "loss is not finite";
  CHECK_FALSE(objective.feasible(diverged));
  CHECK(objective.performance(diverged) == 0);
  CHECK_THAT(objective.violation(diverged), Catch::Matchers::Contains("loss is not finite"));
}

TEST_CASE("a requirement relative to the prototype compares lower bounds, so that the prototype itself is feasible") {
  Objective objective(NetScore{}, parse_requirements("accuracy>=prototype-1%"));
  CHECK_THROWS_AS(objective.feasible(evaluation(0.9, 500)), std::logic_error);
  objective.set_prototype(evaluation(0.9, 500));
  CHECK(objective.feasible(evaluation(0.9, 500)));
  CHECK(objective.feasible(evaluation(0.893, 500)));
  CHECK_FALSE(objective.feasible(evaluation(0.88, 500)));
  CHECK(objective.required_accuracy() == Approx(wilson_lower_bound(0.9, 500, 0.9) - 0.01));
}

TEST_CASE("U stays finite for a network that is never right") {
  const Objective objective(NetScore{}, Requirements{});
  CHECK(std::isfinite(objective.performance(evaluation(0, 0))));
  CHECK(std::isfinite(objective.performance(evaluation(0.5, 0, 0, 0))));
}
