// One network's chain of parents: the prototype (or whatever was trained from scratch) first. What lineage.cpp and
// ancestry.cpp share. Internal to reports.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "synth/report/diff.h"
#include "synth/report/run_view.h"

namespace synth::report {

struct Step {
  const results_db::Record* network = nullptr;
  std::vector<Difference> changes;  // from the step before; empty at the first
};

std::vector<Step> ancestry_of(const RunView& view, int id);

// "vac(...) to 64 -> pepe(...) to 64", "+ ...", "- ...".
std::string change_text(const Difference& difference);

// An entry of "generators" in lineage documents.
nlohmann::ordered_json lineage_generator_json(const RunView& view, const results_db::GeneratorRecord& generator);

}  // namespace synth::report
