// Evaluations that this process shares with workers on other machines (docs/workers.md).
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <string>

#include "evaluators/evaluator.h"
#include "results_db/work_queue.h"
#include "search_space/search_space.h"
#include "synth/cli/console.h"
#include "synth/cli/interrupt.h"
#include "synth/engine/experiment.h"

namespace synth::cli {

// How long a worker that says nothing keeps its candidate, unless --lease says otherwise.
inline constexpr std::chrono::seconds usual_lease{60};

// Says what a lost server means, and waits until Ctrl-C. Both must outlive it.
results_db::Patience patience_of(Console& console, const Interrupt& interrupt);

// Evaluates what no worker has begun (unless it `evaluates`, only what they gave up), and waits for the others. An
// observer, too: it learns candidates' numbers.
class SharedEvaluator : public evaluators::Evaluator, public engine::Observer {
 public:
  SharedEvaluator(const evaluators::Evaluator& inner, const search_space::SearchSpace& space, const std::string& url,
                  results_db::Patience patience, bool evaluates);

  std::string name() const override { return inner_.name(); }
  std::string settings_key() const override { return inner_.settings_key(); }
  evaluators::TrainingEpochs training() const override { return inner_.training(); }
  bool may_run_in_parallel() const override { return inner_.may_run_in_parallel(); }
  evaluators::Evaluation evaluate(const evaluators::Request& request) const override;

  void on_candidate(const engine::Proposed& proposed) override;

 private:
  const evaluators::Evaluator& inner_;
  const search_space::SearchSpace& space_;
  mutable results_db::WorkQueue queue_;
  const bool evaluates_;
  mutable std::mutex mutex_;
  std::map<std::string, int> numbers_;  // by key
};

}  // namespace synth::cli
