// Cache, budget, order of commits, replay and the pool of parents.
#include "synth/engine/experiment.h"

#include <catch2/catch.hpp>

#include <mutex>
#include <set>

#include "search_space/random.h"
#include "tests/support/fake_evaluator.h"

using namespace synth::engine;
using search_space::Design;

namespace {

struct Log : Observer {
  std::vector<Record> records;
  std::vector<int> replayed, dropped;
  void on_evaluation(const Record& record) override { records.push_back(record); }
  void on_replay(const Record& record) override { replayed.push_back(record.id); }
  void on_drop(const std::vector<int>& drop) override { dropped.insert(dropped.end(), drop.begin(), drop.end()); }
};

// Measures, then fails in probing for one network, whose weights it leaves behind.
struct FailingEvaluator : support::FakeEvaluator {
  using FakeEvaluator::FakeEvaluator;
  std::string fails;
  evaluators::Evaluation evaluate(const evaluators::Request& request) const override {
    evaluators::Evaluation evaluation = FakeEvaluator::evaluate(request);
    if (request.key == fails) evaluation.outcome = evaluators::Outcome::failed;
    return evaluation;
  }
};

std::vector<Design> some_designs(const search_space::DesignSpace& space, int count, std::uint64_t seed = 1) {
  search_space::Random random(seed);
  std::vector<Design> designs = {space.prototype()};
  std::set<std::string> keys = {space.key(space.prototype())};
  while (static_cast<int>(designs.size()) < count) {
    Design design;
    for (const auto& decision : space.decisions()) design.push_back(random.below(decision.size()));
    design = space.canonical(design);
    if (keys.insert(space.key(design)).second) designs.push_back(design);
  }
  return designs;
}

Objective objective(const std::string& requirements = "accuracy>=70%") {
  return Objective(NetScore{}, parse_requirements(requirements));
}

}  // namespace

TEST_CASE("equal networks are evaluated once") {
  const support::FakeSpace space;
  const support::FakeEvaluator evaluator(space);
  Log log;
  Experiment experiment(space, evaluator, objective(), Config{}, {&log});
  const auto designs = some_designs(space, 3);
  const auto records = experiment.evaluate({designs[0], designs[1], designs[0], designs[2], designs[1]});
  CHECK(evaluator.calls == 3);
  CHECK(records[0] == records[2]);
  CHECK(records[1] == records[4]);
  experiment.evaluate(designs);
  CHECK(evaluator.calls == 3);
  // Another spelling of the prototype: a parameter of a kind that is absent.
  Design spelled = designs[0];
  spelled[2] = 1;
  CHECK(experiment.find(space.canonical(spelled)) == records[0]);
  CHECK(log.records.size() == 3);
}

TEST_CASE("the count budget is exact, whatever the number of jobs") {
  const support::FakeSpace space;
  for (const int jobs : {1, 3}) {
    const support::FakeEvaluator evaluator(space);
    Config config;
    config.evaluations = 7;
    config.jobs = jobs;
    Log log;
    Experiment experiment(space, evaluator, objective(), config, {&log});
    CHECK(experiment.remaining_evaluations() == 7);
    CHECK_THROWS_AS(experiment.evaluate(some_designs(space, 20)), Experiment::BudgetExhausted);
    CHECK(evaluator.calls == 7);
    CHECK(log.records.size() == 7);
    CHECK(experiment.remaining_evaluations() == 0);
  }
}

TEST_CASE("time used before counts, and ends new evaluations but not the replay") {
  const support::FakeSpace space;
  const support::FakeEvaluator evaluator(space);
  const auto designs = some_designs(space, 3);
  Log first;
  Experiment(space, evaluator, objective(), Config{}, {&first}).evaluate({designs[0], designs[1]});
  Config config;
  config.seconds = 100;
  Experiment resumed(space, evaluator, objective(), config, {}, Recorded{first.records, 101});
  CHECK(resumed.evaluate({designs[0], designs[1]}).size() == 2);
  CHECK_THROWS_AS(resumed.evaluate({designs[2]}), Experiment::BudgetExhausted);
  CHECK(resumed.seconds() >= 101);
}

