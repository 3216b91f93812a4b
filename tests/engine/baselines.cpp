// What every baseline promises: distinct evaluations, the prototype first, and the same run whatever the number of
// jobs.
#include "synth/engine/baselines.h"

#include <catch2/catch.hpp>
#include <set>

#include "evaluators/table.h"
#include "synth/engine/baselines_common.h"
#include "tests/engine/tiny_tables.h"

using namespace synth::engine;
using search_space::Design;
using test_engine::TemporaryFolder;

namespace {

const std::vector<std::string> baselines = {"random", "local-search", "regularized-evolution",
                                            "regularized-evolution-50", "nsga2"};

struct Outcome {
  std::string end;
  std::vector<Record> records;
  std::vector<GeneratorRecord> generators;
  Record best;
};

Outcome run_on(const search_space::DesignSpace& space, const evaluators::Evaluator& evaluator,
               const std::string& algorithm, const std::string& requirements, int evaluations, std::uint64_t seed = 1,
               int jobs = 1, int generators = 0) {
  Config config;
  config.generators = generators;
  config.algorithm = algorithm;
  config.evaluations = evaluations;
  config.seed = seed;
  config.jobs = jobs;
  Experiment experiment(space, evaluator, Objective({}, parse_requirements(requirements)), config, {});
  Outcome outcome;
  outcome.end = run(experiment);
  for (const auto& record : experiment.records()) outcome.records.push_back(*record);
  outcome.generators = experiment.generators();
  if (experiment.best() != nullptr) outcome.best = *experiment.best();
  return outcome;
}

std::vector<Design> designs_of(const Outcome& outcome) {
  std::vector<Design> designs;
  for (const Record& record : outcome.records) designs.push_back(record.design);
  return designs;
}

// 4^8 networks: early decisions buy much accuracy for little, late ones little for much. Some are forbidden, some
// diverge.
class Ladder : public search_space::DesignSpace, public evaluators::Evaluator {
 public:
  Ladder() {
    for (const char* name : {"a", "b", "c", "d", "e", "f", "g", "h"}) {
      decisions_.push_back({name, {"0", "1", "2", "3"}, {}, -1, -1, -1});
    }
    decisions_[1].parent = 0;  // active only with the value 2 of the first
    decisions_[1].parent_value = 2;
    prototype_ = canonical(Design{2, 3, 3, 3, 3, 3, 3, 3});
  }
  const std::vector<search_space::Decision>& decisions() const override { return decisions_; }
  const Design& prototype() const override { return prototype_; }
  search_space::Cost cost(const Design& design) const override {
    search_space::Cost cost;
    cost.weights = 1000;
    for (int d = 0; d < 8; ++d) cost.weights += 1000 * (d + 1) * design[d];
    cost.multiply_adds = 100 * cost.weights;
    return cost;
  }
  std::string key(const Design& design) const override {
    std::string key;
    for (const int value : design) key += std::to_string(value);
    return key;
  }
  std::string why_not(const Design& design) const override { return design[2] + design[3] == 3 ? "forbidden" : ""; }
  std::string name() const override { return "ladder"; }
  std::string settings_key() const override { return "ladder"; }
  evaluators::Evaluation evaluate(const evaluators::Request& request) const override {
    evaluators::Evaluation evaluation;
    CHECK(request.design == canonical(request.design));
    CHECK(why_not(request.design).empty());
    evaluation.cost = cost(request.design);
    evaluation.accuracy = 0.5;
    for (int d = 0; d < 8; ++d) evaluation.accuracy += 0.004 * (8 - d) * request.design[d];
    if (request.design[4] == 1) evaluation.outcome = evaluators::Outcome::diverged;
    return evaluation;
  }

 private:
  std::vector<search_space::Decision> decisions_;
  Design prototype_;
};

}  // namespace

TEST_CASE("every baseline finds the optimum of a tiny table, and ends when nothing new is left") {
  const TemporaryFolder folder;
  const auto table = evaluators::load_table(write(folder, test_engine::TinyListed()));
  // Feasible at 88 %: the cheapest is a pooling network of width index 2 with the small kernel (89 %).
  for (const std::string& algorithm : baselines) {
    INFO(algorithm);
    const Outcome outcome = run_on(*table, *table, algorithm, "accuracy>=88%", 0);
    CHECK(outcome.end == "done");
    CHECK(outcome.best.feasible);
    CHECK(outcome.best.performance == Approx(run_on(*table, *table, "random", "accuracy>=88%", 0).best.performance));
    CHECK(outcome.records.size() <= 24);
  }
  CHECK(run_on(*table, *table, "random", "accuracy>=88%", 0).records.size() == 24);
  CHECK(run_on(*table, *table, "random", "accuracy>=99%", 0).end == "infeasible");
}

TEST_CASE("baselines evaluate each network once, the prototype first, and stop at the budget") {
  const Ladder ladder;
  for (const std::string& algorithm : baselines) {
    INFO(algorithm);
    const Outcome outcome = run_on(ladder, ladder, algorithm, "accuracy>=70%", 200);
    REQUIRE(outcome.records.size() == 200);
    std::set<std::string> keys;
    for (const Record& record : outcome.records) keys.insert(record.key);
    CHECK(keys.size() == 200);
    CHECK(outcome.records.front().design == ladder.prototype());
  }
}

