// Settings of own trainers, and told answers as evaluations.
#include "synth/cli/own_trainer.h"

#include "evaluators/command_request.h"
#include "search_space/lowering.h"

namespace synth::cli {

evaluators::CommandSettings own_trainer_settings(const SearchOptions& options, const std::string& data_fingerprint) {
  const evaluators::TrainedEvaluatorSettings settings = evaluator_settings(options);
  evaluators::CommandSettings own;
  own.data = options.data;
  own.data_fingerprint = data_fingerprint;
  own.epochs = settings.epochs;
  own.weight_bits = settings.weight_bits;
  own.activation_bits = settings.activation_bits;
  own.needs_latency = settings.measure_latency;
  own.time_limit_seconds = settings.time_limit_seconds;
  return own;
}

AskedEvaluator::AskedEvaluator(const search_space::SearchSpace& space, evaluators::CommandSettings settings,
                               std::map<std::string, std::string> answers)
    : space_(space), settings_(std::move(settings)), answers_(std::move(answers)) {}

std::string AskedEvaluator::settings_key() const {
  return "ask/1;" + evaluators::answers_key(settings_);
}

evaluators::Evaluation AskedEvaluator::evaluate(const evaluators::Request& request) const {
  const auto told = answers_.find(request.key);
  if (told == answers_.end()) throw evaluators::Stopped{};
  evaluators::Evaluation result;
  result.cost = search_space::cost_of(search_space::lower(space_.decode(request.design)));
  evaluators::read_answer(told->second, request.key, settings_, "answer", result);
  return result;
}

}  // namespace synth::cli
