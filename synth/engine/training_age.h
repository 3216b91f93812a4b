// How long the weights of each slot have been trained, over all the networks that they were inherited through.
#pragma once

#include <vector>

#include "search_space/design_space.h"

namespace synth::engine {

// Epochs of one training: from scratch, and after inheriting. 0: nothing is trained, as in tables.
struct TrainingEpochs {
  double from_scratch = 0, inherited = 0;
};

class TrainingAge {
 public:
  TrainingAge(const search_space::DesignSpace& space, TrainingEpochs epochs);

  // Epochs per slot after the evaluation of a design, from scratch.
  std::vector<double> from_scratch() const;
  // Likewise after inheriting from `parent`, whose slots have `ages`. A slot whose module is of another kind than the
  // parent's starts with fresh weights. A kind without parameters of its own is taken for an absent module.
  std::vector<double> inherited(const search_space::Design& design, const search_space::Design& parent,
                                std::vector<double> ages) const;
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
