// The synthesis loop with the fake evaluator: budgets, bounds that cannot be met, hard cases, ablations.
#include "tests/engine/synthesis_runs.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <set>

#include "synth/engine/cost_range.h"

using namespace test_engine;
using search_space::Design;

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
