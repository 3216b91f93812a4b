// The synthesis loop with the fake evaluator: lineage, exactness under jobs, interruption and kills.
#include "tests/engine/synthesis_runs.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

#include "synth/engine/inquisitor.h"

using namespace test_engine;
using search_space::Design;

TEST_CASE("seed 42 gives the reviewed lineage", "[golden]") {
  const std::string path = SYNTH_SOURCE_DIR "/tests/golden/lineage_seed42.txt";
  const std::string found = lineage(search(standard(42)).log);
  // To review a change of the algorithm: SYNTH_UPDATE_GOLDEN=1 test_engine '[golden]', then read the difference.
  if (std::getenv("SYNTH_UPDATE_GOLDEN") != nullptr) std::ofstream(path) << found;
  std::ifstream file(path);
  std::ostringstream expected;
  expected << file.rdbuf();
  CHECK(found == expected.str());
}

TEST_CASE("every accepted generator is feasible for every seed and scores higher than the one before") {
  int accepted = 0;
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    const Result result = search(standard(seed));
    CHECK(result.end == "done");
    double performance = 0;
    const support::FakeSpace space;
    for (const GeneratorRecord& generator : result.log.generators) {
      REQUIRE(generator.seeds.size() == 4);
      REQUIRE(generator.networks.size() == 4);
      for (int i = 0; i < 4; ++i) {
        const Record& record = result.log.records[generator.networks[i] - 1];
        CHECK(Generator{generator.theta}.generate(space, generator.seeds[i]) == record.design);
        if (generator.accepted) CHECK(record.feasible);
      }
      if (!generator.accepted) continue;
      CHECK(generator.mean_performance > performance);
      performance = generator.mean_performance;
      ++accepted;
    }
    CHECK_FALSE(result.log.generators.back().reason.empty());
  }
  CHECK(accepted >= 5 * 5);
}

TEST_CASE("a proposal leaves no part of a batch free, and what fills it may be generated later") {
  for (const int seeds : {1, 4}) {
    Case input = standard(5, 80);
    input.config.seeds = seeds;
    const Result result = search(input);
    std::set<int> generated;
    for (const GeneratorRecord& generator : result.log.generators)
      generated.insert(generator.networks.begin(), generator.networks.end());
    INFO(seeds << " seeds");
    CHECK(generated.size() < result.log.records.size());  // some networks were made by no generator
    double best = 0;
    for (const Record& record : result.log.records)
      if (record.feasible) best = std::max(best, record.performance);
    const auto last = std::find_if(result.log.generators.rbegin(), result.log.generators.rend(),
                                   [](const GeneratorRecord& generator) { return generator.accepted; });
    if (seeds == 1) CHECK(last->mean_performance == Approx(best));  // for one seed, the best is always generated
  }
}

TEST_CASE("a network whose modules start with fresh weights is expected to be less accurate") {
  const support::FakeSpace space;
  Design other = space.prototype();  // every slot's module is of another kind
  for (int i = 0; i < static_cast<int>(other.size()); ++i)
    if (!space.decisions()[i].ordinal()) other[i] = (other[i] + 1) % space.decisions()[i].size();
  other = space.canonical(other);
  double expected[2] = {};
  for (const bool inheritance : {false, true}) {
    support::FakeEvaluator evaluator(space);
    evaluator.samples = 5000;
    Config config;
    config.inheritance = inheritance;
    config.evidence = false;
    Experiment experiment(space, evaluator, Objective(NetScore{}, parse_requirements("accuracy>=20%")), config, {});
    experiment.evaluate({space.prototype()});
    CHECK((experiment.parent_of(other) != nullptr) == inheritance);
    Inquisitor inquisitor(experiment);
    inquisitor.learn(space.prototype());
    expected[inheritance] = inquisitor.judge(other).accuracy;
  }
  CHECK(expected[true] < expected[false]);
}

TEST_CASE("a budget that ends after a proposal's own networks does not lose the proposal") {
  const Result whole = search(standard(5, 60));
  std::size_t complete = 0;
  for (int evaluations = 10; evaluations < 40; ++evaluations) {
    const Result part = search(standard(5, evaluations));
    std::size_t expected = 0;  // up to the last proposal that asked for new networks and whose own fit the budget
    int newest = 0;
    for (const GeneratorRecord& generator : whole.log.generators) {
      const int last = *std::max_element(generator.networks.begin(), generator.networks.end());
      if (last > evaluations) break;
      if (last > newest) expected = static_cast<std::size_t>(generator.proposal) + 1;
      newest = std::max(newest, last);
    }
    CHECK(part.log.generators.size() >= expected);
    complete += expected;
  }
  CHECK(complete > 100);
}

