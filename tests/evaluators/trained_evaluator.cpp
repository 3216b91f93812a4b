// The evaluator of real searches, on small images.
#include "evaluators/trained_evaluator.h"

#include <ATen/ATen.h>

#include <atomic>
#include <cmath>
#include <thread>

#include "evaluators/measuring.h"
#include "evaluators/weights.h"
#include "network_fixtures.h"
// After LibTorch, whose logging has a CHECK of its own.
#include <catch2/catch.hpp>

#include "prototypes/library.h"
#include "search_space/errors.h"
#include "search_space/lowering.h"

using namespace evaluators;
using search_space::Design;
using search_space::SearchSpace;

namespace {

const SearchSpace& space() {
  static const SearchSpace space = [] {
    search_space::Prototype prototype;
    prototype.name = "small";
    prototype.design.input = {3, 16, 16};
    prototype.design.classes = 10;
    prototype.design.stem = {{"conv", 8, 3, 1, "relu"}};
    for (int i = 0; i < 3; ++i)
      prototype.design.slots.push_back(
          {i, i == 0 ? 1 : 2, 16 << i, {"bottleneck", {{"inner", 8}}}, search_space::Shortcut::residual, "relu"});
    prototype.kinds.assign(3, {"bottleneck", "conv", "vac"});
    prototype.stage_widths = {{8, 16}, {16, 32}, {32, 64}};
    return SearchSpace(prototype);
  }();
  return space;
}

TrainedEvaluatorSettings quick() {
  TrainedEvaluatorSettings settings;
  settings.epochs = 2;
  settings.tune_epochs = 0.5;
  settings.batch_size = 64;
  settings.weight_bits = 8;
  settings.activation_bits = 8;
  return settings;
}

Request request_for(const Design& design, std::uint64_t seed = 1) {
  Request request;
  request.design = design;
  request.key = space().key(design);
  request.seed = seed;
  return request;
}

// A design one decision away from the prototype.
Design neighbour() {
  Design design = space().prototype();
  for (std::size_t i = 0; i < design.size(); ++i) {
    const auto& decision = space().decisions()[i];
    if (decision.slot >= 0 || decision.size() < 2) continue;
    design[i] = design[i] == 0 ? 1 : 0;
    return space().canonical(design);
  }
  FAIL("no width to change");
  return design;
}

bool same(const Evaluation& a, const Evaluation& b) {
  if (a.evidence.layers.size() != b.evidence.layers.size()) return false;
  for (std::size_t i = 0; i < a.evidence.layers.size(); ++i)
    if (a.evidence.layers[i].saliency != b.evidence.layers[i].saliency) return false;
  return a.outcome == b.outcome && a.accuracy == b.accuracy && a.float_accuracy == b.float_accuracy &&
         a.weights == b.weights && a.evidence.probe_loss == b.evidence.probe_loss && a.cost == b.cost;
}

// Running statistics aside.
bool same_parameters(const std::string& a, const std::string& b) {
  const auto first = from_safetensors(a, "first"), second = from_safetensors(b, "second");
  if (first.size() != second.size()) return false;
  for (const auto& [name, tensor] : first)
    if (name.find("running_") == std::string::npos && !at::equal(tensor, second.at(name))) return false;
  return true;
}

}  // namespace

TEST_CASE("an evaluation is the same again, in another thread and beside another", "[trained_evaluator]") {
  const auto evaluator = make_trained_evaluator(space(), fixtures::shapes(), quick());
  const Request request = request_for(space().prototype());
  const Evaluation first = evaluator->evaluate(request);
  REQUIRE(first.outcome == Outcome::trained);
  CHECK(first.accuracy * first.samples == Approx(std::round(first.accuracy * first.samples)));
  CHECK(first.samples == fixtures::shapes().validation.size());
  CHECK(first.seconds > 0);
  CHECK(!first.evidence.layers.empty());
  CHECK(first.evidence.slots.size() == 3);
  Evaluation second, other;
  std::thread one([&] { second = evaluator->evaluate(request); });
  std::thread two([&] { other = evaluator->evaluate(request_for(space().prototype(), 2)); });
  one.join();
  two.join();
  CHECK(same(first, second));
  CHECK(!same(first, other));
}

