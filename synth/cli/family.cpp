// synth family: networks from generators at different stages, trained in full, measured on the test split, written out.
#include <fmt/format.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>

#include "evaluators/trained_evaluator.h"
#include "search_space/architecture_json.h"
#include "search_space/deployment.h"
#include "search_space/errors.h"
#include "search_space/lowering.h"
#include "search_space/random.h"
#include "synth/cli/colours.h"
#include "synth/cli/common_options.h"
#include "synth/cli/console.h"
#include "synth/cli/family_choice.h"
#include "synth/cli/family_table.h"
#include "synth/cli/interrupt.h"
#include "synth/cli/json_output.h"
#include "synth/cli/recorded_family.h"
#include "synth/cli/run_context.h"
#include "synth/cli/run_end.h"
#include "synth/cli/search_run.h"
#include "synth/cli/training_options.h"
#include "synth/export/file_output.h"
#include "synth/report/table.h"

namespace synth::cli {

namespace {

namespace po = boost::program_options;

struct FamilyOptions {
  int members = 4;
  int jobs = 0;
  double epochs = 0;
  std::string out = "family";
  std::string distinct;
  bool overwrite = false;
};

struct Work {
  RunContext& context;
  const evaluators::DataSet& data;
  const FamilyOptions& options;  // with `epochs` settled
  const Interrupt& interrupt;
  Console& console;
};

void check_options(const FamilyOptions& options) {
  const auto fail = [](const char* what) { return search_space::InputError(std::string("synth family: ") + what); };
  if (options.members < 1 || options.members > 26) throw fail("--members: allowed are 1 to 26");
  if (options.jobs < 0 || options.jobs > 1024) throw fail("--jobs: allowed are 0 (one per core) to 1024");
  if (!std::isfinite(options.epochs) || options.epochs < 0) throw fail("--epochs: a number above 0 is needed");
  if (!options.distinct.empty() && options.distinct != "kinds") throw fail("--distinct: allowed is kinds");
}

// Another run's family, or an earlier one of this run, is not written over unasked.
void make_folder(const FamilyOptions& options, bool goes_on) {
  const std::filesystem::path path = options.out;
  if (!options.overwrite && !goes_on) {
    for (const char* name : {"family.json", "A.json"}) {
      if (!std::filesystem::exists(path / name)) continue;
      throw search_space::InputError(
          fmt::format("synth family: --out {}: holds a family already ({}); name another folder, or give --overwrite",
                      options.out, name));
    }
  }
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) throw search_space::EnvironmentError(fmt::format("--out {}: {}", options.out, error.message()));
}

// Figures of a finally trained network, checked against the requirements once more.
FamilyRow final_figures(const Work& work, const evaluators::FullResult& result) {
  const engine::Objective& objective = work.context.objective;
  const bool quantised = objective.requirements().weight_bits == 8;
  FamilyRow row;
  row.cost = result.evaluation.cost;
  row.validation_accuracy = result.evaluation.accuracy;
  row.accuracy_lower_bound = objective.accuracy_lower_bound(result.evaluation);
  row.test_accuracy = result.test_accuracy;
  row.int8_test_accuracy = result.int8_test_accuracy;
  row.violation = objective.violation(result.evaluation);
  row.netscore =
      objective.score()(100 * (quantised ? row.int8_test_accuracy : row.test_accuracy),
                        static_cast<double>(row.cost.parameters()), static_cast<double>(row.cost.multiply_adds));
  return row;
}

void write_member(const Work& work, FamilyRow& row, const search_space::Architecture& architecture,
                  const std::string& weights) {
  const std::filesystem::path folder = work.options.out;
  row.architecture_file = (folder / (row.name + ".json")).string();
  row.weights_file = (folder / (row.name + ".safetensors")).string();
  write_file(row.architecture_file, search_space::architecture_to_json(architecture, row.name).dump(2) + "\n", true);
  write_file(row.weights_file, weights, true);
}

evaluators::TrainedEvaluatorSettings full_settings(const Work& work) {
  evaluators::TrainedEvaluatorSettings settings = evaluator_settings(work.context.options);
  settings.epochs = work.options.epochs;
  settings.time_limit_seconds = 0;
  return settings;
}

// With what the requirements ask of its deployment.
evaluators::FullResult deployed(const Work& work, const search_space::Architecture& architecture,
                                evaluators::FullResult result) {
  if (work.context.objective.requirements().deployed())
    result.evaluation.cost.deployment = search_space::deployment_of(search_space::lower(architecture));
  return result;
}

// Where the fully trained network misses a requirement that it meets with the search's weights, `result` becomes
// theirs.
bool keep_recorded_weights(const Work& work, const search_space::Architecture& architecture,
                           const results_db::Record& record, evaluators::FullResult& result) {
  const engine::Objective& objective = work.context.objective;
  if (objective.violation(result.evaluation).empty() || record.evaluation.weights.empty()) return false;
  evaluators::FullResult recorded =
      deployed(work, architecture,
               evaluators::evaluate_weights(architecture, work.data, full_settings(work), record.evaluation.weights));
  if (!objective.violation(recorded.evaluation).empty()) return false;
  recorded.evaluation.weights = record.evaluation.weights;
  result = std::move(recorded);
  return true;
}

// Empty if interrupted. A failed training is an EnvironmentError: the search trained this network before.
std::optional<FamilyRow> train_member(const Work& work, const FamilyRow& prototype, const FamilyCandidate& candidate,
                                      const std::string& name, std::mutex& mutex) {
  std::unique_lock lock(mutex);
  const results_db::Record record = work.context.db.record(candidate.network, true);
  lock.unlock();
  const search_space::Architecture architecture = work.context.architecture(record);
  evaluators::Request request;
  request.design = record.design;
  request.key = record.key;
  request.seed = search_space::stream_seed(static_cast<std::uint64_t>(work.context.options.seed), record.key, "family");
  request.stop = &work.interrupt.hard_stop;
  // Several members at once would overwrite each other's line on a terminal.
  const bool alone = work.options.jobs == 1;
  if (alone || !is_terminal(stderr)) request.progress = progress_printer("member " + name, work.console.quiet());
  evaluators::FullResult result;
  try {
    result = evaluators::train_fully(architecture, work.data, full_settings(work), record.evaluation.weights, request);
  } catch (const evaluators::Stopped&) {
    return std::nullopt;
  }
  if (result.evaluation.outcome != evaluators::Outcome::trained) {
    throw search_space::EnvironmentError(fmt::format("member {} (#{}): {}: {}", name, record.id,
                                                     evaluators::outcome_name(result.evaluation.outcome),
                                                     result.evaluation.message));
  }
  // The search may have trained it for longer than full training lasts: what held there is not given up.
  result = deployed(work, architecture, std::move(result));
  const bool kept = keep_recorded_weights(work, architecture, record, result);
  FamilyRow row = final_figures(work, result);
  row.name = name;
  row.id = record.id;
  row.generator = candidate.generator;
  lock.lock();
  write_member(work, row, architecture, result.evaluation.weights);
  work.context.db.add(results_db::FamilyMember{
      name, record.id, candidate.generator,
      member_result(row, prototype, work.options.members, work.options.epochs, work.options.distinct,
                    report::test_errors(work.data.test.labels, result.test_predictions, result.int8_test_predictions,
                                        work.data.classes())),
      result.evaluation.weights});
  work.console.note(fmt::format("member {}: #{}{}, test {}, int8 {}{}{}", name, record.id,
                                candidate.generator < 0 ? "" : fmt::format(" of generator {}", candidate.generator),
                                report::format_percent(row.test_accuracy),
                                report::format_percent(row.int8_test_accuracy),
                                kept ? "; with the search's weights, which meet the requirements" : "",
                                row.violation.empty() ? "" : "; does not meet the requirements: " + row.violation));
  return row;
}

// The prototype as the search trained it: what the ratios refer to. Its costs alone if it could not be trained.
FamilyRow measure_prototype(const Work& work) {
  const results_db::Record record = work.context.db.record(1, true);
  FamilyRow row;
  row.cost = record.evaluation.cost;
  if (!record.evaluation.weights.empty()) {
    const auto architecture = work.context.architecture(record);
    row = final_figures(work, deployed(work, architecture,
                                       evaluators::evaluate_weights(architecture, work.data, full_settings(work),
                                                                    record.evaluation.weights)));
  }
  row.name = work.context.space->source().name;
  row.id = record.id;
  row.violation.clear();
  return row;
}

void write_tables(const Work& work, const FamilyRow& prototype, const std::vector<FamilyRow>& rows) {
  const std::filesystem::path folder = work.options.out;
  write_file((folder / "family.txt").string(), family_text(prototype, rows, 0), true);
  write_file((folder / "family.md").string(), family_markdown(prototype, rows), true);
  write_file((folder / "family.json").string(), family_json(prototype, rows).dump(2) + "\n", true);
}

using Rows = std::vector<std::optional<FamilyRow>>;

std::string member_name(std::size_t member) {
  return std::string(1, static_cast<char>('A' + member));
}

// Trains members number `which` of `chosen`, side by side; members that were interrupted stay empty.
void train_members(const Work& work, const FamilyRow& prototype, const std::vector<FamilyCandidate>& chosen,
                   const std::vector<std::size_t>& which, Rows& rows) {
  std::mutex mutex;
  tbb::task_arena arena(work.options.jobs);
  arena.execute([&] {
    tbb::parallel_for(
        std::size_t{0}, which.size(),
        [&](std::size_t i) {
          if (work.interrupt.stop) return;
          const std::size_t member = which[i];
          rows[member] = train_member(work, prototype, chosen[member], member_name(member), mutex);
        },
        tbb::simple_partitioner());
  });
}

// Members that an interrupted training left are taken over, also where one has replaced the network chosen. Returns
// which are still to be trained.
std::vector<std::size_t> take_recorded(const Work& work, const RecordedFamily& recorded,
                                       std::vector<FamilyCandidate>& chosen, Rows& rows) {
  std::vector<std::size_t> rest;
  const auto stored = work.context.db.family(true);
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    const auto found = std::find_if(recorded.members.begin(), recorded.members.end(),
                                    [&](const FamilyRow& row) { return row.name == member_name(i); });
    if (work.options.overwrite || found == recorded.members.end()) {
      rest.push_back(i);
      continue;
    }
    rows[i] = *found;
    chosen[i] = {found->id, found->generator};
    const results_db::Record record = work.context.db.record(found->id, false);
    write_member(work, *rows[i], work.context.architecture(record),
                 stored[static_cast<std::size_t>(found - recorded.members.begin())].weights);
  }
  return rest;
}

