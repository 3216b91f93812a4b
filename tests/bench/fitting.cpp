// What fitting fresh modules costs and gains: from one trained prototype, the network of each kind of module of about
// its size, tuned with and without a fit.
//   bench_fitting DATA PROTOTYPE EPOCHS TUNE_EPOCHS [FIT_EPOCHS]
#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <memory>

#include "evaluators/data/dataset.h"
#include "evaluators/trained_evaluator.h"
#include "prototypes/library.h"
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

Request request_for(const search_space::SearchSpace& space, const search_space::Design& design) {
  Request request;
  request.design = design;
  request.key = space.key(design);
  request.seed = 1;
  return request;
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 5) {
    fmt::print("bench_fitting DATA PROTOTYPE EPOCHS TUNE_EPOCHS [FIT_EPOCHS]\n");
    return 2;
  }
  tune_process();
  const DataSet data = load_data(parse_data_spec(arguments[1]), 1);
  const search_space::SearchSpace space(prototype_for(arguments[2], data));
  TrainedEvaluatorSettings settings;
  settings.epochs = std::atof(arguments[3]);
  settings.tune_epochs = std::atof(arguments[4]);
  settings.weight_bits = 8;
  const double fit_epochs = count > 5 ? std::atof(arguments[5]) : 0.1 * settings.tune_epochs;
  const Request from_scratch = request_for(space, space.prototype());
  const Evaluation prototype = make_trained_evaluator(space, data, settings)->evaluate(from_scratch);
  fmt::print("prototype: {:.2f} %\n{:22} {:>10} {:>9} {:>8} {:>8} {:>8} {:>8} {:>10}\n", 100 * prototype.accuracy, "kind",
             "parameters", "macs", "unfitted", "fitted", "seconds", "with fit", "explained");
  const auto parent =
      std::make_shared<Parent>(Parent{from_scratch.design, from_scratch.key, prototype.weights, prototype.evidence});
  for (const auto& design : synth::engine::networks_of_each_kind(space, space.prototype(), 0.1)) {
    Request request = request_for(space, design);
    request.parent = parent;
    settings.fit_epochs = 0;
    const Evaluation plain = make_trained_evaluator(space, data, settings)->evaluate(request);
    settings.fit_epochs = fit_epochs;
    const Evaluation fitted = make_trained_evaluator(space, data, settings)->evaluate(request);
    double explained = 0;
    for (const FitEvidence& fit : fitted.evidence.fits) explained += fit.explained / fitted.evidence.fits.size();
    fmt::print("{:22} {:10} {:9} {:7.2f}% {:7.2f}% {:8.1f} {:8.1f} {:10.2f}\n", synth::engine::main_kind(space, design),
               fitted.cost.parameters(), fitted.cost.multiply_adds, 100 * plain.accuracy, 100 * fitted.accuracy,
               plain.seconds, fitted.seconds, explained);
    std::fflush(stdout);
  }
}
