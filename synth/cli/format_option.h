// --format beside --json, for commands that print in several forms.
#pragma once

#include <string>
#include <vector>

#include "synth/cli/common_options.h"

namespace synth::cli {

// The format asked for: --json means "json". InputError where both are given and differ, or the format is not one of
// `known`.
std::string chosen_format(const CommandLine& line, const std::string& command, const std::string& format,
                          const std::vector<std::string>& known);

}  // namespace synth::cli
