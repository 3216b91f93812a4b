// Replaying an asked run up to its first network without an answer.
#include "synth/cli/asked_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <thread>

#include "search_space/errors.h"
#include "synth/cli/evaluator_option.h"
#include "synth/cli/own_trainer.h"
#include "synth/cli/recorder.h"
#include "synth/cli/run_end.h"
#include "synth/engine/experiment.h"

namespace synth::cli {
namespace {

using namespace std::chrono_literals;

// Keeps what will be evaluated, for `ask` to give out.
class CandidateKeeper : public engine::Observer {
 public:
  explicit CandidateKeeper(results_db::ResultsDb& db) : db_(db) {}
  void on_candidate(const std::string& key, int id, const search_space::Design& design) override {
    db_.add(results_db::Candidate{id, key, design, {}, {}});
  }

 private:
  results_db::ResultsDb& db_;
};

// Before anything is written.
void check(const std::string& path) {
  const RunContext reader = open_run(path, results_db::Access::read);
  if (!parse_evaluator(reader.options.evaluator, path + ": evaluator").asked)
    throw search_space::InputError(
        fmt::format("{}: its networks are not evaluated by your own loop; 'synth search --evaluator ask' begins a run "
                    "whose networks are",
                    path));
  require_same_engine(reader);
}

}  // namespace

RunContext open_asked_run(const std::string& path, Console& console) {
  check(path);
  for (bool told = false;; told = true) {
    try {
      return open_run(path, results_db::Access::write);
    } catch (const results_db::Busy& busy) {
      if (!told) console.note(std::string(busy.what()) + "; waiting");
    }
    std::this_thread::sleep_for(50ms);
  }
}

std::string advance(RunContext& context, Console& console) {
  if (context.run.state == "done" || context.run.state == "infeasible") return context.run.state;
  std::map<std::string, std::string> answers;
  for (results_db::Candidate& candidate : context.db.candidates()) {
    if (candidate.answer.empty()) return "running";
    answers[candidate.key] = std::move(candidate.answer);
  }
  const double seconds = context.run.seconds;
  const AskedEvaluator evaluator(*context.space, own_trainer_settings(context.options, context.run.data_fingerprint),
                                 std::move(answers));
  CandidateKeeper keeper(context.db);
  Recorder recorder(context.db, [seconds] { return seconds; });
  engine::Experiment experiment(*context.space, evaluator, make_objective(context.options),
                                engine_config(context.options), {&keeper, &recorder},
                                engine::Recorded{context.db.records(false), seconds});
  const std::string state = engine::run(experiment);
  const bool over = state != "interrupted";
  const std::string message = over ? ending(state, experiment, context.options)
                                   : fmt::format("waits for 'synth ask {0}' and 'synth tell {0}'", context.path);
  context.db.set_state(state, message, seconds);
  context.run.state = state;
  if (!over) return "running";
  console.note(context.path + ": " + state + ": " + message);
  return state;
}

std::vector<int> in_flight(const RunContext& context) {
  std::vector<int> networks;
  for (const auto& candidate : context.db.candidates())
    if (!candidate.asked.empty() && candidate.answer.empty()) networks.push_back(candidate.network);
  return networks;
}

}  // namespace synth::cli
