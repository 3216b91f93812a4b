// How a run ended, in words.
#include "synth/cli/run_end.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "results_db/address.h"
#include "synth/cli/duration.h"
#include "synth/cli/evaluator_option.h"
#include "synth/cli/family_choice.h"

namespace synth::cli {

std::string ending(const std::string& state, const engine::Experiment& experiment, const SearchOptions& options) {
  if (state == "interrupted") return "interrupted";
  if (state == "done") {
    return fmt::format("{} networks evaluated in {:.0f} s", experiment.records().size(), experiment.seconds());
  }
  const auto& records = experiment.records();
  if (!records.empty() && records.front()->evaluation.outcome != evaluators::Outcome::trained &&
      engine::parse_requirements(options.require).accuracy_below_prototype) {
    const auto& prototype = records.front()->evaluation;
    return fmt::format("the prototype could not be trained ({}: {}), so '{}' has nothing to compare with",
                       evaluators::outcome_name(prototype.outcome), prototype.message, options.require);
  }
  return fmt::format(
      "none of the {} networks evaluated meets '{}' within the budget; allow more time or relax a requirement",
      records.size(), options.require);
}

void suggest_next(Console& console, const std::string& path, const SearchOptions& options,
                  const report::RunView& view) {
  const std::string run = results_db::as_word(path);
  const auto network = [&path](int id) { return results_db::as_word(fmt::format("{}#{}", path, id)); };
  std::vector<std::pair<std::string, const char*>> next = {
      {fmt::format("synth lineage {}", run), "how the generators came to be, and why"}};
  const results_db::Record* best = view.best();
  if (best != nullptr && best->id != 1) {
    next.emplace_back(fmt::format("synth diff {} {}", network(1), network(best->id)), "what the best network changed");
    const bool own =
        parse_evaluator(options.evaluator, "evaluator").own;  // members would be trained by another trainer
    if (!own && view.family.empty() && !choose_family(view, 1).empty()) {
      next.emplace_back(fmt::format("synth family {}", run), "train members in full and measure them");
    }
    next.emplace_back(fmt::format("synth export {} --format architecture --out best.json", network(best->id)),
                      "take it along");
  }
  if (const std::string more = resume_command(path, options, view); !more.empty()) {
    next.emplace_back(more, "go on: the budget is used up");
  }
  std::size_t width = 0;
  for (const auto& [command, meaning] : next) width = std::max(width, command.size());
  console.note("\nNext:");
  for (const auto& [command, meaning] : next) console.note(fmt::format("  {:<{}}  {}", command, width, meaning));
}

std::string resume_command(const std::string& path, const SearchOptions& options, const report::RunView& view) {
  std::string more;
  const int evaluated = static_cast<int>(view.records.size());
  if (options.evaluations > 0 && evaluated >= options.evaluations) {
    more += fmt::format(" --evaluations {}", 2 * static_cast<std::int64_t>(evaluated));
  }
  int last = 0;
  for (const auto& generator : view.generators) last = generator.accepted ? std::max(last, generator.index) : last;
  if (options.generators > 0 && last >= options.generators) more += fmt::format(" --generators {}", 2 * last);
  const double limit = options.time.empty() ? 0 : parse_duration(options.time, "--time");
  if (limit > 0 && view.run.seconds >= limit) {
    const auto twice = static_cast<std::int64_t>(std::ceil(2 * std::max(limit, view.run.seconds)));
    more += twice >= 120 ? fmt::format(" --time {}m", (twice + 59) / 60) : fmt::format(" --time {}s", twice);
  }
  const bool unfinished = view.run.state == "interrupted" || view.run.state == "running";
  if (more.empty() && !unfinished) return {};
  if (parse_evaluator(options.evaluator, "evaluator").asked)
    return unfinished ? "synth ask " + results_db::as_word(path) : std::string();
  if (options.evaluator != SearchOptions{}.evaluator) more += " --evaluator " + shell_quoted(options.evaluator);
  return fmt::format("synth resume {}{}", results_db::as_word(path), more);
}

}  // namespace synth::cli