TEST_CASE("a child starts from its parent's weights and has the schedule of tuning", "[trained_evaluator]") {
  TrainedEvaluatorSettings settings = quick();
  // Steps of length zero leave what was inherited, bit for bit; only running statistics move.
  settings.tune_learning_rate = 0;
  const auto evaluator = make_trained_evaluator(space(), fixtures::shapes(), settings);
  Request request = request_for(space().prototype());
  double epochs = 0;
  request.progress = [&](const Progress& progress) { epochs = progress.epochs; };
  const Evaluation parent = evaluator->evaluate(request);
  REQUIRE(parent.outcome == Outcome::trained);
  CHECK(epochs == settings.epochs);

  request.seed = 2;
  request.parent = std::make_shared<const Parent>(
      Parent{space().prototype(), space().key(space().prototype()), parent.weights, parent.evidence});
  const Evaluation child = evaluator->evaluate(request);
  REQUIRE(child.outcome == Outcome::trained);
  CHECK(epochs == settings.tune_epochs);
  CHECK(same_parameters(child.weights, parent.weights));
  CHECK(child.weights != parent.weights);

  // A child of another design, tuned at a rate that moves it.
  Request changed = request_for(neighbour());
  changed.parent = request.parent;
  changed.progress = request.progress;
  const auto tuning = make_trained_evaluator(space(), fixtures::shapes(), quick());
  const Evaluation moved = tuning->evaluate(changed);
  REQUIRE(moved.outcome == Outcome::trained);
  CHECK(epochs == settings.tune_epochs);
  CHECK(!same_parameters(moved.weights, evaluator->evaluate(changed).weights));
}

TEST_CASE("a candidate's failure is an outcome; stopping is not", "[trained_evaluator]") {
  TrainedEvaluatorSettings settings = quick();
  settings.learning_rate = 1e30;  // two layers multiply beyond the range of float
  const Evaluation diverged =
      make_trained_evaluator(space(), fixtures::shapes(), settings)->evaluate(request_for(space().prototype()));
  CHECK(diverged.outcome == Outcome::diverged);
  CHECK(!diverged.message.empty());
  CHECK(diverged.cost.parameters() > 0);

  settings = quick();
  settings.time_limit_seconds = 1e-9;  // passed after one step on any machine
  const Evaluation late =
      make_trained_evaluator(space(), fixtures::shapes(), settings)->evaluate(request_for(space().prototype()));
  CHECK(late.outcome == Outcome::timed_out);

  Request broken = request_for(space().prototype());
  broken.parent = std::make_shared<const Parent>(Parent{space().prototype(), "0", "not safetensors", {}});
  const Evaluation failed = make_trained_evaluator(space(), fixtures::shapes(), quick())->evaluate(broken);
  CHECK(failed.outcome == Outcome::failed);
  CHECK(!failed.message.empty());

  const std::atomic<bool> stop = true;
  Request stopped = request_for(space().prototype());
  stopped.stop = &stop;
  CHECK_THROWS_AS(make_trained_evaluator(space(), fixtures::shapes(), quick())->evaluate(stopped), Stopped);
}

TEST_CASE("the settings key names everything that changes results", "[trained_evaluator]") {
  const auto key = [](const TrainedEvaluatorSettings& settings) {
    return make_trained_evaluator(space(), fixtures::shapes(), settings)->settings_key();
  };
  const std::string base = key(quick());
  CHECK(base.find(fixtures::shapes().fingerprint) != std::string::npos);
  CHECK(key(quick()) == base);
  const auto differs = [&](auto change) {
    TrainedEvaluatorSettings settings = quick();
    change(settings);
    return key(settings) != base;
  };
  CHECK(differs([](auto& s) { s.epochs = 2.5; }));
  CHECK(differs([](auto& s) { s.tune_epochs = 0.25; }));
  CHECK(differs([](auto& s) { s.learning_rate = 0.01; }));
  CHECK(differs([](auto& s) { s.weight_bits = 32; }));
  CHECK(differs([](auto& s) { s.bf16 = !s.bf16; }));
}