TEST_CASE("the first feasible network found is a generator at once") {
  Case input = standard(2, 40);
  input.requirements = "accuracy>=80%,params<=20k";
  const Result result = search(input);
  int feasible = 0;
  for (const Record& record : result.log.records)
    if (record.feasible && feasible == 0) feasible = record.id;
  REQUIRE(feasible > 1);  // the prototype is too large
  const auto accepted = std::find_if(result.log.generators.begin(), result.log.generators.end(),
                                     [](const GeneratorRecord& generator) { return generator.accepted; });
  REQUIRE(accepted != result.log.generators.end());
  const auto known_by_then = *std::max_element(accepted->networks.begin(), accepted->networks.end());
  CHECK(known_by_then <= feasible + 4);  // its own proposal, and what was evaluated with that
}

TEST_CASE("the number of jobs changes nothing") {
  Case input = standard(3);
  const Result one = search(input);
  input.config.jobs = 4;
  const Result four = search(input);
  CHECK(lineage(one.log) == lineage(four.log));
  REQUIRE(one.log.records.size() == four.log.records.size());
  for (std::size_t i = 0; i < one.log.records.size(); ++i) {
    CHECK(one.log.records[i].evaluation.accuracy == four.log.records[i].evaluation.accuracy);
    CHECK(one.log.records[i].parent == four.log.records[i].parent);
  }
}

TEST_CASE("interrupted after any number of evaluations and run again, it is the same run") {
  const Case input = standard(7, 24);
  const Result whole = search(input);
  REQUIRE(whole.log.records.size() == 24);
  for (int stop = 1; stop < 24; ++stop) {
    const Result part = search(input, {}, stop);
    CHECK(part.end == "interrupted");
    CHECK(static_cast<int>(part.log.records.size()) == stop);
    const Result rest = search(input, recorded(part.log.records));
    CHECK(lineage(rest.log) == lineage(whole.log));
    REQUIRE(rest.log.records.size() == 24);
    CHECK(rest.log.records.back().evaluation.accuracy == whole.log.records.back().evaluation.accuracy);
    CHECK(rest.log.records.back().parent == whole.log.records.back().parent);
  }
}

namespace {

// Keeps what a database would, weights included, and remembers how that was after every step.
struct Store : Log {
  std::vector<std::vector<Record>> moments;
  void on_evaluation(const Record& record) override {
    Log::on_evaluation(record);
    moments.push_back(records);
  }
  void on_drop(const std::vector<int>& drop) override {
    for (const int id : drop) records[id - 1].evaluation.weights.clear();
    moments.push_back(records);
  }
};

}  // namespace

TEST_CASE("killed after any step and run again on the weights that were kept, it is the same run") {
  const support::FakeSpace space;
  support::FakeEvaluator evaluator(space);
  evaluator.noise = 0.002;
  evaluator.samples = 5000;
  evaluator.diverge_every = 7;
  evaluator.hook = [](const evaluators::Request& request) {
    if (request.parent && request.parent->weights.empty()) throw std::logic_error("weights of a parent were dropped");
  };
  for (const char* algorithm : {"generative-synthesis", "random", "regularized-evolution"}) {
    Config config;
    config.algorithm = algorithm;
    config.seed = 11;
    config.evaluations = 45;
    const auto whole_run = [&](Store& store, Recorded recorded) {
      Experiment experiment(space, evaluator, Objective(NetScore{}, parse_requirements("accuracy>=prototype-2%")),
                            config, {&store}, std::move(recorded));
      run(experiment);
    };
    Store whole;
    whole_run(whole, {});
    REQUIRE(whole.records.size() == 45);
    CHECK(std::any_of(whole.records.begin(), whole.records.end(), [](const Record& record) {
      return record.evaluation.outcome == evaluators::Outcome::trained && record.evaluation.weights.empty();
    }));
    for (std::size_t moment = 0; moment < whole.moments.size(); moment += 3) {
      Store rest;
      whole_run(rest, recorded(whole.moments[moment]));
      CHECK(lineage(rest) == lineage(whole));
      REQUIRE(rest.records.size() == 45);
      for (std::size_t i = 0; i < 45; ++i) {
        CHECK(rest.records[i].key == whole.records[i].key);
        CHECK(rest.records[i].parent == whole.records[i].parent);
      }
    }
  }
}
