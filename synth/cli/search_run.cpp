// Conducting a run.
#include "synth/cli/search_run.h"

#include <fmt/format.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "evaluators/command_evaluator.h"
#include "evaluators/trained_evaluator.h"
#include "prototypes/library.h"
#include "results_db/address.h"
#include "search_space/errors.h"
#include "synth/cli/advice.h"
#include "synth/cli/crash.h"
#include "synth/cli/crash_guard.h"
#include "synth/cli/evaluator_option.h"
#include "synth/cli/interrupt.h"
#include "synth/cli/json_output.h"
#include "synth/cli/live_view.h"
#include "synth/cli/network_argument.h"
#include "synth/cli/own_trainer.h"
#include "synth/cli/recorder.h"
#include "synth/cli/run_context.h"
#include "synth/cli/run_end.h"
#include "synth/cli/session.h"
#include "synth/cli/shared_evaluator.h"
#include "synth/report/status.h"

namespace synth::cli {

using search_space::InputError;

namespace {

void check_agreement(const std::string& place, const char* what, int asked, int found) {
  if (asked == 0 || asked == found) return;
  throw InputError(fmt::format("{}: found {}={}, but the data have {}; leave {}= out to follow the data", place, what,
                               asked, found, what));
}

int report_end(const std::string& state, const std::string& message, const std::string& path,
               const SearchOptions& options, Console& console, const std::string& json_schema) {
  RunContext context = open_run(path, results_db::Access::read);
  const report::RunView view = context.view();
  if (!json_schema.empty()) {
    nlohmann::ordered_json document = report::status_json(view);
    document["schema"] = json_schema;
    print_json(document);
  } else {
    std::fputs(report::generators_table(view, output_width()).c_str(), stdout);
    std::fflush(stdout);
  }
  if (state == "interrupted") {
    console.note("interrupted; go on with: " + resume_command(path, options, view));
    return Exit::interrupted;
  }
  if (state == "infeasible") console.warn("synth: " + message);
  suggest_next(console, path, options, view);
  return state == "infeasible" ? Exit::infeasible : Exit::done;
}

}  // namespace

search_space::Prototype load_prototype_for(const std::string& spec, const evaluators::DataSet& data,
                                           const std::string& place) {
  const prototypes::Adaptation asked = names_run(spec) ? prototypes::Adaptation{} : prototypes::adaptation_of(spec);
  check_agreement(place, "classes", asked.classes, data.classes());
  check_agreement(place, "channels", asked.channels, data.train.channels);
  check_agreement(place, "size", asked.height, data.train.height);
  check_agreement(place, "size", asked.width, data.train.width);
  search_space::Prototype prototype = resolve_prototype(spec);
  if (asked.height == 0) {
    if (const std::string why = why_unfit(prototype, data.train.height, data.train.width); !why.empty())
      throw search_space::InputError(place + ": " + why);
  }
  prototypes::Adaptation open;
  if (asked.classes == 0) open.classes = data.classes();
  if (asked.channels == 0) open.channels = data.train.channels;
  if (asked.height == 0) {
    open.height = data.train.height;
    open.width = data.train.width;
  }
  return prototypes::adapt(std::move(prototype), open);
}

std::string describe_data(const evaluators::DataSet& data) {
  std::string text =
      fmt::format("{}: {} training, {} validation, {} probe, {} test images of {}x{}x{}, {} classes", data.name,
                  data.train.size(), data.validation.size(), data.probe.size(), data.test.size(), data.train.channels,
                  data.train.height, data.train.width, data.classes());
  for (const std::string& note : data.notes) text += "\n  " + note;
  return text;
}

std::unique_ptr<evaluators::Evaluator> make_evaluator(const RunParts& parts, const std::string& folder) {
  EvaluatorChoice choice = parse_evaluator(parts.options.evaluator, "--evaluator");
  if (!choice.own)
    return evaluators::make_trained_evaluator(parts.space, parts.data, evaluator_settings(parts.options));
  evaluators::CommandSettings own = own_trainer_settings(parts.options, parts.data.fingerprint);
  if (choice.asked) return std::make_unique<AskedEvaluator>(parts.space, own);
  own.words = std::move(choice.words);
  own.kept = choice.kept;
  own.folder = folder;
  return evaluators::make_command_evaluator(parts.space, std::move(own));
}

std::string evaluator_identity(const RunParts& parts) {
  const auto evaluator = make_evaluator(parts, {});
  return evaluator->name() + " " + evaluator->settings_key();
}

int conduct(const RunParts& parts, results_db::ResultsDb db, const std::string& path, Console& console,
            const std::string& json_schema) {
  engine::Config config = engine_config(parts.options);
  if (!parts.evaluates) config.jobs = 1;  // waits for workers
  engine::Recorded recorded{db.records(false), db.run().seconds,
                            [&db](int id) { return db.record(id, true).evaluation.weights; }};
  const int recorded_generators = static_cast<int>(db.generators().size());
  if (!recorded.records.empty()) console.note(fmt::format("replaying {} recorded networks", recorded.records.size()));
  const bool live = !console.quiet() && is_terminal(stderr);
  const Interrupt& interrupt = watch_for_interrupt(!live);
  const results_db::Patience patience = patience_of(console, interrupt);
  db.wait_for_server(patience);
  const auto evaluator = make_evaluator(parts, results_db::beside(path, ".work"));
  results_db::Session session = describe_session(parts.options);
  session.other_processor = parts.other_processor;
  session.id = db.begin_session(session);
  crashes_concern(path, session.id);
  std::optional<SharedEvaluator> shared;  // a run in a database may have workers
  if (results_db::is_url(path)) shared.emplace(*evaluator, parts.space, path, patience, parts.evaluates);
  const evaluators::Evaluator& judge = shared ? *shared : *evaluator;
  CrashGuard guard(judge, parts.space, db, session.id, parts.given_up);
  LiveView view(console, config, recorded.seconds, recorded_generators, interrupt);
  Recorder recorder(db, [&view] { return view.seconds(); });
  std::vector<engine::Observer*> observers = {&guard, &recorder, &view};
  CandidateKeeper keeper(db);
  if (shared) observers.insert(observers.begin(), {&keeper, &*shared});
  std::string fault;  // of the launcher, who then has the search stop
  std::optional<Launcher> launcher;
  if (const LauncherOptions& wanted = parts.launcher; !wanted.kind.empty()) {
    launcher.emplace(make_pool(wanted, path, parts.options.evaluator), wanted.workers, console,
                     [&fault](const std::string& why) {
                       fault = why;
                       interrupt_at_once();
                     });
    observers.push_back(&*launcher);
  }
  engine::Experiment experiment(parts.space, guard, make_objective(parts.options), config, observers,
                                std::move(recorded), &interrupt.stop, &interrupt.hard_stop);
  db.set_state("running", "", db.run().seconds);
  const std::string state = engine::run(experiment);
  view.finish();
  const std::string message = ending(state, experiment, parts.options);
  db.set_state(state, message, experiment.seconds());
  db.end_session(session.id);
  launcher.reset();
  if (state == "interrupted" && !fault.empty())
    throw search_space::EnvironmentError(
        fmt::format("--launcher {}: {}\nwhat was recorded is kept; go on by: synth resume {}", parts.launcher.kind,
                    fault, results_db::as_word(path)));
  return report_end(state, message, path, parts.options, console, json_schema);
}

}  // namespace synth::cli
