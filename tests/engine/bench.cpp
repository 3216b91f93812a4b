// The harness: constrained optima, counting, judging without noise, and independence from jobs.
#include "synth/engine/bench.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "search_space/errors.h"
#include "tests/engine/tiny_tables.h"

using namespace synth::engine;
using search_space::Design;
using test_engine::TemporaryFolder;
using test_engine::TinyListed;
using test_engine::TinySurrogate;

namespace {

BenchOptions options_of(const std::string& requirements, std::vector<std::string> algorithms) {
  BenchOptions options;
  options.requirements = parse_requirements(requirements);
  options.algorithms = std::move(algorithms);
  options.seeds = 9;
  options.max_evaluations = 24;
  return options;
}

}  // namespace

TEST_CASE("the constrained optimum is the feasible network of highest U, by enumeration and by search") {
  const TemporaryFolder folder;
  const auto listed = evaluators::load_table(write(folder, TinyListed()));
  const auto surrogate = evaluators::load_table(write(folder, TinySurrogate()));
  for (const auto* table : {listed.get(), surrogate.get()}) {
    for (const char* requirements : {"accuracy>=70%", "accuracy>=84%", "accuracy>=86%", "accuracy>=84%,params<=7000"}) {
      INFO(table->title() << " " << requirements);
      const Objective objective({}, parse_requirements(requirements));
      double best = -std::numeric_limits<double>::infinity();
      table->visit_all(1000, [&](const Design& design) {
        const auto evaluation = judged(*table, design);
        if (objective.feasible(evaluation)) best = std::max(best, objective.performance(evaluation));
      });
      const OptimumSearch exact = constrained_optimum(*table, objective);
      const OptimumSearch searched = constrained_optimum(*table, objective, 1);
      REQUIRE(exact.best.has_value());
      REQUIRE(searched.best.has_value());
      CHECK(exact.exact);
      CHECK_FALSE(searched.exact);
      CHECK(exact.best->performance == best);
      CHECK(searched.best->performance == best);
    }
    const Objective impossible({}, parse_requirements("accuracy>=99.9%"));
    CHECK_FALSE(constrained_optimum(*table, impossible).best.has_value());
    CHECK_FALSE(constrained_optimum(*table, impossible, 1).best.has_value());
  }
}

TEST_CASE("a bench counts distinct evaluations until a feasible network is near enough") {
  const TemporaryFolder folder;
  const auto table = evaluators::load_table(write(folder, TinyListed()));
  BenchOptions options = options_of("accuracy>=88%", {"random", "local-search"});
  options.target_gap = 0;
  const BenchResult result = run_bench(*table, options);
  CHECK(result.infeasible.empty());
  REQUIRE(result.optimum.has_value());
  CHECK(result.optimum_exact);
  CHECK(result.target == result.optimum->performance);
  REQUIRE(result.algorithms.size() == 2);
  const AlgorithmResult& random = result.algorithms[0];
  CHECK(random.name == "random");
  CHECK(random.success_rate == Approx(1.0));
  REQUIRE(random.runs.size() == 9);
  std::vector<double> needed;
  for (const SeedResult& run : random.runs) {
    REQUIRE(run.to_target.has_value());
    CHECK(run.evaluations == *run.to_target);  // the run ends at the target
    CHECK(run.best_at(*run.to_target).value() == result.target);
    CHECK(run.best_at(*run.to_target - 1).value_or(0) < result.target);
    needed.push_back(*run.to_target);
  }
  CHECK(random.to_target.median == quartiles(needed).median);
  CHECK(random.curve.back().performance == result.target);
  for (std::size_t i = 1; i < random.curve.size(); ++i) {
    CHECK(random.curve[i].performance > random.curve[i - 1].performance);
    CHECK(random.curve[i].evaluations > random.curve[i - 1].evaluations);
  }
}

TEST_CASE("a run that misses the target counts as the maximum") {
  const TemporaryFolder folder;
  const auto table = evaluators::load_table(write(folder, TinyListed()));
  BenchOptions options = options_of("accuracy>=88%", {"random"});
  options.target_score = 1000;
  options.max_evaluations = 10;
  const BenchResult result = run_bench(*table, options);
  CHECK_FALSE(result.optimum.has_value());
  CHECK(result.algorithms[0].success_rate == 0);
  CHECK(result.algorithms[0].to_target.median == 10);
  for (const SeedResult& run : result.algorithms[0].runs) CHECK(run.evaluations == 10);
}

