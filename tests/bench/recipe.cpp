// What a recipe of training gives small networks: one network of each of some kinds, of one size, from scratch.
//   bench_recipe DATA PROTOTYPE RATIO EPOCHS KINDS RECIPE...
// A RECIPE is a comma-separated list of lr=, wd=, smooth=, batch=, warm=, aug=0|1, on=EPOCHS (trained on for so long; any
// number of times), onlr= and onaug=0|1. Accuracies are float; those in the course are on validation, before each `on`.
#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <sstream>

#include "evaluators/data/dataset.h"
#include "evaluators/folded_network.h"
#include "evaluators/measuring.h"
#include "evaluators/network.h"
#include "evaluators/trained_evaluator.h"
#include "evaluators/training.h"
#include "prototypes/library.h"
#include "search_space/lowering.h"
#include "search_space/search_space.h"
#include "synth/engine/kinds.h"

using namespace evaluators;

namespace {

search_space::Prototype prototype_for(const std::string& spec, const DataSet& data) {
  prototypes::Adaptation adaptation;
  adaptation.classes = data.classes();
  adaptation.channels = data.train.channels;
  adaptation.height = data.train.height;
  adaptation.width = data.train.width;
  return prototypes::adapt(prototypes::load(spec), adaptation);
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 7) {
    fmt::print("bench_recipe DATA PROTOTYPE RATIO EPOCHS KINDS RECIPE...\n");
    return 2;
  }
  tune_process();
  const DataSet data = load_data(parse_data_spec(arguments[1]), 1);
  const search_space::SearchSpace space(prototype_for(arguments[2], data));
  const double ratio = std::atof(arguments[3]), epochs = std::atof(arguments[4]);
  const std::string kinds = std::string(",") + arguments[5] + ",";
  const auto folded_accuracy = [&](Network& network) {
    const FoldedNetwork folded(network);
    const auto logits = [&](const torch::Tensor& batch) { return folded.forward(batch); };
    return std::make_pair(100 * accuracy(logits, data.validation, data, torch::kCPU),
                          100 * accuracy(logits, data.test, data, torch::kCPU));
  };
  for (const auto& design : synth::engine::networks_of_each_kind(space, space.prototype(), ratio)) {
    const std::string kind = synth::engine::main_kind(space, design);
    if (kinds != ",all," && kinds.find("," + kind + ",") == kinds.npos) continue;
    for (char** recipe = arguments + 6; *recipe != nullptr; ++recipe) {
      TrainingSettings settings;
      settings.epochs = epochs;
      settings.augment = epochs > 8;
      std::vector<double> on;
      double on_rate = 0.1;
      bool on_augment = false;
      std::stringstream parts(*recipe);
      for (std::string part; std::getline(parts, part, ',');) {
        const auto equals = part.find('=');
        const std::string name = part.substr(0, equals);
        const double value = equals == part.npos ? 0 : std::atof(part.c_str() + equals + 1);
        if (name == "lr") settings.learning_rate = value;
        if (name == "wd") settings.weight_decay = value;
        if (name == "smooth") settings.label_smoothing = value;
        if (name == "batch") settings.batch_size = int(value);
        if (name == "aug") settings.augment = value > 0;
        if (name == "warm") settings.warmup = value;
        if (name == "onlr") on_rate = value;
        if (name == "onaug") on_augment = value > 0;
        if (name == "on") on.push_back(value);
      }
      Network network(search_space::lower(space.decode(design)), 2);
      const double start = double(std::clock()) / CLOCKS_PER_SEC;
      const TrainingResult trained = train(network, data, settings, 3);
      const double seconds = double(std::clock()) / CLOCKS_PER_SEC - start;
      std::string course;
      for (const double epochs_on : on) {
        course += fmt::format(" {:.2f}", folded_accuracy(network).first);
        TrainingSettings next = settings;
        next.epochs = epochs_on;
        next.learning_rate = on_rate;
        next.augment = on_augment;
        train(network, data, next, 5 + course.size());
      }
      const auto [validation, test] = folded_accuracy(network);
      const auto cost = search_space::cost_of(network.graph());
      fmt::print("{:20} {:7} {:8} {:40} validation {:.2f} test {:.2f} loss {:.3f} {:.1f} s;{}\n", kind, cost.parameters(),
                 cost.multiply_adds, *recipe, validation, test, trained.final_loss, seconds, course);
      std::fflush(stdout);
    }
  }
}