// Requirements are hard on the final networks too: a member that fails gives way to the next larger network, until all
// hold or none is left.
Rows train_family(const Work& work, const report::RunView& view, const FamilyRow& prototype,
                  const RecordedFamily& recorded, std::vector<FamilyCandidate> chosen) {
  Rows rows(chosen.size());
  std::vector<std::size_t> open = take_recorded(work, recorded, chosen, rows);
  for (;;) {
    train_members(work, prototype, chosen, open, rows);
    open.clear();
    if (work.interrupt.stop) return rows;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (!rows[i] || rows[i]->violation.empty()) continue;
      const auto larger = next_larger(view, chosen, chosen[i].network);
      if (!larger) continue;
      chosen[i] = *larger;
      open.push_back(i);
    }
    if (open.empty()) return rows;
    for (const std::size_t i : open) rows[i].reset();
  }
}

int finish(const Work& work, const FamilyRow& prototype, const Rows& trained, bool json) {
  std::vector<FamilyRow> rows;
  for (const auto& row : trained) {
    if (row) rows.push_back(*row);
  }
  if (rows.size() < trained.size()) {
    work.console.note(fmt::format("interrupted with {} of {} members trained; 'synth family {} --out {}' goes on",
                                  rows.size(), trained.size(), work.context.path, work.options.out));
    return Exit::interrupted;
  }
  write_tables(work, prototype, rows);
  if (json) {
    print_json(family_json(prototype, rows));
  } else {
    std::fputs(coloured(family_text(prototype, rows, output_width())).c_str(), stdout);
    std::fflush(stdout);
  }
  work.console.note(fmt::format(
      "\nwritten to {}/\n\nNext:\n  synth lineage {} {}      how the smallest came to be\n  synth show {}/{}.json",
      work.options.out, work.context.path, rows.back().name, work.options.out, rows.back().name));
  if (std::any_of(rows.begin(), rows.end(), [](const FamilyRow& row) { return row.violation.empty(); }))
    return Exit::done;
  work.console.warn("synth: no member meets the requirements after full training");
  return Exit::infeasible;
}