TEST_CASE("full curves go on after the target") {
  const TemporaryFolder folder;
  const auto table = evaluators::load_table(write(folder, TinyListed()));
  BenchOptions options = options_of("accuracy>=70%", {"random"});
  options.run_on = true;
  options.target_gap = 5;
  const BenchResult result = run_bench(*table, options);
  for (const SeedResult& run : result.algorithms[0].runs) {
    CHECK(run.evaluations == 24);
    CHECK(run.best_at(24).value() == result.optimum->performance);
  }
}

TEST_CASE("a bench is the same whatever the number of jobs") {
  const TemporaryFolder folder;
  const auto table = evaluators::load_table(write(folder, TinyListed()));
  BenchOptions options = options_of("accuracy>=88%", {});
  const BenchResult one = run_bench(*table, options);
  options.jobs = 3;
  int calls = 0;
  const BenchResult three = run_bench(*table, options, [&](int done, int runs) {
    CHECK(done == ++calls);
    CHECK(runs == 9 * static_cast<int>(algorithms().size()));
  });
  REQUIRE(one.algorithms.size() == algorithms().size());
  for (std::size_t i = 0; i < one.algorithms.size(); ++i) {
    for (std::size_t seed = 0; seed < 9; ++seed) {
      CHECK(one.algorithms[i].runs[seed].seed == seed);
      CHECK(one.algorithms[i].runs[seed].to_target == three.algorithms[i].runs[seed].to_target);
      CHECK(one.algorithms[i].runs[seed].evaluations == three.algorithms[i].runs[seed].evaluations);
    }
  }
}

TEST_CASE("an interrupted bench keeps the runs that were finished, as they are without the interruption") {
  const TemporaryFolder folder;
  const auto table = evaluators::load_table(write(folder, TinyListed()));
  const BenchOptions options = options_of("accuracy>=88%", {"random", "local-search", "nsga2"});
  const BenchResult whole = run_bench(*table, options);
  CHECK_FALSE(whole.interrupted());
  CHECK(whole.finished_runs == 27);
  std::atomic<bool> stop = false;
  const BenchResult part = run_bench(
      *table, options, [&](int done, int) { stop = done == 11; }, &stop);
  CHECK(part.interrupted());
  CHECK(part.runs == 27);
  CHECK(part.finished_runs == 11);
  REQUIRE(part.algorithms.size() == 2);
  CHECK(part.algorithms[0].to_target.median == whole.algorithms[0].to_target.median);
  REQUIRE(part.algorithms[1].runs.size() == 2);
  for (int seed = 0; seed < 2; ++seed) {
    CHECK(part.algorithms[1].runs[seed].evaluations == whole.algorithms[1].runs[seed].evaluations);
  }
  const std::atomic<bool> at_once = true;
  for (const std::string name : {"random", "nsga2", "generative-synthesis"}) {
    INFO(name);
    const BenchResult none = run_bench(*table, options_of("accuracy>=88%", {name}), {}, nullptr, &at_once);
    CHECK(none.interrupted());
    CHECK(none.algorithms.empty());  // half a run says nothing
  }
}

TEST_CASE("noisy tables are judged on the mean") {
  const TemporaryFolder folder;
  TinyListed tiny;
  tiny.side_car["accuracy"] = {{"unit", "percent"}, {"runs", {"run_a", "run_b"}}};
  const auto table = evaluators::load_table(write(folder, tiny));
  // Single runs of many networks reach 90.8 %; only one network's mean does.
  BenchOptions options = options_of("accuracy>=90.8%", {"random", "regularized-evolution"});
  const BenchResult result = run_bench(*table, options);
  CHECK(result.noisy);
  REQUIRE(result.optimum.has_value());
  CHECK(result.optimum->evaluation.accuracy == Approx(0.91));
  for (const AlgorithmResult& algorithm : result.algorithms) {
    for (const SeedResult& run : algorithm.runs) {
      for (const Improvement& improvement : run.improvements)
        CHECK(improvement.performance <= result.optimum->performance);
    }
  }
  CHECK(result.algorithms[0].success_rate == Approx(1.0));
}

