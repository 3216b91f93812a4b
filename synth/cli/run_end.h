// What is said at the end of a run, and how it goes on.
#pragma once

#include <string>

#include "synth/cli/console.h"
#include "synth/cli/search_config.h"
#include "synth/engine/experiment.h"
#include "synth/report/run_view.h"

namespace synth::cli {

// One sentence for the database and the user: why the run ended. `state` is what engine::run returned.
std::string ending(const std::string& state, const engine::Experiment& experiment, const SearchOptions& options);

// The command that goes on with a run: with more of whatever limit ended it. Empty if it ended without reaching a
// limit: then nothing is left to try.
std::string resume_command(const std::string& path, const SearchOptions& options, const report::RunView& view);

// The commands that a user may want next.
void suggest_next(Console& console, const std::string& path, const SearchOptions& options, const report::RunView& view);

}  // namespace synth::cli