TEST_CASE("commits come in candidate order with equal results for any number of jobs") {
  const support::FakeSpace space;
  const auto designs = some_designs(space, 40);
  std::vector<std::vector<Record>> runs;
  for (const int jobs : {1, 4}) {
    support::FakeEvaluator evaluator(space);
    evaluator.noise = 0.01;
    Config config;
    config.jobs = jobs;
    config.seed = 5;
    Log log;
    Experiment experiment(space, evaluator, objective(), config, {&log});
    experiment.evaluate({designs.begin(), designs.begin() + 15});
    experiment.evaluate(designs);
    runs.push_back(log.records);
  }
  REQUIRE(runs[0].size() == 40);
  for (int i = 0; i < 40; ++i) {
    CHECK(runs[0][i].id == i + 1);
    CHECK(runs[0][i].key == space.key(designs[i]));
    CHECK(runs[1][i].key == runs[0][i].key);
    CHECK(runs[1][i].evaluation.accuracy == runs[0][i].evaluation.accuracy);
    CHECK(runs[1][i].parent == runs[0][i].parent);
  }
}

TEST_CASE("stopping finishes and commits what is in flight, without gaps") {
  const support::FakeSpace space;
  const auto designs = some_designs(space, 30);
  for (const int jobs : {1, 4}) {
    support::FakeEvaluator evaluator(space);
    std::atomic<bool> stop = false;
    evaluator.hook = [&](const evaluators::Request& request) {
      if (request.key == space.key(designs[9])) stop = true;
    };
    Config config;
    config.jobs = jobs;
    Log log;
    Experiment experiment(space, evaluator, objective(), config, {&log}, {}, &stop);
    CHECK_THROWS_AS(experiment.evaluate(designs), Experiment::Interrupted);
    CHECK(log.records.size() >= 10);
    CHECK(static_cast<int>(log.records.size()) == evaluator.calls);
    for (std::size_t i = 0; i < log.records.size(); ++i) CHECK(log.records[i].key == space.key(designs[i]));
  }
}

TEST_CASE("a hard stop gives up what is in flight and keeps what is committed") {
  const support::FakeSpace space;
  const auto designs = some_designs(space, 10);
  support::FakeEvaluator evaluator(space);
  std::atomic<bool> stop = false, hard_stop = false;
  evaluator.hook = [&](const evaluators::Request& request) {
    if (request.key == space.key(designs[4])) stop = hard_stop = true;
  };
  Log log;
  Experiment experiment(space, evaluator, objective(), Config{}, {&log}, {}, &stop, &hard_stop);
  CHECK_THROWS_AS(experiment.evaluate(designs), Experiment::Interrupted);
  CHECK(log.records.size() == 4);
}

TEST_CASE("a replay that asks for another network is refused by number") {
  const support::FakeSpace space;
  const support::FakeEvaluator evaluator(space);
  const auto designs = some_designs(space, 3);
  Log log;
  Experiment(space, evaluator, objective(), Config{}, {&log}).evaluate(designs);
  Log second;
  Experiment replayed(space, evaluator, objective(), Config{}, {&second}, Recorded{log.records, 0});
  replayed.evaluate({designs[0]});
  CHECK(second.replayed == std::vector<int>{1});
  CHECK_THROWS_WITH(replayed.evaluate({designs[2]}), Catch::Matchers::Contains("evaluation 2"));
}

TEST_CASE("a child inherits from the closest network that still has weights; few others keep theirs") {
  const support::FakeSpace space;
  support::FakeEvaluator evaluator(space);
  std::map<std::string, std::string> parents;
  std::mutex mutex;
  evaluator.hook = [&](const evaluators::Request& request) {
    const std::lock_guard lock(mutex);
    parents[request.key] = request.parent ? request.parent->weights : "";
  };
  Log log;
  Experiment experiment(space, evaluator, objective("accuracy>=99%"), Config{}, {&log});
  const auto designs = some_designs(space, 60);
  experiment.evaluate({designs[0]});
  CHECK(parents[space.key(designs[0])].empty());
  Design near = designs[0];
  near[1] = 1;
  experiment.evaluate({near});
  Design nearer = near;
  nearer[1] = 2;
  nearer[5] = 1;
  const Record* child = experiment.evaluate({nearer}).front();
  CHECK(child->parent == 2);  // one decision away from the prototype would be two: slot 1's width differs as well
  CHECK(parents[child->key] == "weights of " + space.key(near));
  for (const Design& design : designs) experiment.evaluate({design});
  experiment.evaluate({});
  int kept = 0;
  for (const auto& record : experiment.records()) kept += record->evaluation.weights.empty() ? 0 : 1;
  CHECK(kept == 13);  // the prototype and twelve more
  CHECK(log.dropped.size() == experiment.records().size() - 13);
  CHECK_FALSE(experiment.records().front()->evaluation.weights.empty());
}

