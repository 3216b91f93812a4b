// What trainers of the user's own are told, and networks that are evaluated by the user's own loop (docs/ask_tell.md).
#pragma once

#include <map>
#include <string>

#include "evaluators/command_evaluator.h"
#include "search_space/search_space.h"
#include "synth/cli/search_config.h"

namespace synth::cli {

// Everything but program and folder.
evaluators::CommandSettings own_trainer_settings(const SearchOptions& options, const std::string& data_fingerprint);

// Answers with what was told of a network; of others it knows nothing and throws evaluators::Stopped.
class AskedEvaluator : public evaluators::Evaluator {
 public:
  // `answers`: JSON by key. `space` must outlive it.
  AskedEvaluator(const search_space::SearchSpace& space, evaluators::CommandSettings settings,
                 std::map<std::string, std::string> answers = {});

  std::string name() const override { return "ask"; }
  std::string settings_key() const override;
  evaluators::Evaluation evaluate(const evaluators::Request& request) const override;
  bool may_run_in_parallel() const override { return false; }

 private:
  const search_space::SearchSpace& space_;
  const evaluators::CommandSettings settings_;
  const std::map<std::string, std::string> answers_;
};

}  // namespace synth::cli
