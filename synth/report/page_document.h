// What the page of report and dashboard shows of a run, as one JSON document of bounded size (docs/dashboard.md).
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>

#include "results_db/records.h"
#include "synth/report/run_view.h"

namespace synth::report {

// Beyond these a run is told in part; the page says what was left out and which command tells it.
struct PageLimits {
  std::size_t evidence_bytes = 4 << 20;  // sentences of what drove the changes, accepted generators first
  std::size_t text_bytes = 400;          // of one reason or message
  std::size_t messages = 1000;           // of networks that were not trained
  int details = 200;                     // networks with picture and layer table; 0 where the page asks for them
};

// Reads a record again, with its evidence.
using RecordWithEvidence = std::function<results_db::Record(int id)>;

// One entry of "runs" of schema synth/report/1.
nlohmann::ordered_json page_run(const RunView& view, const RecordWithEvidence& with_evidence,
                                const PageLimits& limits = {});

// The networks of which the page shows most: the prototype, the best one, the family, then those of accepted
// generators, the last first.
std::vector<int> page_details(const RunView& view, int most);

}  // namespace synth::report
