// Architectures as JSON, schema "synth/architecture/1" (docs/formats.md, docs/schemas/architecture.json).
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "search_space/architecture.h"

namespace search_space {

nlohmann::ordered_json architecture_to_json(const Architecture& architecture, const std::string& name = {});

// Validates fully; InputError names `source`, the JSON path, what was found and what is allowed.
Architecture architecture_from_json(const nlohmann::json& json, const std::string& source);

}  // namespace search_space
