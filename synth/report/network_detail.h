// One network as the page of report and dashboard shows it: boxes, layers with their costs, and probing evidence.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "results_db/records.h"
#include "search_space/architecture.h"
#include "synth/engine/requirements.h"

namespace synth::report {

// "columns[{title, detail, boxes[{kind, title, widths, tooltip, details, stride, bypass, colour, slot}]}]",
// "layers[[name, operation, output shape, parameters, multiply-adds, weight bytes, activation bytes, slot]]" and, as
// far as the record was read with its evidence, "evidence{probe_loss, slots[[slot, bypass loss change]], layers[[name,
// slot, effective rank, SNR in dB]]}". Memory is counted at the required precisions.
nlohmann::ordered_json network_detail(const search_space::Architecture& architecture, const results_db::Record& record,
                                      const engine::Requirements& requirements);

}  // namespace synth::report
