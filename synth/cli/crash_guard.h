// Keeps a network whose evaluation kills the process from ending every session at the same place.
#pragma once

#include <map>
#include <set>
#include <shared_mutex>
#include <string>

#include "evaluators/evaluator.h"
#include "results_db/results_db.h"
#include "search_space/search_space.h"
#include "synth/engine/experiment.h"

namespace synth::cli {

// So many crashes, and a network is recorded as `crashed` instead of being tried again.
inline constexpr int most_crashes = 2;
// So many sessions that ended without a word at the same network are worth a remark.
inline constexpr int most_silent_ends = 3;

// Evaluates as `inner` does; a network that has crashed a session is tried again with nothing beside it, so that the
// crash is its own. To be an observer of the experiment, before others.
class CrashGuard : public evaluators::Evaluator, public engine::Observer {
 public:
  // `given_up`: networks not to be tried any more, by the user's word.
  CrashGuard(const evaluators::Evaluator& inner, const search_space::SearchSpace& space, results_db::ResultsDb& db,
             int session, std::set<int> given_up);

  std::string name() const override { return inner_.name(); }
  std::string settings_key() const override { return inner_.settings_key(); }
  evaluators::TrainingEpochs training() const override { return inner_.training(); }
  bool may_run_in_parallel() const override { return inner_.may_run_in_parallel(); }
  evaluators::Evaluation evaluate(const evaluators::Request& request) const override;

  void on_start_evaluation(const std::string& key, int id) override;

 private:
  evaluators::Evaluation crashed(const evaluators::Request& request, const std::string& why) const;
  evaluators::Evaluation watched(const evaluators::Request& request, int network) const;

  const evaluators::Evaluator& inner_;
  const search_space::SearchSpace& space_;
  results_db::ResultsDb& db_;
  const int session_;
  std::map<std::string, std::vector<results_db::Crash>> crashes_;  // by key
  std::set<int> given_up_;
  mutable std::shared_mutex alone_;
};

// Networks at which sessions ended without a word, with how many did: a kill by the user or by a system that ran out of
// memory.
std::map<int, int> silent_ends(const results_db::ResultsDb& db);

}  // namespace synth::cli
