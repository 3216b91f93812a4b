// The synthesis loop with the fake evaluator: lineage, exactness under jobs and interruption, hard cases, ablations.
#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

#include "synth/engine/cost_range.h"
#include "synth/engine/experiment.h"
#include "synth/engine/inquisitor.h"
#include "tests/support/fake_evaluator.h"

using namespace synth::engine;
using search_space::Design;

namespace {

struct Log : Observer {
  std::vector<Record> records;
  std::vector<GeneratorRecord> generators;
  void on_evaluation(const Record& record) override { records.push_back(record); }
  void on_replay(const Record& record) override { records.push_back(record); }
  void on_generator(const GeneratorRecord& generator) override { generators.push_back(generator); }
};

struct Case {
  Config config;
  std::string requirements = "accuracy>=prototype-2%";
  double noise = 0.002;
  int samples = 5000;
  int diverge_every = 0;
  int slots = 4;
};

struct Result {
  std::string end;
  Log log;
};

Result search(const Case& input, Recorded recorded = {}, int stop_after = 0) {
  const support::FakeSpace space(input.slots);
  support::FakeEvaluator evaluator(space);
  evaluator.noise = input.noise;
  evaluator.samples = input.samples;
  evaluator.diverge_every = input.diverge_every;
  std::atomic<bool> stop = false;
  if (stop_after > 0)
    evaluator.hook = [&](const evaluators::Request&) {
      if (evaluator.calls >= stop_after) stop = true;
    };
  Result result;
  Experiment experiment(space, evaluator, Objective(NetScore{}, parse_requirements(input.requirements)), input.config,
                        {&result.log}, std::move(recorded), &stop);
  result.end = run(experiment);
  return result;
}

Case standard(std::uint64_t seed, int evaluations = 60) {
  Case input;
  input.config.seed = seed;
  input.config.evaluations = evaluations;
  return input;
}

Recorded recorded(const std::vector<Record>& records) {
  return {records, 1, [records](int id) { return records[id - 1].evaluation.weights; }};
}

std::string lineage(const Log& log) {
  std::ostringstream text;
  for (const GeneratorRecord& generator : log.generators) {
    text << generator.proposal << (generator.accepted ? " accepted" : " rejected");
    for (const int id : generator.networks) text << ' ' << log.records[id - 1].key.substr(0, 12);
    text << '\n';
  }
  return text.str();
}

}  // namespace

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

TEST_CASE("the evaluation budget is exact and the wanted number of generators ends the run") {
  for (const int evaluations : {1, 2, 5, 17})
    CHECK(search(standard(1, evaluations)).log.records.size() == static_cast<std::size_t>(evaluations));
  Case input = standard(1, 200);
  input.config.generators = 2;
  const Result result = search(input);
  CHECK(result.log.generators.back().accepted);
  CHECK(result.log.generators.back().index == 2);
}

TEST_CASE("requirements that costs rule out end before any evaluation") {
  Case input = standard(1);
  input.requirements = "params<=10";
  const Result result = search(input);
  CHECK(result.end == "infeasible");
  CHECK(result.log.records.empty());
  const support::FakeSpace space;
  const Requirements requirements = parse_requirements("params<=10");
  CHECK_THAT(why_infeasible(cost_range(space, requirements), requirements), Catch::Matchers::Contains("parameters"));
}

TEST_CASE("costs that can be met alone but not together are found infeasible") {
  const support::FakeSpace space(1);
  const Requirements requirements = parse_requirements("params<=1000,macs<=1000M");
  const CostRange range = cost_range(space, requirements);
  CHECK(range.exact);
  CHECK(why_infeasible(range, requirements).empty());
  CHECK(range.least_parameters.cost.parameters() < range.most_parameters.cost.parameters());
}

namespace {

// Six kinds with six parameters each: 4374 networks, but 10^18 combinations of values.
struct BranchingSpace : search_space::DesignSpace {
  std::vector<search_space::Decision> all = {{"kind", {"a", "b", "c", "d", "e", "f"}, {}, 0, -1, -1}};
  Design start;
  BranchingSpace() {
    for (int kind = 0; kind < 6; ++kind)
      for (int i = 0; i < 6; ++i)
        all.push_back({std::to_string(kind) + std::to_string(i), {"1", "2", "3"}, {1, 2, 3}, 0, 0, kind});
    start.assign(all.size(), 0);
  }
  const std::vector<search_space::Decision>& decisions() const override { return all; }
  const Design& prototype() const override { return start; }
  search_space::Cost cost(const Design& design) const override {
    search_space::Cost cost;
    cost.weights = 100 - design[0];
    for (std::size_t i = 1; i < design.size(); ++i) cost.weights += design[i];
    return cost;
  }
  std::string key(const Design& design) const override {
    std::string text;
    for (const int value : design) text += std::to_string(value);
    return text;
  }
};

}  // namespace

TEST_CASE("a small space is enumerated however many parameters its absent kinds would have") {
  const CostRange range = cost_range(BranchingSpace(), {});
  CHECK(range.exact);
  CHECK(range.least_parameters.cost.parameters() == 95);
  CHECK(range.most_parameters.cost.parameters() == 112);
}

