// synth resume: goes on where a run stopped, with the stored configuration.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <chrono>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <thread>

#include "search_space/errors.h"
#include "synth/cli/common_options.h"
#include "synth/cli/crash.h"
#include "synth/cli/crash_guard.h"
#include "synth/cli/duration.h"
#include "synth/cli/interrupt.h"
#include "synth/cli/run_checks.h"
#include "synth/cli/run_context.h"
#include "synth/cli/search_run.h"
#include "synth/cli/session.h"

namespace synth::cli {

namespace {

namespace po = boost::program_options;

// A larger budget than the stored one, for this session. A search's steps do not depend on its budget.
void extend(SearchOptions& options, const CommandLine& line, const std::string& time, int evaluations, int generators) {
  if (line.given("time")) {
    parse_duration(time, "--time");
    options.time = time;
  }
  if (line.given("evaluations")) options.evaluations = evaluations;
  if (line.given("generators")) options.generators = generators;
  if (options.evaluations < 0 || options.generators < 0 || options.jobs < 0 || options.jobs > 1024) {
    throw search_space::InputError("synth resume: --jobs, --evaluations and --generators must not be negative");
  }
}

// Before anything is written: the rest of a run must round as its beginning did. Returns whether it does not, by the
// user's word.
bool check_session(const std::string& path, const results_db::ResultsDb& db, const SearchOptions& options,
                   bool on_other_processor, Console& console) {
  const std::vector<results_db::Session> sessions = db.sessions();
  if (sessions.empty()) {
    console.note(path + " is older than the recording of processors: whether this one rounds alike is not known");
    return false;
  }
  const results_db::Session now = describe_session(options);
  const std::vector<std::string> found = differences(sessions.back(), now);
  if (found.empty()) {
    if (now.processor != sessions.back().processor)
      console.note(fmt::format("another processor with the same instruction sets: then {}, now {}",
                               sessions.back().processor, now.processor));
    return false;
  }
  const std::string what = fmt::format("{}: session {} computed differently from what this machine does:\n  {}\n", path,
                                       sessions.back().id, fmt::join(found, "\n  "));
  if (!on_other_processor) {
    throw search_space::EnvironmentError(
        what +
        "Its results would not be those of one machine, bit for bit. Go on where it was begun, or here with "
        "--on-other-processor, which the run records");
  }
  console.warn("synth: " + what + "going on by --on-other-processor");
  return true;
}

// What ended earlier sessions, and what that means for this one.
void tell_of_ends(const std::string& path, const results_db::ResultsDb& db, const std::set<int>& given_up,
                  Console& console) {
  std::map<int, int> crashes;
  for (const auto& crash : db.crashes()) ++crashes[crash.network];
  const int recorded = static_cast<int>(db.records(false).size());
  for (const auto& [network, count] : crashes) {
    if (network <= recorded) continue;
    console.note(
        count < most_crashes
            ? fmt::format("network {} crashed the program; it is tried once more, alone", network)
            : fmt::format("network {} crashed the program {} times; it is recorded as crashed", network, count));
  }
  const std::map<int, int> silent = silent_ends(db);
  for (const auto& [network, count] : silent) {
    if (count < most_silent_ends || given_up.contains(network)) continue;
    console.warn(
        fmt::format("synth: {0} sessions were killed while network {1} was being evaluated. If the system did "
                    "so for want of memory, use fewer --jobs, or record the network as crashed and go on: "
                    "synth resume {2} --give-up {1}",
                    count, network, path));
  }
  std::set<int> suspects;
  for (const auto& [network, count] : silent) suspects.insert(network);
  for (const auto& [network, count] : crashes)
    if (network > recorded) suspects.insert(network);
  for (const int network : given_up) {
    if (suspects.contains(network)) continue;
    throw search_space::InputError(fmt::format(
        "--give-up: found {}; allowed is a network at which a session was killed or crashed, and which is not recorded "
        "yet: {}",
        network, suspects.empty() ? "there is none" : fmt::format("{}", fmt::join(suspects, ", "))));
  }
}

// For writing, as soon as nobody else does; empty where Ctrl-C ends the waiting. Servers may come and go meanwhile.
std::optional<RunContext> open_when_free(const std::string& path, Console& console) {
  constexpr auto pause = std::chrono::milliseconds(500);
  const Interrupt& interrupt = watch_for_interrupt(false);
  std::string said;
  while (!interrupt.stop) {
    std::string why;
    try {
      return open_run(path, results_db::Access::write);
    } catch (const search_space::EnvironmentError& error) {
      why = error.what();
    }
    if (why != said) console.note("waiting as a spare: " + why);
    said = why;
    std::this_thread::sleep_for(pause);
  }
  return std::nullopt;
}

}  // namespace

int run_resume(const Command& self, const std::vector<std::string>& arguments) {
  std::string path, time, evaluator;
  int jobs = 0, evaluations = 0, generators = 0;
  bool on_other_processor = false, spare = false;
  std::vector<int> give_up;
  CommandLine line(self);
  line.positional("RUN", "run database: a file, or postgresql://USER@HOST/DATABASE?run=NAME", &path);
  line.add_options()                                                                                         //
      ("jobs", po::value(&jobs)->value_name("N"), "candidates trained side by side; never changes results")  //
      ("time", po::value(&time)->value_name("T"), "a new limit for the wall time over all sessions")         //
      ("evaluations", po::value(&evaluations)->value_name("N"), "a new limit for the number of networks")    //
      ("generators", po::value(&generators)->value_name("K"), "a new number of generators to accept")        //
      ("evaluator", po::value(&evaluator)->value_name("command:PROGRAM ..."),
       "the program of your own that judged the run's networks, as 'synth search' was given it")  //
      ("on-other-processor", po::bool_switch(&on_other_processor),
       "go on although this machine rounds differently; recorded")  //
      ("give-up", po::value(&give_up)->value_name("ID"),
       "record this network, at which sessions were killed, as crashed instead of trying it again");
  LauncherOptions launcher;
  declare_launcher_options(line, launcher);
  line.add_options()("spare", po::bool_switch(&spare),
                     "wait while another process searches, and go on where it is lost");
  if (!line.parse(arguments)) return Exit::done;
  Console console(line.common());
  check_launcher(launcher, path);
  bool rounds_differently = false;
  {
    const RunContext reader = open_run(path, results_db::Access::read);
    require_same_engine(reader);
    check_evaluator("resume", path, reader.options.evaluator, evaluator);
    rounds_differently = check_session(path, reader.db, reader.options, on_other_processor, console);
  }
  std::optional<RunContext> opened = spare ? open_when_free(path, console) : open_run(path, results_db::Access::write);
  if (!opened) return Exit::interrupted;
  RunContext& context = *opened;
  const bool extended = line.given("time") || line.given("evaluations") || line.given("generators");
  if (const std::string& state = context.run.state; spare && !extended && (state == "done" || state == "infeasible")) {
    console.note(fmt::format("{}: {}; nothing is left for a spare", path, state));
    return state == "done" ? Exit::done : Exit::infeasible;
  }
  collect_crashes(path, context.db);
  const std::set<int> given_up(give_up.begin(), give_up.end());
  tell_of_ends(path, context.db, given_up, console);
  SearchOptions options = context.options;
  if (line.given("jobs")) options.jobs = jobs;
  extend(options, line, time, evaluations, generators);
  const auto data =
      evaluators::load_data(evaluators::parse_data_spec(context.run.data), static_cast<std::uint64_t>(options.seed));
  check_same(path, "the data set " + context.run.data, context.run.data_fingerprint, data.fingerprint);
  const bool evaluates = launcher.kind.empty() || line.given("jobs");
  const RunParts parts{options, *context.space, data, rounds_differently, given_up, launcher, evaluates};
  check_same(path, "the evaluator", context.run.evaluator, evaluator_identity(parts));
  console.note(describe_data(data));
  return conduct(parts, std::move(context.db), path, console, line.common().json ? "synth/resume/1" : "");
}

}  // namespace synth::cli
