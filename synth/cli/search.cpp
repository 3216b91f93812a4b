// synth search: runs a search from a prototype to accepted generators.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "prototypes/prototype_json.h"
#include "search_space/errors.h"
#include "search_space/random.h"
#include "synth/cli/advice.h"
#include "synth/cli/common_options.h"
#include "synth/cli/crash.h"
#include "synth/cli/dry_run.h"
#include "synth/cli/evaluator_option.h"
#include "synth/cli/json_output.h"
#include "synth/cli/network_argument.h"
#include "synth/cli/search_run.h"
#include "synth/cli/session.h"
#include "synth/cli/validation_size.h"
#include "synth/cli/version.h"
#include "synth/engine/cost_range.h"

namespace synth::cli {

namespace {

namespace po = boost::program_options;

// Before any work: an existing run is never overwritten.
void check_new(const std::string& path) {
  if (!results_db::ResultsDb::exists(path)) return;
  throw search_space::EnvironmentError(
      fmt::format("--db {}: exists already; go on with it by 'synth resume {}', or name another one", path, path));
}

results_db::Run describe_run(const RunParts& parts, const search_space::Prototype& prototype) {
  nlohmann::ordered_json config = search_options_to_json(parts.options);
  results_db::Run run;
  run.config = config.dump();
  // Where a run is kept and how many jobs it uses change nothing in it.
  config.erase("jobs");
  config.erase("db");
  run.config_hash = search_space::content_hash(config.dump());
  run.prototype = prototypes::prototype_to_json(prototype).dump();
  run.data = parts.options.data;
  run.data_fingerprint = parts.data.fingerprint;
  run.evaluator = evaluator_identity(parts);
  run.versions = nlohmann::ordered_json{
      {"synth", program_version},
      {"engine", engine::engine_revision},
      {"libtorch", evaluators::libtorch_version()},
      {"compiler",
       __VERSION__}}.dump();
  return run;
}

// A run that the user's own loop works at, by `ask` and `tell`: nothing is evaluated here.
int begin_asked(const RunParts& parts, results_db::ResultsDb db, Console& console, bool json) {
  const std::string& path = parts.options.db;
  db.end_session(db.begin_session(describe_session(parts.options)));
  const std::string message = fmt::format("waits for 'synth ask {0}' and 'synth tell {0}'", path);
  db.set_state("interrupted", message, 0);
  if (json) print_json({{"schema", "synth/search/1"}, {"state", "interrupted"}, {"message", message}, {"run", path}});
  console.note(fmt::format("{}: {}", path, message));
  return Exit::done;
}

// Said before anything trains.
void advise(const RunParts& parts, const search_space::Prototype& prototype, Console& console) {
  const evaluators::DataSet& data = parts.data;
  std::vector<int> counts(data.classes());
  for (const std::int32_t label : data.train.labels) ++counts[label];
  const auto fewest = std::min_element(counts.begin(), counts.end());
  for (const std::string& sentence :
       advice({prototype, data.train.size(), *fewest, data.class_names[fewest - counts.begin()], parts.options.epochs,
               parts.options.device == "cpu"}))
    console.note("advice: " + sentence);
}

int refuse(const std::string& reason, Console& console, bool json) {
  if (json) print_json({{"schema", "synth/search/1"}, {"state", "infeasible"}, {"message", reason}});
  console.warn("synth: infeasible: " + reason);
  return Exit::infeasible;
}

}  // namespace

int run_search(const Command& self, const std::vector<std::string>& arguments) {
  bool dry_run = false;
  CommandLine line(self);
  declare_search_options(line);
  LauncherOptions launcher;
  declare_launcher_options(line, launcher);
  line.add_options()("dry-run", po::bool_switch(&dry_run),
                     "print feasibility, size of the space, cost range, estimated time; write nothing");
  line.notes(
      "LIST is comma-separated, every item a hard bound: accuracy>=90%, accuracy>=prototype-1%, weight_bits=8, "
      "activation_bits=8, params<=500k, macs<=50M, weight_bytes<=256KiB, peak_activation_bytes<=64KiB, latency_ms<=5.\n"
      "Of the generated C, which is 8-bit, on a Cortex-M4: flash<=256KiB, ram<=64KiB, latency_cycles<=20M.\n"
      "Ctrl-C finishes and records what is in flight; 'synth resume RUN' goes on.");
  if (!line.parse(arguments)) return Exit::done;
  SearchOptions options = gather_search_options(line);
  const engine::Objective objective = make_objective(options);
  Console console(line.common());
  check_launcher(launcher, options.db);
  if (!launcher.kind.empty() && parse_evaluator(options.evaluator, "--evaluator").asked)
    throw search_space::InputError("--launcher: networks of --evaluator ask are evaluated by your own loop");
  if (!dry_run) check_new(options.db);
  resolve_prototype(options.prototype);  // wrong names are told before data are read
  const evaluators::DataSet data =
      evaluators::load_data(evaluators::parse_data_spec(options.data), static_cast<std::uint64_t>(options.seed));
  console.note(describe_data(data));
  fill_in_epochs(options, data.train.size());
  const search_space::Prototype prototype = load_prototype_for(options.prototype, data, "--prototype");
  search_space::SearchSpace space(prototype);
  if (objective.requirements().deployed()) space.count_deployment();
  const bool evaluates = launcher.kind.empty() || line.given("jobs");
  const RunParts parts{options, space, data, false, {}, launcher, evaluates};
  const engine::CostRange range = engine::cost_range(space, objective.requirements());
  std::string infeasible = engine::why_infeasible(range, objective.requirements());
  const bool own = parse_evaluator(options.evaluator, "--evaluator").own;  // measures on images of its own
  if (infeasible.empty() && !own) infeasible = why_unreachable(objective, data.validation.size());
  if (infeasible.empty() && !own)
    if (const std::string hard = why_hard(objective, data.validation.size()); !hard.empty())
      console.warn("synth: note: " + hard);
  if (!own) advise(parts, prototype, console);
  if (dry_run) return run_dry(parts, range, infeasible, console, line.common().json);
  if (!infeasible.empty()) return refuse(infeasible, console, line.common().json);
  results_db::ResultsDb db = results_db::ResultsDb::create(options.db, describe_run(parts, prototype));
  forget_crashes(options.db);
  if (parse_evaluator(options.evaluator, "--evaluator").asked)
    return begin_asked(parts, std::move(db), console, line.common().json);
  return conduct(parts, std::move(db), options.db, console, line.common().json ? "synth/search/1" : "");
}

}  // namespace synth::cli
