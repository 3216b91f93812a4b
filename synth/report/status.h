// Where a run stands: configuration, progress, generators so far, best network, family, time and evaluations spent.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "synth/report/run_view.h"

namespace synth::report {

std::string status_text(const RunView& view, int columns = 0);
nlohmann::ordered_json status_json(const RunView& view);  // schema synth/status/1

// The part of it that a search prints at its end: one line per accepted generator, with the spread of its networks.
std::string generators_table(const RunView& view, int columns = 0);

}  // namespace synth::report
