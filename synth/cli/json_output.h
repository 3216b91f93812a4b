// Data for scripts.
#pragma once

#include <nlohmann/json_fwd.hpp>

namespace synth::cli {

// One document, indented, on stdout.
void print_json(const nlohmann::ordered_json& document);

}  // namespace synth::cli
