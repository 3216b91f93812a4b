// Prototypes as JSON, schema "synth/prototype/1" (docs/formats.md, docs/schemas/prototype.json).
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "search_space/prototype.h"

namespace prototypes {

// Validates fully; InputError names `source`, the JSON path, what was found and what is allowed.
search_space::Prototype prototype_from_json(const nlohmann::json& json, const std::string& source);

nlohmann::ordered_json prototype_to_json(const search_space::Prototype& prototype);

// A network whose slots are open to their own kinds, and whose widths are open too.
search_space::Prototype prototype_of(const search_space::Architecture& architecture, const std::string& name);

}  // namespace prototypes
