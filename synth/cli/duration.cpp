// Durations: a sum of numbers, each with a unit.
#include "synth/cli/duration.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdlib>

#include "search_space/errors.h"

namespace synth::cli {

double parse_duration(const std::string& text, const std::string& place) {
  const auto fail = [&] {
    return search_space::InputError(
        fmt::format("{}: '{}' is not a length of time; allowed are forms like 90s, 30m, 2h, 1h30m", place, text));
  };
  double seconds = 0;
  const char* position = text.c_str();
  if (*position == '\0') throw fail();
  while (*position != '\0') {
    if ((*position < '0' || *position > '9') && *position != '.') throw fail();
    char* after = nullptr;
    const double number = std::strtod(position, &after);
    if (after == position) throw fail();
    double unit = 1;
    switch (*after) {
      case 'd':
        unit = 86400;
        break;
      case 'h':
        unit = 3600;
        break;
      case 'm':
        unit = 60;
        break;
      case 's':
        unit = 1;
        break;
      case '\0':
        break;
      default:
        throw fail();
    }
    seconds += number * unit;
    position = *after == '\0' ? after : after + 1;
  }
  if (!std::isfinite(seconds) || seconds <= 0) throw fail();
  return seconds;
}

}  // namespace synth::cli
