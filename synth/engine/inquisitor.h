// I: observes evaluated networks, learns what decides accuracy, and judges networks that were not evaluated.
#pragma once

#include <unordered_map>
#include <vector>

#include "synth/engine/accuracy_model.h"
#include "synth/engine/experiment.h"
#include "synth/engine/training_age.h"

namespace synth::engine {

// What is believed of one network. Known networks are certain: feasibility 0 or 1.
struct Verdict {
  double performance = 0;  // U, given that it is feasible
  double feasibility = 0;  // probability
  double doubted = 0;      // likewise, were the model less sure of itself
  double accuracy = 0;     // expected
  search_space::Cost cost;
  bool known = false;
  double luck = 0;    // in [0, 1), of the run's seed and the network: decides between equals
  double effort = 1;  // expected time of its evaluation, in those of a network of the prototype's size that ends after one training
};

class Inquisitor {
 public:
  explicit Inquisitor(Experiment& experiment);

  // Refits the model to the evaluations nearest to `centre`.
  void learn(const search_space::Design& centre);
  // Canonical designs. Forgets verdicts as soon as `learn` is called; until then each network is judged once.
  const Verdict& judge(const search_space::Design& design);
  // The same for many at once, by as many threads as the run has jobs; judging them afterwards is a look-up.
  void judge_all(const std::vector<search_space::Design>& designs);
  bool uses_model() const;
  // Whether feasibility is a matter of belief: there is a model, and an accuracy is required.
  bool believes() const;
  // Probability that an evaluated network meets the required accuracy: trainings vary, and what all networks show says
  // how much a single measurement is to be believed.
  double confidence(const Record& record) const;

 private:
  std::vector<double> features(const search_space::Design& design, const search_space::Cost& cost, double age) const;
  std::vector<double> features(const Record& record) const;  // one of those learned from
  std::vector<double> ages(const search_space::Design& design, const Record* parent, double epochs) const;
  double effort(const search_space::Design& design, const search_space::Cost& cost, double mean_in_full) const;
  std::vector<double> ages(const Record& record) const;  // its parent's are known
  void weigh_slots(const search_space::Design& centre);
  double needed_capacity(const search_space::Design& design) const;
  double required_accuracy() const;
  double transformed(double accuracy) const;
  double accuracy_of(double value) const;
  Verdict verdict(const search_space::Design& design) const;

  Experiment& experiment_;
  search_space::Cost reference_;  // the prototype's
  TrainingAge training_age_;
  std::vector<std::vector<double>> ages_;  // per record learned from: epochs per slot
  AccuracyModel model_;
  std::vector<double>
      slot_needs_;  // how much each slot is needed, mean 1, from probing the centre; empty without evidence
  std::unordered_map<search_space::Design, Verdict, search_space::DesignHash> verdicts_;
};

// Decisions active in both designs that differ: parameters that a changed kind brings along do not count.
int moves_apart(const search_space::DesignSpace& space, const search_space::Design& first,
                const search_space::Design& second);

}  // namespace synth::engine
