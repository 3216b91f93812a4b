// The choice by what lies in the folder.
#include "synth/cli/search_choice.h"

#include <fmt/format.h>

#include <exception>
#include <filesystem>

#include "results_db/address.h"
#include "results_db/results_db.h"
#include "search_space/json_reader.h"
#include "synth/cli/console.h"
#include "synth/cli/files.h"
#include "synth/cli/search_config.h"
#include "synth/cli/tensor_program.h"

namespace synth::cli {

namespace {

namespace fs = std::filesystem;

constexpr const char* config_name = "search.json";  // as `synth init` calls it

// Of a run whose file is in order; else empty, and the search that is begun in another file says nothing about it.
std::string state_of(const std::string& run) {
  try {
    return results_db::ResultsDb::open(run, results_db::Access::read).contents(results_db::Detail::figures).run.state;
  } catch (const std::exception&) {
    return {};
  }
}

// "photos.db", or where that exists "photos-2.db", ...
std::string free_name(const fs::path& folder, const std::string& wanted) {
  const fs::path path = wanted;
  std::string name = wanted;
  for (int number = 2; fs::exists(folder / name); ++number)
    name =
        (path.parent_path() / fmt::format("{}-{}{}", path.stem().string(), number, path.extension().string())).string();
  return name;
}

}  // namespace

SearchChoice choose_search(const std::string& folder) {
  SearchChoice choice{"search", {}, {}};
  SearchOptions options;
  options.time = "10m";
  const bool configured = fs::exists(fs::path(folder) / config_name);
  if (configured) {
    const std::string path = (fs::path(folder) / config_name).string();
    options = search_options_from_json(
        search_space::parse_json(read_file(path), config_name, search_space::Comments::allowed), config_name);
    choice.arguments = {"--config", config_name};
  }
  if (!results_db::is_url(options.db)) {
    if (state_of((fs::path(folder) / options.db).string()) == "interrupted") {
      const std::string run = results_db::as_word(options.db);
      return {
          "resume", {options.db}, fmt::format("{} was interrupted: going on, as 'synth resume {}' does\n", run, run)};
    }
    const std::string db = free_name(folder, options.db);
    if (configured && db != options.db) choice.arguments.insert(choice.arguments.end(), {"--db", db});
    if (!configured) choice.arguments = {"--data", options.data, "--time", options.time, "--db", db};
    options.db = db;
  }
  choice.said = fmt::format(
      "Without options: {}\n  --data {}   --prototype {}\n  --require '{}'{}   --db {}\n"
      "'synth init FOLDER' writes a configuration for your own images; 'synth search --help' lists the options.\n",
      configured ? fmt::format("as {} says", config_name) : "a search on the data that come with the program",
      options.data, options.prototype, options.require, options.time.empty() ? "" : "   --time " + options.time,
      results_db::as_word(options.db));
  return choice;
}

int search_or_choose(const Command& self, const std::vector<std::string>& arguments) {
  if (!arguments.empty() || !is_terminal(stderr)) return run_with_tensors(self, arguments);
  const SearchChoice choice = choose_search(".");
  std::fputs(choice.said.c_str(), stderr);
  for (const Command& command : commands())
    if (command.name == choice.command) return run_with_tensors(command, choice.arguments);
  return Exit::internal_error;
}

}  // namespace synth::cli
