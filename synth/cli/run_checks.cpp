// What must be as it was before a run goes on.
#include "synth/cli/run_checks.h"

#include <fmt/format.h>

#include "search_space/errors.h"
#include "synth/cli/evaluator_option.h"
#include "synth/cli/search_config.h"

namespace synth::cli {

void check_same(const std::string& path, const std::string& what, const std::string& stored, const std::string& found) {
  if (stored == found) return;
  throw search_space::EnvironmentError(fmt::format(
      "{}: {} differs from what the run was recorded with (then {}, now {}); restore it, or begin a new search", path,
      what, stored, found));
}

void check_evaluator(const std::string& command, const std::string& path, const std::string& stored,
                     const std::string& given) {
  if (parse_evaluator(stored, path + ": evaluator").asked)
    throw search_space::InputError(fmt::format(
        "{0}: its networks are evaluated by your own loop; go on by 'synth ask {0}' and 'synth tell {0} ID FILE'",
        path));
  if (stored == given) return;
  const std::string again = fmt::format("synth {} {} --evaluator {}", command, path, shell_quoted(stored));
  if (given.empty() && stored != SearchOptions{}.evaluator)
    throw search_space::InputError(fmt::format(
        "{}: its networks were judged by a program, which is started only where the command line names it. If you "
        "trust it: {}",
        path, again));
  if (!given.empty())
    throw search_space::InputError(
        fmt::format("--evaluator: differs from what the run was recorded with (then {}, now {}); give the same, or "
                    "begin a new search",
                    shell_quoted(stored), shell_quoted(given)));
}

}  // namespace synth::cli
