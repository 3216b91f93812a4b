// How the networks of a run came to be: generators in order, and the ancestry of one network.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "synth/report/run_view.h"

namespace synth::report {

// Generators in order with mean U, spread, requirement margins, and why each was accepted or rejected.
// `columns`: width of the terminal, 0 = unlimited.
std::string lineage_text(const RunView& view, int columns = 0);
// The ten accepted generators that matter: the first, the last, and those that gained most. With bars where there is a
// terminal.
std::string lineage_summary(const RunView& view, int columns = 0);
nlohmann::ordered_json lineage_json(const RunView& view);  // schema synth/lineage/1; without timings
std::string lineage_dot(const RunView& view);
std::string lineage_svg(const RunView& view);

// One network's chain of parents, the prototype first, with what changed at each step and what it did to accuracy,
// parameters and multiply-adds. `id` must be a record of the run.
std::string ancestry_text(const RunView& view, int id, int columns = 0);
// Schema synth/lineage/1: "generators" and "networks" are those of the ancestry, besides "network" and "ancestry" (its
// networks, each with "changes" and "delta").
nlohmann::ordered_json ancestry_json(const RunView& view, int id);
std::string ancestry_dot(const RunView& view, int id);
std::string ancestry_svg(const RunView& view, int id);

}  // namespace synth::report
