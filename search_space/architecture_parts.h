// The JSON of an architecture's parts, shared by the architecture and prototype formats.
#pragma once

#include <nlohmann/json.hpp>

#include "search_space/architecture.h"
#include "search_space/json_reader.h"
#include "search_space/module.h"

namespace search_space {

inline constexpr int largest_width = 1 << 16;  // channels
inline constexpr int largest_image = 1 << 14;  // pixels of a side
inline constexpr int largest_classes = 1 << 20;
inline constexpr int largest_slots = 1 << 10;
inline constexpr int largest_layers = 1 << 8;  // of a stem or head
inline constexpr int largest_kernel = 15;
inline constexpr int largest_multiplier = 64;

Shape shape_from_json(const JsonReader& json);
std::vector<Layer> layers_from_json(const JsonReader& json);
Head head_from_json(const JsonReader& json);
// Shape after the stem; InputError naming `source` if the input is too small for it.
Shape stem_output(const Architecture& architecture, const std::string& source);
Shortcut shortcut_from_json(const JsonReader& json);
std::string activation_from_json(const JsonReader& json);

// {"kind": ..., "parameters": {...}} or, for a kind by its name alone, the largest parameters that the context offers.
// Checks the parameters against each other, and whether the kind can stand in the context.
ModuleSpec module_from_json(const JsonReader& json, const ModuleContext& context);

// Why a kind's parameters cannot be (" groups: 3 does not divide ..."); empty if they can. `at` receives the
// parameter's name.
std::string parameters_why_not(const ModuleSpec& spec, const ModuleContext& context, std::string* at = nullptr);

nlohmann::ordered_json shape_to_json(const Shape& shape);
nlohmann::ordered_json layers_to_json(const std::vector<Layer>& layers);
nlohmann::ordered_json head_to_json(const Head& head);
nlohmann::ordered_json module_to_json(const ModuleSpec& spec);
std::string_view shortcut_name(Shortcut shortcut);

}  // namespace search_space
