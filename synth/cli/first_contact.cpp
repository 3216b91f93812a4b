// The next commands by the state of the newest run.
#include "synth/cli/first_contact.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <filesystem>
#include <optional>
#include <vector>

#include "results_db/address.h"
#include "results_db/results_db.h"
#include "search_space/errors.h"

namespace synth::cli {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_runs = 3;  // shown

struct FoundRun {
  std::string name;  // as a word of a command line
  std::string state;
  std::size_t networks = 0;
  std::string member;  // the last of its family, which is the smallest; empty = no family yet
};

std::vector<fs::path> newest_databases(const std::string& folder) {
  std::vector<std::pair<fs::file_time_type, fs::path>> found;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    std::error_code gone;
    if (entry->path().extension() != ".db" || !entry->is_regular_file(gone)) continue;
    found.emplace_back(entry->last_write_time(gone), entry->path());
  }
  std::sort(found.rbegin(), found.rend());
  std::vector<fs::path> paths;
  for (auto& [time, path] : found) paths.push_back(std::move(path));
  return paths;
}

std::optional<FoundRun> read_run(const fs::path& path) {
  const std::string name = path.filename();
  if (search_space::printable(name) != name) return std::nullopt;
  try {
    const auto contents =
        results_db::ResultsDb::open(path, results_db::Access::read).contents(results_db::Detail::figures);
    FoundRun run{results_db::as_word(name), contents.run.state, contents.records.size(), {}};
    if (!contents.family.empty()) run.member = contents.family.back().name;
    return run;
  } catch (const std::exception&) {  // whatever is wrong with it is for the commands that are given it
    return std::nullopt;
  }
}

struct Advice {
  std::string command, meaning;
};

std::vector<Advice> without_run() {
  return {{"synth search --data shapes --require 'accuracy>=90%,weight_bits=8' --time 5m",
           "a first search, on data that come with the program"},
          {"synth search --data imagefolder:DIR --require 'accuracy>=90%,weight_bits=8' --dry-run",
           "what a search on your own images would take; DIR holds a folder per class"},
          {"synth list prototypes", "what a search can start from"}};
}

std::vector<Advice> with_run(const FoundRun& run) {
  const std::string& name = run.name;
  const Advice lineage{"synth lineage " + name, "how each generator came to be, and why"};
  const Advice page{"synth report " + name, "everything about it in one HTML file"};
  if (run.state == "interrupted") return {{"synth resume " + name, "goes on where it stopped"}, lineage, page};
  if (run.state == "running") {
    return {{"synth status " + name + " --watch", "follows it to its end"},
            {"synth dashboard " + name, "the same in a browser"},
            lineage};
  }
  if (run.state == "infeasible") {
    return {{"synth status " + name, "which requirement stands in the way"},
            lineage,
            {"synth search --dry-run --require LIST", "whether other requirements can be met"}};
  }
  if (run.member.empty()) {
    return {{"synth family " + name + " --members 4", "trains members of different sizes in full and measures them"},
            lineage,
            page};
  }
  return {{fmt::format("synth show {}@{}", name, run.member), "the smallest member of the family, layer by layer"},
          {fmt::format("synth export {0}@{1} --format architecture --out {1}.json", name, run.member),
           "writes it; 'synth export --help' lists the formats"},
          page};
}

}  // namespace

std::string first_contact(const std::string& folder) {
  std::string text;
  std::optional<FoundRun> newest;
  std::size_t shown = 0;
  const auto databases = newest_databases(folder);
  for (std::size_t i = 0; i < databases.size() && shown < most_runs; ++i) {
    const auto run = read_run(databases[i]);
    if (!run) continue;
    text += fmt::format("{}: {}, {} network{}{}\n", run->name, run->state, run->networks, run->networks == 1 ? "" : "s",
                        run->state == "interrupted" ? "; resume with synth resume " + run->name : "");
    if (!newest) newest = run;
    ++shown;
  }
  if (!text.empty()) text += "\n";
  for (const Advice& advice : newest ? with_run(*newest) : without_run())
    text += fmt::format("  {}\n      {}\n", advice.command, advice.meaning);
  return text;
}

}  // namespace synth::cli
