// U and 1_r: NetScore and the indicator function, pure.
#pragma once

#include <optional>
#include <string>

#include "evaluators/evaluation.h"
#include "synth/engine/requirements.h"

namespace synth::engine {

// 20 log10(a^alpha / (p^beta m^gamma)); a in percent, p in millions, m in billions (AttoNets section 4.1, Table 2).
struct NetScore {
  double alpha = 2, beta = 0.5, gamma = 0.5;
  double operator()(double accuracy_percent, double parameters, double multiply_adds) const;
};

// One-sided lower confidence bound of a binomial proportion (Wilson); samples 0 = exact.
double wilson_lower_bound(double accuracy, int samples, double confidence);

class Objective {
 public:
  Objective(NetScore score, Requirements requirements, double confidence = 0.9);

  double performance(const evaluators::Evaluation& evaluation) const;  // U
  double accuracy_lower_bound(const evaluators::Evaluation& evaluation) const;
  double lower_bound(double accuracy, int samples) const;  // of an accuracy measured on so many images; 0 = exact
  bool feasible(const evaluators::Evaluation& evaluation) const;  // 1_r, everything
  bool cost_feasible(const search_space::Cost& cost) const;       // what is known without training
  double cost_excess(const search_space::Cost& cost) const;  // worst ratio of a cost to its bound; 0 without bounds
  std::string violation(
      const evaluators::Evaluation& evaluation) const;  // "accuracy 88.9 % (lower bound) < 90 %", empty if none
  // Resolves accuracy>=prototype-X once the prototype is evaluated (both sides measured by their lower bound).
  void set_prototype(const evaluators::Evaluation& prototype);
  double required_accuracy() const;  // 0 if none
  const Requirements& requirements() const { return requirements_; }
  const NetScore& score() const { return score_; }
  double confidence() const { return confidence_; }

 private:
  NetScore score_;
  Requirements requirements_;
  double confidence_;
  std::optional<double> prototype_bound_;  // its lower bound; infinite if it was not trained
};

}  // namespace synth::engine
