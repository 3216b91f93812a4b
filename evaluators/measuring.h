// What training for a search and training in full have in common: settings, loading weights, measuring, failing.
#pragma once

#include <functional>
#include <string>

#include "evaluators/evaluation.h"
#include "evaluators/network.h"
#include "evaluators/quantisation.h"
#include "evaluators/trained_evaluator.h"
#include "evaluators/training.h"

namespace evaluators {

Precision precision_of(const TrainedEvaluatorSettings& settings);  // InputError unless 8 or 32
TrainingSettings training_settings(const TrainedEvaluatorSettings& settings, bool tuning);
// For training on, for so many epochs that it comes to `in_all`: as from scratch, since at the rate of tuning it gains
// less (residual9,width=0.5 on Tiny-ImageNet: 36.4 % after 3, 3, 6 and 3 epochs, at the full rate 40.4 %).
TrainingSettings training_on(const TrainedEvaluatorSettings& settings, double epochs, double in_all);

// Replaces all tensors of `network`; InputError naming `source` and the tensor that is missing, unknown or of another
// shape.
void load_weights(Network& network, const std::string& weights, const std::string& source = "weights");

double quantised_accuracy(const Network& network, Precision precision, const ImageSet& images, const DataSet& data);
// Validation figures, weights, cost and, if asked for, latency. A network with infinite or undefined numbers is
// `diverged`.
void measure(const Network& network, const DataSet& data, const TrainedEvaluatorSettings& settings, Evaluation& result);

// Runs `work`, which fills the evaluation; what it throws on the candidate's account becomes its outcome. Sets
// `seconds`.
Evaluation guarded(const std::function<void(Evaluation&)>& work);

}  // namespace evaluators
