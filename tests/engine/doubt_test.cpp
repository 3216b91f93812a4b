// What the inquisitor believes of networks that were measured, and what a search does when nothing seems left to gain.
#include <catch2/catch.hpp>
#include <cmath>

#include "synth/engine/experiment.h"
#include "synth/engine/inquisitor.h"
#include "tests/support/fake_evaluator.h"

namespace {

using namespace synth::engine;
using search_space::Design;

// Feasible or not as told by a width; one network was lucky.
class Steps : public evaluators::Evaluator {
 public:
  explicit Steps(Design lucky) : lucky_(std::move(lucky)) {}
  std::string name() const override { return "steps"; }
  std::string settings_key() const override { return "steps/1"; }
  evaluators::Evaluation evaluate(const evaluators::Request& request) const override {
    evaluators::Evaluation result;
    result.cost = space_.cost(request.design);
    result.accuracy = request.design == lucky_ ? 0.905 : request.design[1] >= 3 ? 0.93 : 0.86;
    return result;
  }

 private:
  support::FakeSpace space_;
  Design lucky_;
};

// The more parameters, the fewer multiply-adds: what a bound on parameters rules out has the higher U.
class Opposed : public search_space::DesignSpace, public evaluators::Evaluator {
 public:
  Opposed() {
    for (int d = 0; d < 5; ++d) {
      search_space::Decision decision;
      decision.name = "d" + std::to_string(d);
      for (int value = 1; value <= 4; ++value) {
        decision.labels.push_back(std::to_string(value));
        decision.numbers.push_back(value);
      }
      decisions_.push_back(std::move(decision));
    }
  }
  const std::vector<search_space::Decision>& decisions() const override { return decisions_; }
  const Design& prototype() const override { return prototype_; }
  search_space::Cost cost(const Design& design) const override {
    search_space::Cost cost;
    double halvings = 0;
    for (std::size_t d = 0; d < design.size(); ++d) {
      cost.weights += (design[d] + 1) * (d % 2 == 0 ? 2000 : 8000);
      halvings += design[d];
    }
    cost.multiply_adds = static_cast<std::int64_t>(5e7 * std::pow(2, -halvings)) + 1000;
    return cost;
  }
  std::string key(const Design& design) const override {
    std::string text;
    for (const int value : design) text += std::to_string(value);
    return text;
  }
  std::string name() const override { return "opposed"; }
  std::string settings_key() const override { return "opposed/1"; }
  evaluators::Evaluation evaluate(const evaluators::Request& request) const override {
    evaluators::Evaluation result;
    result.cost = cost(request.design);
    result.accuracy = 0.94;
    for (std::size_t d = 0; d < request.design.size(); ++d)
      result.accuracy -= 0.003 * static_cast<double>(d + 1) * (3 - request.design[d]);
    return result;
  }

 private:
  std::vector<search_space::Decision> decisions_;
  Design prototype_ = {3, 3, 3, 3, 3};
};

Design with_widths(const support::FakeSpace& space, int first, int last) {
  Design design = space.prototype();
  design[1] = first;
  design[13] = last;
  return design;
}

}  // namespace

TEST_CASE("a network that was measured feasible among infeasible ones is believed less than one among its like") {
  const support::FakeSpace space;
  const Design lucky = with_widths(space, 1, 2), sound = with_widths(space, 3, 2);
  const Steps evaluator(lucky);
  Experiment experiment(space, evaluator, Objective(NetScore{}, parse_requirements("accuracy>=90%")), Config{}, {});
  for (int first = 0; first < 5; ++first)
    for (int last = 0; last < 5; ++last) experiment.evaluate({with_widths(space, first, last)});
  REQUIRE(experiment.find(lucky)->feasible);
  REQUIRE(experiment.find(sound)->feasible);
  Inquisitor inquisitor(experiment);
  for (int refit = 0; refit < 5; ++refit) inquisitor.learn(lucky);
  const double of_lucky = inquisitor.confidence(*experiment.find(lucky));
  const double of_sound = inquisitor.confidence(*experiment.find(sound));
  CHECK(of_lucky < of_sound);
  CHECK(of_sound > 0.95);
  CHECK(of_lucky > 0);
}

TEST_CASE("a less certain model is nearer to even odds, and costs stay certain") {
  const support::FakeSpace space;
  support::FakeEvaluator evaluator(space);
  evaluator.samples = 5000;
  const std::string bound = std::to_string(space.cost(space.prototype()).parameters());
  Experiment experiment(space, evaluator, Objective(NetScore{}, parse_requirements("accuracy>=40%,params<=" + bound)),
                        Config{}, {});
  experiment.evaluate({space.prototype()});
  for (int width = 0; width < 4; ++width) experiment.evaluate({with_widths(space, width, width)});
  Inquisitor inquisitor(experiment);
  inquisitor.learn(space.prototype());
  int within = 0;
  for (int first = 0; first < 5; ++first)
    for (int last = 0; last < 5; ++last) {
      Design design = with_widths(space, first, last);
      design[5] = 2;
      const Verdict& verdict = inquisitor.judge(space.canonical(design));
      CHECK(std::abs(verdict.doubted - 0.5) <= std::abs(verdict.feasibility - 0.5));
      ++within;
    }
  CHECK(within == 25);
}

TEST_CASE("once something is feasible, nothing that exact costs rule out is evaluated") {
  const Opposed table;
  for (const char* requirements : {"accuracy>=85%,params<=40000", "accuracy>=90%,params<=60000"}) {
    for (std::uint64_t seed = 0; seed < 2; ++seed) {
      Config config;
      config.seed = seed;
      config.seeds = 1;
      config.evaluations = 100;
      const Objective objective(NetScore{}, parse_requirements(requirements));
      Experiment experiment(table, table, objective, config, {});
      run(experiment);
      bool feasible = false;
      for (const auto& record : experiment.records()) {
        INFO(requirements << " seed " << seed << " network " << record->id);
        if (feasible) CHECK(objective.cost_feasible(record->evaluation.cost));
        feasible = feasible || record->feasible;
      }
      CHECK(feasible);
    }
  }
}
