// How long the weights of each slot have been trained, over all the networks that they were inherited through.
#pragma once

#include <vector>

#include "evaluators/evaluator.h"
#include "search_space/design_space.h"

namespace synth::engine {

using evaluators::TrainingEpochs;

// What is expected of a fit of which nothing is known: the share of the responses' variance.
inline constexpr double expected_fit = 0.7;

class TrainingAge {
 public:
  TrainingAge(const search_space::DesignSpace& space, TrainingEpochs epochs);

  // Epochs per slot after `epochs` from scratch; 0 stands for the usual number.
  std::vector<double> from_scratch(double epochs = 0) const;
  // Likewise after inheriting from `parent`, whose slots have `ages`, and training for `epochs`. A slot whose module is
  // of another kind than the parent's starts with fresh weights: fitted to the parent's module, they count for the
  // share of its age that the fit explains (`fits`, by slot; where there are none, what is expected of one). A kind
  // without parameters of its own is taken for an absent module.
  std::vector<double> inherited(const search_space::Design& design, const search_space::Design& parent,
                                std::vector<double> ages, const std::vector<evaluators::FitEvidence>& fits = {},
                                double epochs = 0) const;
  // Mean over slots of log2(age / epochs from scratch): 0 for the prototype, 1 after twice its training. 0 where
  // nothing is trained.
  double doublings(const std::vector<double>& ages) const;
  // The same where all slots were trained for `epochs`.
  double doublings(double epochs) const;

 private:
  const search_space::DesignSpace& space_;
  std::vector<std::vector<std::vector<int>>> opened_;  // DesignSpace::opened
  TrainingEpochs epochs_;
  int slots_ = 0;
};

}  // namespace synth::engine
