// synth ask: the next networks to evaluate, for whoever brings their own loop.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "evaluators/command_request.h"
#include "search_space/architecture_json.h"
#include "search_space/errors.h"
#include "synth/cli/asked_run.h"
#include "synth/cli/common_options.h"
#include "synth/cli/json_output.h"
#include "synth/cli/own_trainer.h"
#include "synth/engine/experiment.h"

namespace synth::cli {

namespace {

namespace po = boost::program_options;
namespace fs = std::filesystem;
using nlohmann::ordered_json;

// OUT/ID, absolute, empty of what an earlier request left there.
std::string make_folder(const std::string& out, int network) {
  std::error_code error;
  const fs::path folder = fs::absolute(fs::path(out) / std::to_string(network), error);
  if (!error) fs::create_directories(folder, error);
  if (error)
    throw search_space::EnvironmentError(
        fmt::format("--out {}: cannot make the folder '{}': {}", out, folder.string(), error.message()));
  return folder.string();
}

ordered_json candidate_json(const RunContext& context, const results_db::Candidate& candidate, const std::string& out) {
  if (const std::string reason = context.space->why_not(candidate.design); !reason.empty())
    throw search_space::EnvironmentError(
        fmt::format("{}: candidate {} is damaged: its {}", context.path, candidate.network, reason));
  const search_space::Architecture architecture = context.space->decode(candidate.design);
  const evaluators::CommandSettings settings = own_trainer_settings(context.options, context.run.data_fingerprint);
  evaluators::Request request;
  request.key = candidate.key;
  request.seed = engine::evaluation_seed(static_cast<std::uint64_t>(context.options.seed), candidate.key);
  const std::string folder = out.empty() ? "" : make_folder(out, candidate.network);
  const std::string text = out.empty() ? evaluators::request_text(request, architecture, settings, folder)
                                       : evaluators::write_request(request, architecture, settings, folder);
  ordered_json document = {{"id", candidate.network}};
  const ordered_json asked = ordered_json::parse(text);
  for (const char* name : {"key", "seed", "budget", "data", "classes", "weight_bits", "activation_bits", "wanted"})
    document[name] = asked.at(name);
  if (!out.empty()) document["folder"] = folder;
  document["architecture"] = search_space::architecture_to_json(architecture);
  return document;
}

int run_ask(const Command& self, const std::vector<std::string>& arguments) {
  std::string path, out;
  int count = 1;
  bool again = false;
  CommandLine line(self);
  line.positional("RUN", "run that 'synth search --evaluator ask' began", &path);
  line.add_options()                                                                                     //
      ("count", po::value(&count)->default_value(1)->value_name("N"), "at most so many networks")        //
      ("again", po::bool_switch(&again), "those that were given out and not told, instead of new ones")  //
      ("out", po::value(&out)->value_name("FOLDER"),
       "also write the files that an own trainer reads, each network's into a folder of its number");
  line.notes("Prints JSON. No candidates while the state is running: what is in flight is waited for.");
  if (!line.parse(arguments)) return Exit::done;
  if (count < 1) throw search_space::InputError(fmt::format("--count: found {}, allowed are 1 and more", count));
  Console console(line.common());
  RunContext context = open_asked_run(path, console);
  const std::string state = advance(context, console);
  ordered_json given = ordered_json::array();
  for (const results_db::Candidate& candidate : context.db.candidates()) {
    if (!candidate.answer.empty() || candidate.asked.empty() == again || static_cast<int>(given.size()) == count)
      continue;
    given.push_back(candidate_json(context, candidate, out));
    context.db.give_out(candidate.network);
  }
  const std::vector<int> open = in_flight(context);
  if (given.empty() && state == "running")
    console.note(open.empty() ? "nothing was given out"
                              : fmt::format("nothing new before these are told: {}", fmt::join(open, ", ")));
  print_json({{"schema", "synth/ask/1"},
              {"run", path},
              {"state", state},
              {"candidates", std::move(given)},
              {"in_flight", open}});
  return state == "infeasible" ? Exit::infeasible : Exit::done;
}

}  // namespace

Command ask_command() {
  return {"ask", "the next networks for your own loop to evaluate, as JSON", run_ask};
}

}  // namespace synth::cli
