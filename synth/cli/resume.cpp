// synth resume: goes on where a run stopped, with the stored configuration.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "search_space/errors.h"
#include "synth/cli/common_options.h"
#include "synth/cli/duration.h"
#include "synth/cli/run_context.h"
#include "synth/cli/search_run.h"

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

void check_same(const std::string& path, const std::string& what, const std::string& stored, const std::string& found) {
  if (stored == found) return;
  throw search_space::EnvironmentError(fmt::format(
      "{}: {} differs from what the run was recorded with (then {}, now {}); restore it, or begin a new search", path,
      what, stored, found));
}

// Another engine would take other steps than those recorded.
void check_engine(const std::string& path, const std::string& versions) {
  const nlohmann::json stored = nlohmann::json::parse(versions, nullptr, false);
  const int engine = stored.is_object() ? stored.value("engine", 1) : 1;  // the first revision was not recorded
  if (engine == engine::engine_revision) return;
  throw search_space::EnvironmentError(fmt::format(
      "{0}: begun by revision {1} of the search engine; this program has revision {2}, which would take other steps. "
      "Go "
      "on with the program that began it, or begin a new search from one of its networks: --prototype {0}#ID",
      path, engine, engine::engine_revision));
}

}  // namespace

int run_resume(const Command& self, const std::vector<std::string>& arguments) {
  std::string path, time;
  int jobs = 0, evaluations = 0, generators = 0;
  CommandLine line(self);
  line.positional("RUN", "run database, e.g. synth-run.db", &path);
  line.add_options()                                                                                         //
      ("jobs", po::value(&jobs)->value_name("N"), "candidates trained side by side; never changes results")  //
      ("time", po::value(&time)->value_name("T"), "a new limit for the wall time over all sessions")         //
      ("evaluations", po::value(&evaluations)->value_name("N"), "a new limit for the number of networks")    //
      ("generators", po::value(&generators)->value_name("K"), "a new number of generators to accept");
  if (!line.parse(arguments)) return Exit::done;
  Console console(line.common());
  check_engine(path, results_db::ResultsDb::open(path, results_db::Access::read).run().versions);
  RunContext context = open_run(path, results_db::Access::write);
  SearchOptions options = context.options;
  if (line.given("jobs")) options.jobs = jobs;
  extend(options, line, time, evaluations, generators);
  const auto data =
      evaluators::load_data(evaluators::parse_data_spec(context.run.data), static_cast<std::uint64_t>(options.seed));
  check_same(path, "the data set " + context.run.data, context.run.data_fingerprint, data.fingerprint);
  const RunParts parts{options, *context.space, data};
  check_same(path, "the evaluator", context.run.evaluator, evaluator_identity(parts));
  console.note(describe_data(data));
  return conduct(parts, std::move(context.db), path, console, line.common().json ? "synth/resume/1" : "");
}

}  // namespace synth::cli
