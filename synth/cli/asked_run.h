// A run whose networks are evaluated by the user's own loop: what `ask` and `tell` share.
#pragma once

#include <string>
#include <vector>

#include "synth/cli/console.h"
#include "synth/cli/run_context.h"

namespace synth::cli {

// Opens the run for writing; while another process has it, says so and waits. InputError where it is no such run.
RunContext open_asked_run(const std::string& path, Console& console);

// Where all candidates are answered: records them, and proposes the next, by the same steps that a search takes.
// Interrupted at any moment it is done again. Returns "running", "done" or "infeasible", and says of an end why.
std::string advance(RunContext& context, Console& console);

// Numbers of the candidates that were given out and not answered.
std::vector<int> in_flight(const RunContext& context);

}  // namespace synth::cli