// An interrupted training goes on as it was begun; nothing else is mixed with it.
void settle(FamilyOptions& options, const RecordedFamily& recorded, const RunContext& context,
            const CommandLine& line) {
  const auto differs = [&](const char* option, auto found, auto begun) {
    return search_space::InputError(
        fmt::format("synth family: --{}: found {}, but the training was begun with {}; leave it out to go on, or give "
                    "--overwrite to begin again",
                    option, found, begun));
  };
  const double epochs = options.epochs > 0 ? options.epochs : full_training * context.options.epochs;
  if (!recorded.members.empty() && !options.overwrite) {
    if (line.given("members") && options.members != recorded.asked)
      throw differs("members", options.members, recorded.asked);
    if (line.given("epochs") && epochs != recorded.epochs) throw differs("epochs", epochs, recorded.epochs);
    options.members = recorded.asked;
    options.epochs = recorded.epochs;
    if (line.given("distinct") && options.distinct != recorded.distinct)
      throw differs("distinct", options.distinct, recorded.distinct.empty() ? "nothing" : recorded.distinct);
    options.distinct = recorded.distinct;
    return;
  }
  if (static_cast<int>(recorded.members.size()) > options.members) {
    throw search_space::InputError(
        fmt::format("synth family: --members: found {}, but {} are recorded, and --overwrite "
                    "replaces all of them; ask for {} or more",
                    options.members, recorded.members.size(), recorded.members.size()));
  }
  options.epochs = epochs;
}

}  // namespace

