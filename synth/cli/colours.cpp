// Colours are laid over finished text, so that no width depends on them.
#include "synth/cli/colours.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "synth/cli/console.h"

namespace synth::cli {
namespace {

constexpr const char *bold = "\033[1m", *dim = "\033[2m", *blue = "\033[34m", *green = "\033[32m", *yellow = "\033[33m",
                     *red = "\033[31m", *plain = "\033[0m";

bool wanted() {
  const char *none = std::getenv("NO_COLOR"), *terminal = std::getenv("TERM");
  if (none != nullptr && *none != '\0') return false;
  if (terminal != nullptr && std::string_view(terminal) == "dumb") return false;
  return is_terminal(stdout);
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

bool is_rule(const std::string& line) {
  return line.size() > 3 && line.find_first_not_of('-') == std::string::npos;
}

std::string in(const char* colour, const std::string& text) {
  return colour + text + plain;
}

// Every run of blocks.
std::string with_bars(std::string line) {
  static const std::string block = "█";
  const std::size_t begin = line.find(block);
  if (begin == std::string::npos) return line;
  std::size_t end = begin;
  while (line.compare(end, block.size(), block) == 0) end += block.size();
  return line.substr(0, begin) + in(blue, line.substr(begin, end - begin)) + with_bars(line.substr(end));
}

// The state after the run's name: "run.db: done, ...".
std::string with_state(const std::string& line) {
  static const std::array<std::pair<std::string, const char*>, 4> states = {
      {{"running", green}, {"done", green}, {"interrupted", yellow}, {"infeasible", red}}};
  for (const auto& [state, colour] : states) {
    const std::size_t at = line.find(": " + state);
    if (at == std::string::npos) continue;
    return in(bold, line.substr(0, at)) + ": " + in(colour, state) + line.substr(at + 2 + state.size());
  }
  return line;
}

}  // namespace

std::string coloured(const std::string& text) {
  if (!wanted()) return text;
  const std::vector<std::string> lines = lines_of(text);
  std::string out;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const bool title = i + 1 < lines.size() && is_rule(lines[i + 1]);
    out += is_rule(lines[i]) ? in(dim, lines[i])
           : title           ? in(bold, lines[i])
           : i == 0          ? with_state(lines[i])
                             : with_bars(lines[i]);
    out += "\n";
  }
  return out;
}

}  // namespace synth::cli
