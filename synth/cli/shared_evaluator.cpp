// Claiming, evaluating, and waiting for workers.
#include "synth/cli/shared_evaluator.h"

#include <thread>

#include "search_space/lowering.h"

namespace synth::cli {

using namespace std::chrono_literals;

results_db::Patience patience_of(Console& console, const Interrupt& interrupt) {
  return {[&console](const std::string& line) { console.warn("synth: " + line); },
          [&interrupt] { return interrupt.stop.load(); }};
}

SharedEvaluator::SharedEvaluator(const evaluators::Evaluator& inner, const search_space::SearchSpace& space,
                                 const std::string& url, results_db::Patience patience, bool evaluates)
    : inner_(inner), space_(space), queue_(url, usual_lease, std::move(patience)), evaluates_(evaluates) {}

void SharedEvaluator::on_candidate(const engine::Proposed& proposed) {
  const std::lock_guard lock(mutex_);
  numbers_[proposed.key] = proposed.id;
}

// A result of its own is returned even where its lease ran out meanwhile: whoever has the candidate now would come to
// the same.
evaluators::Evaluation SharedEvaluator::evaluate(const evaluators::Request& request) const {
  const int network = [&] {
    const std::lock_guard lock(mutex_);
    return numbers_.at(request.key);
  }();
  for (;;) {
    if (const auto claim = queue_.claim_for_search(network, !evaluates_)) {
      evaluators::Evaluation evaluation = inner_.evaluate(request);
      return evaluation;
    }
    if (auto told = queue_.result(network)) {
      told->cost = search_space::cost_of(search_space::lower(space_.decode(request.design)));
      return std::move(*told);
    }
    if (request.stop != nullptr && *request.stop) throw evaluators::Stopped{};
    std::this_thread::sleep_for(100ms);
  }
}

}  // namespace synth::cli