TEST_CASE("a network that cannot be trained is a record, not the end") {
  const support::FakeSpace space;
  support::FakeEvaluator evaluator(space);
  evaluator.diverge_every = 2;
  Experiment experiment(space, evaluator, objective(), Config{}, {});
  int diverged = 0;
  for (const Record* record : experiment.evaluate(some_designs(space, 30)))
    if (record->evaluation.outcome == evaluators::Outcome::diverged) {
      ++diverged;
      CHECK_FALSE(record->feasible);
      CHECK(record->performance == 0);
    }
  CHECK(diverged > 3);
}

TEST_CASE("a run in which nothing can be evaluated any more stops and says why") {
  const support::FakeSpace space;
  struct Broken : evaluators::Evaluator {
    std::string name() const override { return "broken"; }
    std::string settings_key() const override { return "broken/1"; }
    evaluators::Evaluation evaluate(const evaluators::Request&) const override {
      evaluators::Evaluation evaluation;
      evaluation.outcome = evaluators::Outcome::failed;
      evaluation.message = "the disk is gone";
      return evaluation;
    }
  } const broken;
  Config config;
  config.algorithm = "random";
  Log log;
  Experiment experiment(space, broken, objective(), config, {&log});
  CHECK_THROWS_WITH(run(experiment), Catch::Matchers::Contains("the disk is gone"));
  CHECK(log.records.size() < 60);
}

TEST_CASE("what failed is nobody's parent, though it was measured") {
  const support::FakeSpace space;
  Design near = space.prototype();
  near[1] = 1;
  Design nearer = near;
  nearer[5] = 1;
  FailingEvaluator evaluator(space);
  evaluator.fails = space.key(near);
  Experiment experiment(space, evaluator, objective(), Config{}, {});
  experiment.evaluate({space.prototype()});
  const Record* failed = experiment.evaluate({near}).front();
  CHECK(failed->evaluation.outcome == evaluators::Outcome::failed);
  CHECK(failed->evaluation.weights.empty());
  CHECK(experiment.evaluate({nearer}).front()->parent == 1);
}

TEST_CASE("weights that nobody needs are dropped batch by batch") {
  const support::FakeSpace space;
  const support::FakeEvaluator evaluator(space);
  const auto designs = some_designs(space, 60);
  // Infeasible: of forty, all but the prototype and twelve more. A feasible one a later generator may make again.
  for (const auto& [requirements, dropped] : {std::pair{"accuracy>=99%", 27}, std::pair{"accuracy>=1%", 0}}) {
    Log log;
    Experiment experiment(space, evaluator, objective(requirements), Config{}, {&log});
    experiment.evaluate({designs.begin(), designs.begin() + 40});
    CHECK(log.dropped.empty());
    experiment.evaluate(designs);
    CHECK(static_cast<int>(log.dropped.size()) == dropped);
    for (const int id : log.dropped) CHECK(experiment.records()[id - 1]->evaluation.weights.empty());
  }
}

TEST_CASE("a generator says what became of each network it asked for") {
  const support::FakeSpace space;
  const support::FakeEvaluator evaluator(space);
  Experiment experiment(space, evaluator, objective(), Config{}, {});
  const auto designs = some_designs(space, 2);
  GeneratorRecord generator;
  const auto record_of = [&](const std::vector<Design>& asked) {
    generator.networks.clear();
    for (const Record* record : experiment.evaluate(asked)) generator.networks.push_back(record->id);
    experiment.record(generator);
    return experiment.generators().back().outcomes;
  };
  CHECK(record_of({designs[0], designs[0]}) == std::vector<std::string>{"trained", "duplicate"});
  CHECK(record_of({designs[0], designs[1]}) == std::vector<std::string>{"duplicate", "trained"});
}

TEST_CASE("an evaluator's own failure leaves with what came before it committed") {
  const support::FakeSpace space;
  support::FakeEvaluator evaluator(space);
  const auto designs = some_designs(space, 6);
  evaluator.hook = [&](const evaluators::Request& request) {
    if (request.key == space.key(designs[3])) throw std::runtime_error("data set vanished");
  };
  Log log;
  Experiment experiment(space, evaluator, objective(), Config{}, {&log});
  CHECK_THROWS_WITH(experiment.evaluate(designs), "data set vanished");
  CHECK(log.records.size() == 3);
}
