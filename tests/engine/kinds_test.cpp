// The space by kind of module before anything is shrunk, and what fits say.
#include "synth/engine/kinds.h"

#include <catch2/catch.hpp>
#include <algorithm>
#include <cmath>
#include <map>
#include <mutex>

#include "prototypes/library.h"
#include "search_space/search_space.h"
#include "synth/engine/explanation.h"
#include "tests/engine/synthesis_runs.h"

using namespace test_engine;
using search_space::Design;

namespace {

double size_of(const support::FakeSpace& space, const Design& design) {
  const auto cost = space.cost(design);
  return std::log(static_cast<double>(cost.parameters())) + std::log(static_cast<double>(cost.multiply_adds));
}

}  // namespace

TEST_CASE("one network of each kind that has parameters, all of about one size") {
  const support::FakeSpace space(4);
  const Design from = space.prototype();  // of convolutions
  CHECK(main_kind(space, from) == "conv");
  const std::vector<Design> found = networks_of_each_kind(space, from, 0.1);
  for (const Design& design : found) {
    const std::string kind = main_kind(space, design);
    CHECK(design == space.canonical(design));
    CHECK(space.why_not(design).empty());
    for (int slot = 0; slot < 4; ++slot) CHECK(space.decisions()[4 * slot].labels[design[4 * slot]] == kind);
    // Widths of slots are no parameters of a kind in this space: they stay.
    CHECK(size_of(space, design) < size_of(space, from));
  }
  REQUIRE(found.size() == 2);
  CHECK(main_kind(space, found[0]) == "grouped");
  CHECK(main_kind(space, found[1]) == "bottleneck");
}

TEST_CASE("kinds are explored first, trained once and alike; what misses later is trained on") {
  const support::FakeSpace space;
  support::FakeEvaluator evaluator(space);
  std::mutex mutex;
  std::vector<bool> asked;  // per evaluation: whether something is asked for
  evaluator.hook = [&](const evaluators::Request& request) {
    const std::lock_guard lock(mutex);
    asked.push_back(static_cast<bool>(request.margin));
    if (request.margin) CHECK(request.margin(1.0, 0) > request.margin(0.5, 0));
  };
  Config config;
  config.evaluations = 20;
  config.seeds = 1;
  Experiment experiment(space, evaluator, Objective({}, parse_requirements("accuracy>=70%")), config, {});
  run(experiment);
  REQUIRE(asked.size() >= 5);
  CHECK(asked[0]);
  CHECK_FALSE(asked[1]);
  CHECK_FALSE(asked[2]);
  CHECK(asked[3]);
  const std::vector<Design> explored = networks_of_each_kind(space, space.prototype(), 0.03);
  for (const Design& design : explored) {
    const Record* record = experiment.find(design);
    REQUIRE(record != nullptr);
    CHECK(record->id <= 3);
  }
}

namespace {

// Accuracy depends on the kind of most modules alone.
class KindsDiffer : public evaluators::Evaluator {
 public:
  KindsDiffer(const search_space::DesignSpace& space, double gain) : space_(space), gain_(gain) {}
  std::string name() const override { return "kinds"; }
  std::string settings_key() const override { return "kinds/1"; }
  evaluators::TrainingEpochs training() const override { return {3, 1, 15, true}; }
  bool may_run_in_parallel() const override { return false; }
  evaluators::Evaluation evaluate(const evaluators::Request& request) const override {
    brief[request.key] = request.brief;
    evaluators::Evaluation result;
    result.cost = space_.cost(request.design);
    result.accuracy = 0.6 + (main_kind(space_, request.design) == "depthwise_separable" ? gain_ : 0);
    result.samples = 1000;
    result.weights = "weights";
    return result;
  }

  mutable std::map<std::string, bool> brief;  // by key

 private:
  const search_space::DesignSpace& space_;
  double gain_;
};

}  // namespace

TEST_CASE("a kind that is clearly better when trained alike founds what follows; one that is not does not") {
  const bool pays = GENERATE(true, false);
  const search_space::SearchSpace space(prototypes::load("residual9"));
  const KindsDiffer evaluator(space, pays ? 0.1 : 0.02);
  Config config;
  config.seeds = 1;
  const std::vector<Design> alike = networks_of_each_kind(space, space.prototype(), 0.03);
  config.evaluations = static_cast<int>(alike.size()) + 2;
  Experiment experiment(space, evaluator, Objective({}, parse_requirements("accuracy>=50%")), config, {});
  run(experiment);
  const std::string own = main_kind(space, space.prototype());
  CHECK(own == "bottleneck");
  CHECK(clearly_better_kind(experiment, alike, own) == (pays ? "depthwise_separable" : ""));
  for (const Design& design : alike) {
    const Record* record = experiment.find(design);
    REQUIRE(record != nullptr);
    CHECK(record->parent == 0);
    CHECK(evaluator.brief.at(record->key));
    CHECK(trained_alike(config, {record->id, record->key, record->design, record->parent, false}));
  }
  REQUIRE(experiment.records().size() == alike.size() + 2);
  const Record& next = *experiment.records().back();
  CHECK(next.parent != 0);
  CHECK_FALSE(evaluator.brief.at(next.key));
  const std::vector<Design> founders = networks_of_each_kind(space, space.prototype(), 0.25);
  const bool founds = main_kind(space, next.design) == "depthwise_separable" &&
                      std::find(founders.begin(), founders.end(), next.design) != founders.end();
  CHECK(founds == pays);
}

TEST_CASE("requirements that refer to the prototype are judged as measured") {
  const support::FakeSpace space;
  support::FakeEvaluator evaluator(space);
  evaluator.hook = [&](const evaluators::Request& request) { CHECK_FALSE(request.margin); };
  Config config;
  config.evaluations = 6;
  Experiment experiment(space, evaluator, Objective({}, parse_requirements("accuracy>=prototype-2%")), config, {});
  run(experiment);
}

TEST_CASE("a generator says how well modules of another kind were fitted") {
  const support::FakeSpace space;
  support::FakeEvaluator evaluator(space);
  evaluator.fits = true;
  Config config;
  config.evaluations = 40;
  config.seeds = 1;
  Experiment experiment(space, evaluator, Objective({}, parse_requirements("accuracy>=70%")), config, {});
  run(experiment);
  int said = 0;
  for (const GeneratorRecord& generator : experiment.generators())
    for (const std::string& sentence : generator.evidence)
      said += sentence.find("fits 80 % of the responses' variance") != std::string::npos ? 1 : 0;
  CHECK(said > 0);
}

TEST_CASE("a prototype that misses the accuracy in full training says so at once, with what to do") {
  const support::FakeSpace space;
  support::FakeEvaluator evaluator(space);
  evaluator.full = 15;
  Config config;
  config.evaluations = 1;
  Experiment experiment(space, evaluator, Objective({}, parse_requirements("accuracy>=99.9%")), config, {});
  run(experiment);
  const std::string reason = experiment.generators().at(0).reason;
  CHECK(reason.find("< 99.90 %") != std::string::npos);
  CHECK(reason.find("of at most 15 epochs; ask for less") != std::string::npos);
}
