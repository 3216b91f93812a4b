// What this program itself says to other words, as a command of its own.
#pragma once

#include <string>
#include <vector>

namespace synth::cli {

// Stdout; messages are dropped. EnvironmentError where no process can be started.
std::string output_of_synth(const std::vector<std::string>& words);

}  // namespace synth::cli
