// What this process computes with, and whether that rounds as an earlier session of a run did.
#pragma once

#include <string>
#include <vector>

#include "results_db/sessions.h"
#include "synth/cli/search_config.h"

namespace synth::cli {

results_db::Session describe_session(const SearchOptions& options);

// "bf16: then yes, now no", ...: everything that results depend on, bit for bit. Empty = the run can go on as it began.
// Another model of processor with the same instruction sets is no difference.
std::vector<std::string> differences(const results_db::Session& before, const results_db::Session& now);

}  // namespace synth::cli