TEST_CASE("an accuracy nobody reaches is reported as infeasible after the budget") {
  Case input = standard(1, 20);
  input.requirements = "accuracy>=99.9%";
  const Result result = search(input);
  CHECK(result.end == "infeasible");
  CHECK(result.log.records.size() == 20);
}

TEST_CASE("a prototype over the cost bounds leads to feasible networks all the same") {
  const support::FakeSpace space;
  Case input = standard(2, 60);
  const auto bound = space.cost(space.prototype()).parameters() / 4;
  input.requirements = "accuracy>=80%,params<=" + std::to_string(bound);
  const Result result = search(input);
  CHECK(result.end == "done");
  CHECK_FALSE(result.log.generators.front().accepted);
  int accepted = 0;
  for (const GeneratorRecord& generator : result.log.generators) accepted += generator.accepted ? 1 : 0;
  CHECK(accepted >= 2);
}

TEST_CASE("a prototype far over the cost bounds is left at once for a network within them") {
  const support::FakeSpace space(8);
  const CostRange range = cost_range(space, {});
  for (const int seeds : {1, 4})
    for (const double tightness : {1.05, 1.5, 4.0}) {
      Case input = standard(3, 20);
      input.slots = 8;
      input.config.seeds = seeds;
      const auto bound = [&](std::int64_t least) { return static_cast<std::int64_t>(tightness * least); };
      input.requirements = "params<=" + std::to_string(bound(range.least_parameters.cost.parameters())) +
                           ",macs<=" + std::to_string(bound(range.least_multiply_adds.cost.multiply_adds));
      INFO(input.requirements << ", " << seeds << " seeds");
      const Result result = search(input);
      CHECK(result.end == "done");
      REQUIRE(result.log.records.size() >= 2);
      CHECK(result.log.records[1].feasible);
    }
}

TEST_CASE("networks that diverge do not end the search") {
  Case input = standard(4, 80);
  input.diverge_every = 6;
  const Result result = search(input);
  CHECK(result.end == "done");
  CHECK(result.log.records.size() == 80);
  int accepted = 0;
  for (const GeneratorRecord& generator : result.log.generators) accepted += generator.accepted ? 1 : 0;
  CHECK(accepted >= 3);
}

namespace {

// One network and nothing to decide.
struct ClosedSpace : search_space::DesignSpace {
  std::vector<search_space::Decision> none;
  Design only;
  const std::vector<search_space::Decision>& decisions() const override { return none; }
  const Design& prototype() const override { return only; }
  search_space::Cost cost(const Design&) const override { return {1000, 10, 100000, 100}; }
  std::string key(const Design&) const override { return "only"; }
};

struct ConstantEvaluator : evaluators::Evaluator {
  evaluators::Outcome outcome = evaluators::Outcome::trained;
  std::string name() const override { return "constant"; }
  std::string settings_key() const override { return "constant/1"; }
  evaluators::Evaluation evaluate(const evaluators::Request&) const override {
    evaluators::Evaluation evaluation;
    evaluation.outcome = outcome;
    evaluation.accuracy = 0.9;
    evaluation.cost = {1000, 10, 100000, 100};
    return evaluation;
  }
};

}  // namespace

TEST_CASE("a prototype that leaves nothing open is evaluated, and that is all") {
  const ClosedSpace space;
  const ConstantEvaluator evaluator;
  for (const AlgorithmInfo& algorithm : algorithms()) {
    INFO(algorithm.name);
    Config config;
    config.algorithm = algorithm.name;
    Experiment experiment(space, evaluator, Objective(NetScore{}, {}), config, {});
    CHECK(run(experiment) == "done");
    CHECK(experiment.records().size() == 1);
  }
}

TEST_CASE("networks of which none can be trained end with the budget, or at once where the prototype is the measure") {
  const support::FakeSpace space;
  ConstantEvaluator evaluator;
  evaluator.outcome = evaluators::Outcome::out_of_memory;
  for (const auto& [requirements, evaluations] :
       {std::pair{"accuracy>=80%", 12}, std::pair{"accuracy>=prototype-1%", 1}}) {
    Config config;
    config.evaluations = 12;
    Experiment experiment(space, evaluator, Objective(NetScore{}, parse_requirements(requirements)), config, {});
    CHECK(run(experiment) == "infeasible");
    CHECK(experiment.records().size() == static_cast<std::size_t>(evaluations));
  }
}

TEST_CASE("a space that is used up ends the run") {
  Case input = standard(1, 5000);
  input.slots = 1;
  const Result result = search(input);
  CHECK(result.end == "done");
  CHECK(result.log.records.size() < 50);
}

TEST_CASE("each ablation changes the run") {
  const std::string reference = lineage(search(standard(5)).log);
  for (bool Config::*part : {&Config::evidence, &Config::trust_region, &Config::model}) {
    Case input = standard(5);
    input.config.*part = false;
    CHECK(lineage(search(input).log) != reference);
  }
  Case input = standard(5);
  input.config.inheritance = false;
  for (const Record& record : search(input).log.records) CHECK(record.parent == 0);
}

TEST_CASE("what drove a change is said in words") {
  const Result result = search(standard(6));
  for (const GeneratorRecord& generator : result.log.generators)
    if (generator.proposal > 0 && generator.accepted) {
      REQUIRE_FALSE(generator.evidence.empty());
      CHECK_THAT(generator.evidence.front(), Catch::Matchers::Contains("->"));
    }
}
