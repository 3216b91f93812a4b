// What networks would reach in full training, inferred from the short trainings that a run's search gave them.
#pragma once

#include <memory>
#include <vector>

#include "results_db/records.h"
#include "search_space/design_space.h"
#include "synth/engine/training_age.h"

namespace synth::engine {

// Networks of a search have inherited more or less training, so that their measured accuracies do not rank them; a
// Gaussian process as the inquisitor's, on decisions, costs and training age, takes that apart.
class FullAccuracyModel {
 public:
  // `records`: of one run, by id; `full_epochs`: what full training is. All must outlive the model.
  FullAccuracyModel(const search_space::DesignSpace& space, const std::vector<results_db::Record>& records,
                    TrainingEpochs epochs, double full_epochs);
  ~FullAccuracyModel();

  bool knows() const;  // false where nothing was trained: then `of` must not be asked

  struct Expected {
    double mean = 0, low = 0, high = 0;  // accuracies in [0, 1]; low and high: one standard deviation off
  };
  Expected of(const search_space::Design& design, const search_space::Cost& cost) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Expected accuracy of each record in full training; those that were not trained get 0, as all do where nothing is
// trained.
std::vector<double> expected_full_accuracies(const search_space::DesignSpace& space,
                                             const std::vector<results_db::Record>& records, TrainingEpochs epochs,
                                             double full_epochs);

// What the model believes of one value of a decision, all other decisions as in a design.
struct Belief {
  bool possible = false;  // whether the space has such a network
  search_space::Cost cost;
  FullAccuracyModel::Expected accuracy;
};

// Per decision and value, around `centre`, a canonical design. Decisions that are not active there are looked at where
// their kind of module stands in its slot.
std::vector<std::vector<Belief>> beliefs_around(const search_space::DesignSpace& space, const FullAccuracyModel& model,
                                                const search_space::Design& centre);

}  // namespace synth::engine
