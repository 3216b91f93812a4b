// Networks that a reader knows, beside those of a run: the library's prototypes and reference networks.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "search_space/architecture.h"
#include "synth/engine/requirements.h"

namespace synth::report {

// Each built-in network at this design's input and classes, with its exact costs at the required precisions:
// [{name, description, parameters, multiply_adds, weight_bytes, peak_activation_bytes, published|null}], the smallest
// first. `published{accuracy, data, source}`: top-1 as a paper printed it, on the paper's data. Left out are the design
// itself and networks that such an input is too small to pass through.
nlohmann::ordered_json landmarks_beside(const search_space::Architecture& design,
                                        const engine::Requirements& requirements);

}  // namespace synth::report
