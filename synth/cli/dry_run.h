// synth search --dry-run: what can be said before a search.
#pragma once

#include <string>

#include "synth/cli/search_run.h"
#include "synth/engine/cost_range.h"

namespace synth::cli {

// `infeasible`: why costs rule every network out; empty if they do not. Returns an Exit.
int run_dry(const RunParts& parts, const engine::CostRange& range, const std::string& infeasible, Console& console,
            bool json);

}  // namespace synth::cli