TEST_CASE("tuning has its own schedule, and only long schedules vary the images", "[trained_evaluator]") {
  TrainedEvaluatorSettings settings = quick();
  settings.epochs = 20;
  CHECK(training_settings(settings, /*tuning=*/false).augment);
  CHECK(training_settings(settings, /*tuning=*/false).epochs == 20);
  CHECK(!training_settings(settings, /*tuning=*/true).augment);
  CHECK(training_settings(settings, /*tuning=*/true).epochs == 0.5);
  CHECK(training_settings(settings, /*tuning=*/true).learning_rate == settings.tune_learning_rate);
}

TEST_CASE("impossible settings are refused with what is allowed", "[trained_evaluator]") {
  TrainedEvaluatorSettings settings = quick();
  settings.device = "gpu";
  CHECK_THROWS_WITH(make_trained_evaluator(space(), fixtures::shapes(), settings), Catch::Contains("cuda:N"));
  settings.device = "cuda:99";
  CHECK_THROWS_AS(make_trained_evaluator(space(), fixtures::shapes(), settings), search_space::EnvironmentError);
  settings = quick();
  settings.weight_bits = 4;
  CHECK_THROWS_WITH(make_trained_evaluator(space(), fixtures::shapes(), settings), Catch::Contains("8, 32"));
}

TEST_CASE("full training stores weights that measure the same again", "[trained_evaluator]") {
  const auto architecture = space().decode(space().prototype());
  const Request request = request_for(space().prototype());
  const FullResult trained = train_fully(architecture, fixtures::shapes(), quick(), {}, request);
  REQUIRE(trained.evaluation.outcome == Outcome::trained);
  const FullResult again = evaluate_weights(architecture, fixtures::shapes(), quick(), trained.evaluation.weights);
  CHECK(again.evaluation.float_accuracy == trained.evaluation.float_accuracy);
  CHECK(again.int8_accuracy == trained.int8_accuracy);
  CHECK(again.test_accuracy == trained.test_accuracy);
  CHECK(again.int8_test_accuracy == trained.int8_test_accuracy);
  CHECK(trained.evaluation.accuracy == trained.int8_accuracy);

  auto other = architecture;
  other.slots[0].module = {"conv", {{"kernel", 3}}};
  CHECK_THROWS_AS(evaluate_weights(other, fixtures::shapes(), quick(), trained.evaluation.weights),
                  search_space::InputError);
}

TEST_CASE("a network that misses what is asked for is trained on while there is hope", "[trained]") {
  TrainedEvaluatorSettings settings = quick();
  settings.full_epochs = 3;
  settings.probe = false;
  const auto evaluator = make_trained_evaluator(space(), fixtures::shapes(), settings);
  const auto epochs_at = [&](double margin) {
    Request request = request_for(neighbour());
    request.margin = [margin](double accuracy, int samples) {
      CHECK(accuracy >= 0);
      CHECK(samples == fixtures::shapes().validation.size());
      return margin;
    };
    return evaluator->evaluate(request).epochs;
  };
  CHECK(epochs_at(0) == 2);       // enough at once: 2 epochs from scratch
  CHECK(epochs_at(-100) == 2);    // no doubling gains so much
  CHECK(epochs_at(-0.001) == 3);  // up to full training
  CHECK(evaluator->evaluate(request_for(neighbour())).epochs == 2);  // nothing is asked
}

TEST_CASE("what a network had before it was trained on does not change", "[trained]") {
  TrainedEvaluatorSettings settings = quick();
  settings.probe = false;
  settings.full_epochs = 4;
  Request request = request_for(neighbour());
  const auto evaluator = make_trained_evaluator(space(), fixtures::shapes(), settings);
  std::vector<double> accuracies;
  request.margin = [&](double accuracy, int) {
    accuracies.push_back(accuracy);
    return -0.001;
  };
  const Evaluation whole = evaluator->evaluate(request);
  CHECK(whole.epochs == 4);
  const std::vector<double> first = accuracies;
  accuracies.clear();
  CHECK(same(whole, evaluator->evaluate(request)));
  CHECK(accuracies == first);
  request.margin = {};
  CHECK(evaluator->evaluate(request).accuracy == first.at(0));
}
