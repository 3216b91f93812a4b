// A deterministic evaluator and a small space without data, to test searching in milliseconds.
#pragma once

#include <atomic>
#include <functional>

#include "evaluators/evaluator.h"

namespace support {

// Stages of ordinal widths and categorical kinds; one kind opens a decision of its own (conditional), another is
// absent.
class FakeSpace : public search_space::DesignSpace {
 public:
  explicit FakeSpace(int slots = 4);
  const std::vector<search_space::Decision>& decisions() const override { return decisions_; }
  const search_space::Design& prototype() const override { return prototype_; }
  search_space::Cost cost(const search_space::Design& design) const override;
  std::string key(const search_space::Design& design) const override;

 private:
  int slots_;
  std::vector<search_space::Decision> decisions_;
  search_space::Design prototype_;
};

// Accuracy is a smooth function of the design (capacity of each slot, pair effects), plus noise drawn from the
// request's seed.
class FakeEvaluator : public evaluators::Evaluator {
 public:
  explicit FakeEvaluator(const search_space::DesignSpace& space) : space_(space) {}
  std::string name() const override { return "fake"; }
  std::string settings_key() const override { return "fake/1"; }
  evaluators::TrainingEpochs training() const override { return {3, 1, full, fits}; }
  evaluators::Evaluation evaluate(const evaluators::Request& request) const override;
  double accuracy(const search_space::Design& design) const;  // without noise

  double noise = 0;  // standard deviation
  int samples = 0;   // reported
  bool weights = true;
  bool evidence = true;
  double full = 0;    // epochs of full training
  bool fits = false;  // modules of another kind than the parent's explain 0.8 of its responses
  int diverge_every = 0;                                 // one in so many networks (by its seed) diverges
  std::function<void(const evaluators::Request&)> hook;  // called before each evaluation
  mutable std::atomic<int> calls = 0;

 private:
  const search_space::DesignSpace& space_;
};

}  // namespace support
