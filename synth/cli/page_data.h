// What the page of report and dashboard shows, read from run databases.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "synth/report/page_document.h"

namespace synth::cli {

// One entry of "runs", with what is left: "budget{seconds, evaluations, generators}", 0 = no limit, and "in_flight",
// the networks that are being evaluated. EnvironmentError, InputError as open_run; a damaged run is an
// EnvironmentError, too.
nlohmann::ordered_json page_run(const std::string& path, const report::PageLimits& limits);

// The "belief" of an entry (report/page_belief.h); null for a trainer of the user's own, of whose course nothing is
// known.
nlohmann::ordered_json page_belief(const std::string& path);

// The "sheet" of an entry (report/data_sheet.h), or {"error": why there is none}: data that cannot be read now, or are
// others than those of the search. Reads the whole data set.
nlohmann::ordered_json page_sheet(const std::string& path);

// Schema synth/report/1 of these runs; the first that cannot be read is thrown.
// `paths`: runs, and among them results of `synth bench` (FILE.json), which stand in "benches". Without `images` no
// data set is read. InputError where there is no run.
nlohmann::ordered_json page_document(const std::vector<std::string>& paths, bool images);

}  // namespace synth::cli
