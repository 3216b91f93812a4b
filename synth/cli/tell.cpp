// synth tell: what a network that `synth ask` gave out came to.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "search_space/errors.h"
#include "synth/cli/asked_run.h"
#include "synth/cli/common_options.h"
#include "synth/cli/files.h"
#include "synth/cli/json_output.h"
#include "synth/cli/own_trainer.h"

namespace synth::cli {

namespace {

using search_space::InputError;

// The candidate that "5" means: given out, not told, not recorded.
results_db::Candidate find_candidate(const RunContext& context, const std::string& id) {
  const std::vector<int> open = in_flight(context);
  const std::string allowed = open.empty() ? fmt::format("nothing is in flight; 'synth ask {}' gives out", context.path)
                                           : fmt::format("in flight: {}", fmt::join(open, ", "));
  const auto refuse = [&](const std::string& why) {
    return InputError(
        fmt::format("synth tell: {}: network '{}' {}; {}", context.path, search_space::printable(id), why, allowed));
  };
  const bool number = !id.empty() && id.size() < 8 && id.find_first_not_of("0123456789") == std::string::npos;
  if (!number) throw refuse("is no number");
  const int network = std::stoi(id);
  const std::vector<results_db::Candidate> candidates = context.db.candidates();
  const auto found = std::find_if(candidates.begin(), candidates.end(),
                                  [&](const results_db::Candidate& candidate) { return candidate.network == network; });
  if (found != candidates.end()) {
    if (found->asked.empty()) throw refuse("has not been given out yet");
    if (!found->answer.empty()) throw refuse("was told already, and an answer is not changed");
    return *found;
  }
  const int recorded = static_cast<int>(context.db.records(false).size());
  throw refuse(network >= 1 && network <= recorded ? "was told and recorded already" : "was never given out");
}

std::string read_answer_file(const std::string& path) {
  constexpr std::size_t longest = evaluators::ChildProcess::longest_line;
  const std::string text = path == "-" ? std::string(std::istreambuf_iterator<char>(std::cin), {}) : read_file(path);
  if (text.size() > longest)
    throw InputError(fmt::format("{}: found {} bytes, allowed are {} MiB", path, text.size(), longest >> 20));
  return text;
}

int run_tell(const Command& self, const std::vector<std::string>& arguments) {
  std::string path, id, file;
  CommandLine line(self);
  line.positional("RUN", "run that 'synth search --evaluator ask' began", &path)
      .positional("ID", "number of a network that 'synth ask' gave out", &id)
      .positional("FILE", "its answer, JSON (docs/schemas/evaluation_answer.json); '-' = standard input", &file);
  if (!line.parse(arguments)) return Exit::done;
  Console console(line.common());
  RunContext context = open_asked_run(path, console);
  const results_db::Candidate candidate = find_candidate(context, id);
  const std::string text = read_answer_file(file);
  evaluators::Evaluation evaluation;
  evaluators::read_answer(text, candidate.key, own_trainer_settings(context.options, context.run.data_fingerprint),
                          file == "-" ? "standard input" : file, evaluation);
  context.db.answer(candidate.network, text);
  const std::string state = advance(context, console);
  const std::vector<int> open = in_flight(context);
  if (line.common().json) {
    print_json({{"schema", "synth/tell/1"},
                {"id", candidate.network},
                {"outcome", evaluators::outcome_name(evaluation.outcome)},
                {"accuracy", evaluation.accuracy},
                {"state", state},
                {"in_flight", open}});
  } else {
    console.note(fmt::format("network {}: {}", candidate.network,
                             evaluation.outcome == evaluators::Outcome::trained
                                 ? fmt::format("accuracy {:g}", evaluation.accuracy)
                                 : std::string(evaluators::outcome_name(evaluation.outcome))));
  }
  return Exit::done;
}

}  // namespace

Command tell_command() {
  return {"tell", "what a network that 'ask' gave out came to", run_tell};
}

}  // namespace synth::cli
