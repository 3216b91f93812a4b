// Counting crashes per network, and evaluating suspects alone.
#include "synth/cli/crash_guard.h"

#include <fmt/format.h>
#include <signal.h>

#include <cstdio>
#include <cstdlib>
#include <mutex>

#include "evaluators/phase.h"
#include "search_space/cost.h"
#include "search_space/lowering.h"
#include "synth/cli/crash.h"

namespace synth::cli {
namespace {

thread_local int started_network = 0;

// For tests alone (docs/contributing.md): a candidate that kills the process.
void crash_if_asked(int network) {
  const char* wanted = std::getenv("SYNTH_TEST_CRASH");
  int number = 0, signal = SIGSEGV;
  if (wanted == nullptr || std::sscanf(wanted, "%d:%d", &number, &signal) < 1 || number != network) return;
  raise(signal);
}

}  // namespace

CrashGuard::CrashGuard(const evaluators::Evaluator& inner, const search_space::SearchSpace& space,
                       results_db::ResultsDb& db, int session, std::set<int> given_up)
    : inner_(inner), space_(space), db_(db), session_(session), given_up_(std::move(given_up)) {
  for (results_db::Crash& crash : db.crashes()) crashes_[crash.key].push_back(std::move(crash));
}

void CrashGuard::on_start_evaluation(const std::string& key, int id) {
  started_network = id;
  db_.begin_attempt({session_, id, key});
}

evaluators::Evaluation CrashGuard::evaluate(const evaluators::Request& request) const {
  const int network = started_network;
  if (given_up_.contains(network)) return crashed(request, "given up by --give-up");
  const auto suspect = crashes_.find(request.key);
  if (suspect == crashes_.end()) {
    const std::shared_lock beside_others(alone_);
    return watched(request, network);
  }
  if (static_cast<int>(suspect->second.size()) >= most_crashes) {
    std::string why = "its evaluation ended the program";
    for (const results_db::Crash& crash : suspect->second)
      why += fmt::format("{} {} while {}, session {}", &crash == &suspect->second.front() ? ":" : ";", crash.signal,
                         crash.phase, crash.session);
    return crashed(request, why);
  }
  const std::unique_lock alone(alone_);
  return watched(request, network);
}

evaluators::Evaluation CrashGuard::watched(const evaluators::Request& request, int network) const {
  evaluators::set_phase("preparing");
  const Underway underway(network, request.key);
  crash_if_asked(network);
  return inner_.evaluate(request);
}

evaluators::Evaluation CrashGuard::crashed(const evaluators::Request& request, const std::string& why) const {
  evaluators::Evaluation evaluation;
  evaluation.outcome = evaluators::Outcome::crashed;
  evaluation.message = why;
  evaluation.cost = search_space::cost_of(search_space::lower(space_.decode(request.design)));
  return evaluation;
}

std::map<int, int> silent_ends(const results_db::ResultsDb& db) {
  std::set<int> crashed_sessions;
  for (const auto& crash : db.crashes()) crashed_sessions.insert(crash.session);
  std::map<int, int> ends;
  for (const auto& attempt : db.attempts())
    if (!crashed_sessions.contains(attempt.session)) ++ends[attempt.network];
  return ends;
}

}  // namespace synth::cli
