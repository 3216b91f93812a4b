// Completion scripts of the three shells.
#pragma once

#include <string>
#include <vector>

#include "synth/cli/option_table.h"

namespace synth::cli {

std::string bash_completion(const std::vector<CommandTable>& commands);
std::string zsh_completion(const std::vector<CommandTable>& commands);
std::string fish_completion(const std::vector<CommandTable>& commands);

}  // namespace synth::cli
