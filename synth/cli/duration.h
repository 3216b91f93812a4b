// Lengths of time as people type them.
#pragma once

#include <string>

namespace synth::cli {

// "90s", "30m", "1h30m", "2h", or a bare number of seconds. InputError naming `place`.
double parse_duration(const std::string& text, const std::string& place);

}  // namespace synth::cli