TEST_CASE("requirements that no network meets, and options that make no sense") {
  const TemporaryFolder folder;
  const auto table = evaluators::load_table(write(folder, TinyListed()));
  const BenchResult result = run_bench(*table, options_of("accuracy>=99%", {"random"}));
  CHECK_THAT(result.infeasible, Catch::Contains("no network meets"));
  CHECK(result.algorithms.empty());
  CHECK_THROWS_WITH(run_bench(*table, options_of("accuracy>=80%", {"randon"})), Catch::Contains("'random'"));
  CHECK_THROWS_WITH(run_bench(*table, options_of("accuracy>=80%", {"random", "nsga2", "random"})),
                    Catch::Contains("'random' is named twice"));
  CHECK_THROWS_AS(run_bench(*table, options_of("accuracy>=80%,latency_ms<=5", {"random"})), search_space::InputError);
  BenchOptions options = options_of("accuracy>=80%", {"random"});
  options.seeds = 0;
  CHECK_THROWS_WITH(run_bench(*table, options), Catch::Contains("--seeds"));
  options.seeds = 1;
  options.target_gap = -1;
  CHECK_THROWS_WITH(run_bench(*table, options), Catch::Contains("--target-gap"));
}

TEST_CASE("accuracy relative to the prototype is resolved") {
  const TemporaryFolder folder;
  const auto table = evaluators::load_table(write(folder, TinyListed()));
  const BenchResult result = run_bench(*table, options_of("accuracy>=prototype-1%", {"random"}));
  CHECK(result.prototype_feasible);
  CHECK(result.optimum->evaluation.accuracy >= table->mean_accuracy(table->prototype()) - 0.01);
  CHECK(result.optimum->performance > result.prototype_performance);
}

TEST_CASE("quartiles interpolate") {
  CHECK(quartiles({4, 1, 3, 2}).median == 2.5);
  CHECK(quartiles({4, 1, 3, 2}).lower == 1.75);
  CHECK(quartiles({5, 1, 3, 2, 4}).upper == 4);
  CHECK(quartiles({7}).lower == 7);
}

TEST_CASE("rank correlation shares the ranks of ties and needs something to rank") {
  CHECK(rank_correlation({1, 2, 3, 4}, {10, 20, 30, 40}).value() == Approx(1));
  CHECK(rank_correlation({1, 2, 3, 4}, {4, 3, 2, 1}).value() == Approx(-1));
  CHECK(rank_correlation({1, 2, 2, 3}, {1, 2, 3, 4}).value() == Approx(4.5 / std::sqrt(4.5 * 5)));
  CHECK_FALSE(rank_correlation({1, 2}, {1, 2}).has_value());
  CHECK_FALSE(rank_correlation({1, 1, 1}, {1, 2, 3}).has_value());
}

TEST_CASE("a bench says how well a table's cheap accuracies rank its networks") {
  const TemporaryFolder folder;
  const auto table = evaluators::load_table(write(folder, TinyListed()));
  const BenchResult result = run_bench(*table, options_of("accuracy>=84%", {"random"}));
  REQUIRE(result.fidelity.has_value());
  CHECK(result.fidelity->networks == 24);
  CHECK(result.fidelity->cost_fraction == 0.1);
  std::vector<double> cheap, full;
  table->visit_all(1000, [&](const Design& design) {
    const auto evaluation = judged(*table, design);
    if (evaluation.accuracy < 0.84) return;
    cheap.push_back(*table->cheap_accuracy(design));
    full.push_back(evaluation.accuracy);
  });
  CHECK(result.fidelity->feasible == static_cast<int>(full.size()));
  CHECK(result.fidelity->of_feasible == rank_correlation(cheap, full));
  const auto surrogate = evaluators::load_table(write(folder, TinySurrogate()));
  CHECK_FALSE(fidelity_of(*surrogate, Objective({}, parse_requirements("accuracy>=50%"))).has_value());
}
