// --format beside --json, for commands that print in several forms.
#include "synth/cli/format_option.h"

#include <fmt/format.h>

#include <algorithm>

#include "search_space/errors.h"

namespace synth::cli {

std::string chosen_format(const CommandLine& line, const std::string& command, const std::string& format,
                          const std::vector<std::string>& known) {
  if (std::find(known.begin(), known.end(), format) == known.end()) {
    throw search_space::InputError(
        fmt::format("synth {}: --format: found '{}'{}", command, format, search_space::suggestion(format, known)));
  }
  if (!line.common().json) return format;
  if (line.given("format") && format != "json") {
    throw search_space::InputError(
        fmt::format("synth {}: --json and --format {} exclude each other; leave one out", command, format));
  }
  return "json";
}

}  // namespace synth::cli
