// What `synth search` without options does on a terminal.
#pragma once

#include <string>
#include <vector>

#include "synth/cli/command.h"

namespace synth::cli {

struct SearchChoice {
  std::string command;                 // "search" or "resume"
  std::vector<std::string> arguments;  // of it
  std::string said;                    // what was chosen and how to choose otherwise; ends with a newline
};

// Goes on with the folder's interrupted default run, or searches by the configuration that `synth init` wrote there, or
// on the embedded data; into a run that does not exist yet.
SearchChoice choose_search(const std::string& folder);

// `synth search`: without options and on a terminal as chosen, else as given.
int search_or_choose(const Command& self, const std::vector<std::string>& arguments);

}  // namespace synth::cli
