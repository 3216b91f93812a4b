// Reading --evaluator.
#include "synth/cli/evaluator_option.h"

#include <fmt/format.h>

#include <boost/program_options/parsers.hpp>

#include "search_space/errors.h"

namespace synth::cli {

EvaluatorChoice parse_evaluator(const std::string& text, const std::string& place) {
  const auto fail = [&](const std::string& why) {
    return search_space::InputError(fmt::format(
        "{}: {}; allowed are trained, ask, 'command:PROGRAM ARGUMENT...' and 'command-server:PROGRAM ARGUMENT...'",
        place, why));
  };
  if (text == "trained") return {};
  EvaluatorChoice choice;
  choice.own = true;
  choice.asked = text == "ask";
  if (choice.asked) return choice;
  const auto colon = text.find(':');
  const std::string kind = text.substr(0, colon);
  if (colon == std::string::npos || (kind != "command" && kind != "command-server"))
    throw fail(fmt::format("found '{}'", search_space::printable(text)));
  choice.kept = kind == "command-server";
  try {
    choice.words = boost::program_options::split_unix(text.substr(colon + 1));
  } catch (const std::exception& error) {  // a backslash at the end, an unknown escape
    throw fail(fmt::format("'{}' cannot be split into words: {}", search_space::printable(text), error.what()));
  }
  if (choice.words.empty() || choice.words.front().empty()) throw fail("no program is named");
  return choice;
}

std::string shell_quoted(const std::string& text) {
  std::string quoted = "'";
  for (const char letter : text) quoted += letter == '\'' ? std::string("'\\''") : std::string(1, letter);
  return search_space::printable(quoted + "'");
}

}  // namespace synth::cli
