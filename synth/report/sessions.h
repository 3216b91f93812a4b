// On what a run was computed, and what crashed in it.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <utility>
#include <vector>

#include "synth/report/run_view.h"

namespace synth::report {

// Lines of `status`: the last session's machine, sessions on other ones, crashes.
std::vector<std::pair<const char*, std::string>> session_lines(const RunView& view);
nlohmann::ordered_json sessions_json(const RunView& view);
nlohmann::ordered_json crashes_json(const RunView& view);

}  // namespace synth::report