int run_family(const Command& self, const std::vector<std::string>& arguments) {
  std::string path;
  FamilyOptions options;
  CommandLine line(self);
  line.positional("RUN", "run database: a file, or postgresql://USER@HOST/DATABASE?run=NAME", &path);
  line.add_options()                                                                                    //
      ("members", po::value(&options.members)->default_value(4)->value_name("N"), "how many networks")  //
      ("out", po::value(&options.out)->default_value(options.out)->value_name("DIR"),
       "folder for the members and the table")  //
      ("distinct", po::value(&options.distinct)->value_name("kinds"),
       "members mainly of different kinds of modules instead of from different stages")  //
      ("epochs", po::value(&options.epochs)->value_name("N"),
       "full training; default: 5 times the search's --epochs")  //
      ("jobs", po::value(&options.jobs)->default_value(0)->value_name("N"),
       "members trained side by side; 0 = one per core")  //
      ("overwrite", po::bool_switch(&options.overwrite), "train and measure anew where there is a family already");
  line.notes(
      "The test split is measured here, once, and takes no part in any choice. An interrupted training goes on where "
      "it "
      "stopped.");
  if (!line.parse(arguments)) return Exit::done;
  check_options(options);
  Console console(line.common());
  RunContext context = open_run(path, results_db::Access::write);
  const RecordedFamily recorded = recorded_family(context);
  if (!recorded.members.empty() && recorded.complete() && !options.overwrite) {
    return show_recorded(recorded, context, console, line.common().json);
  }
  settle(options, recorded, context, line);
  options.jobs = options.jobs > 0 ? options.jobs : engine_config({}).jobs;
  const report::RunView view = context.view();
  const std::vector<FamilyCandidate> chosen =
      options.distinct == "kinds" ? choose_distinct_kinds(view, options.members) : choose_family(view, options.members);
  if (chosen.empty()) {
    const std::string more = resume_command(path, context.options, view);
    console.warn(fmt::format(
        "synth: {}: no accepted generator has a feasible network smaller than the prototype yet; {}", path,
        more.empty() ? "begin a new search, with requirements that leave more room" : "go on with '" + more + "'"));
    return Exit::infeasible;
  }
  if (static_cast<int>(chosen.size()) < options.members) {
    console.warn(fmt::format("synth: the run has only {} networks to choose from, {} members were asked for",
                             chosen.size(), options.members));
    options.members = static_cast<int>(chosen.size());
  }
  const bool goes_on = !recorded.members.empty() && !options.overwrite;
  make_folder(options, goes_on);
  const auto data = evaluators::load_data(evaluators::parse_data_spec(context.run.data),
                                          static_cast<std::uint64_t>(context.options.seed));
  if (data.fingerprint != context.run.data_fingerprint) {
    throw search_space::EnvironmentError(
        fmt::format("{}: the data set {} has changed since the search", path, context.run.data));
  }
  const Interrupt& interrupt = watch_for_interrupt(true);
  const Work work{context, data, options, interrupt, console};
  const bool known = goes_on && !std::isnan(recorded.prototype.test_accuracy);
  const FamilyRow prototype = known ? recorded.prototype : measure_prototype(work);
  return finish(work, prototype, train_family(work, view, prototype, recorded, chosen), line.common().json);
}

}  // namespace synth::cli