TEST_CASE("baselines depend on the seed, and not on the number of jobs") {
  const Ladder ladder;
  for (const std::string& algorithm : baselines) {
    INFO(algorithm);
    const auto once = designs_of(run_on(ladder, ladder, algorithm, "accuracy>=70%", 150, 5, 1));
    CHECK(once == designs_of(run_on(ladder, ladder, algorithm, "accuracy>=70%", 150, 5, 3)));
    CHECK(once != designs_of(run_on(ladder, ladder, algorithm, "accuracy>=70%", 150, 6, 1)));
  }
}

TEST_CASE("baselines record each improvement as a generator, also in a batch that the budget cuts") {
  const Ladder ladder;
  for (const std::string& algorithm : baselines)
    for (const int evaluations : {7, 23, 60}) {
      INFO(algorithm << ", " << evaluations);
      const Outcome outcome = run_on(ladder, ladder, algorithm, "accuracy>=40%", evaluations);
      REQUIRE_FALSE(outcome.generators.empty());
      CHECK(outcome.generators.front().networks == std::vector<int>{1});
      CHECK(outcome.generators.back().networks == std::vector<int>{outcome.best.id});
      for (std::size_t k = 1; k < outcome.generators.size(); ++k) {
        const GeneratorRecord& generator = outcome.generators[k];
        CHECK(generator.accepted);
        CHECK(generator.index == static_cast<int>(k));
        CHECK(generator.outcomes == std::vector<std::string>{"trained"});
        CHECK(generator.mean_performance == outcome.records[generator.networks.front() - 1].performance);
        if (k > 1) CHECK(generator.mean_performance > outcome.generators[k - 1].mean_performance);
      }
    }
}

TEST_CASE("baselines end with the wanted number of generators") {
  const Ladder ladder;
  const Outcome outcome = run_on(ladder, ladder, "random", "accuracy>=40%", 0, 1, 1, 2);
  CHECK(outcome.end == "done");
  CHECK(outcome.generators.back().index >= 2);
  CHECK(outcome.records.size() < 500);
}

TEST_CASE("guided baselines beat random draws where single changes point the way") {
  const Ladder ladder;
  const auto median = [&](const std::string& algorithm) {
    std::vector<double> best;
    for (std::uint64_t seed = 0; seed < 9; ++seed) {
      best.push_back(run_on(ladder, ladder, algorithm, "accuracy>=65%", 150, seed).best.performance);
    }
    std::sort(best.begin(), best.end());
    return best[4];
  };
  const double random = median("random");
  for (const char* algorithm : {"local-search", "regularized-evolution", "regularized-evolution-50"}) {
    INFO(algorithm);
    CHECK(median(algorithm) > random);
  }
}

TEST_CASE("changes of a design stay canonical and valid") {
  const Ladder ladder;
  search_space::Random random(3);
  const Design start = search_space::Design{2, 1, 0, 0, 0, 0, 0, 0};
  const auto around = neighbours(ladder, start, random);
  // 8 decisions x 3 other values, less the forbidden pairs (2, 3) = (3, 0) and (0, 3).
  CHECK(around.size() == 22);
  CHECK(std::set<Design>(around.begin(), around.end()).size() == 22);
  for (const Design& next : around) {
    CHECK(next == ladder.canonical(next));
    CHECK(ladder.why_not(next).empty());
    if (next[0] == start[0]) CHECK(ladder.distance(start, next) == 1);
  }
  std::set<int> drawn;
  for (int i = 0; i < 60; ++i) drawn.insert(changed(ladder, Design(8, 0), 0, 2, random)[1]);
  CHECK(drawn.size() == 4);  // a decision that becomes active is drawn anew
}

TEST_CASE("constrained comparison puts feasible networks first") {
  Objective objective({}, parse_requirements("accuracy>=90%,params<=1000"));
  const auto record = [&](double accuracy, std::int64_t parameters) {
    Record record;
    record.evaluation.accuracy = accuracy;
    record.evaluation.cost.weights = parameters;
    record.evaluation.cost.multiply_adds = 100000;
    record.accuracy_lower_bound = accuracy;
    record.performance = objective.performance(record.evaluation);
    record.feasible = objective.feasible(record.evaluation);
    return record;
  };
  CHECK(better(objective, record(0.90, 1000), record(0.89, 10)));
  CHECK(better(objective, record(0.90, 500), record(0.92, 1000)));
  CHECK(better(objective, record(0.89, 1000), record(0.88, 10)));
  CHECK(better(objective, record(0.95, 1100), record(0.95, 1200)));
  CHECK(violation_of(objective, record(0.90, 1000)) == 0);
  CHECK(violation_of(objective, record(0.45, 1500)) == Approx(1.0));
  Record failed = record(0.99, 10);
  failed.evaluation.outcome = evaluators::Outcome::diverged;
  failed.feasible = false;
  CHECK(better(objective, record(0.10, 5000), failed));
}
