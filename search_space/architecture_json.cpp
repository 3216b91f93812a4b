// Architectures as JSON, schema "synth/architecture/1".
#include "search_space/architecture_json.h"

#include <nlohmann/json.hpp>

#include "search_space/architecture_parts.h"
#include "search_space/errors.h"
#include "search_space/lowering.h"

namespace search_space {
namespace {

constexpr const char* schema = "synth/architecture/1";

nlohmann::ordered_json slot_to_json(const Slot& slot) {
  return {{"stage", slot.stage + 1},
          {"stride", slot.stride},
          {"width", slot.width},
          {"module", module_to_json(slot.module)},
          {"shortcut", shortcut_name(slot.shortcut)},
          {"activation", slot.activation}};
}

Slot slot_from_json(const JsonReader& json, const Slot* previous, Shape& shape) {
  json.object({"stage", "stride", "width", "module", "shortcut", "activation"});
  Slot slot;
  const int current = previous ? previous->stage + 1 : 0;  // 1-based stage before this slot
  slot.stage = json.integer("stage", std::max(1, current), current + 1) - 1;
  slot.stride = json.integer_or("stride", 1, 1, 2);
  slot.width = json.integer("width", 1, largest_width);
  if (json.has("shortcut")) slot.shortcut = shortcut_from_json(json.at("shortcut"));
  if (json.has("activation")) slot.activation = activation_from_json(json.at("activation"));
  const bool same_stage = previous && previous->stage == slot.stage;
  if (same_stage && slot.shortcut == Shortcut::residual && slot.width != previous->width) {
    json.at("width").fail("found " + std::to_string(slot.width) +
                          "; a stage with residual shortcuts has one width, here " + std::to_string(previous->width));
  }
  slot.module = module_from_json(json.at("module"), {shape, slot.width, slot.stride, 1});
  shape = {slot.width, (shape.height + slot.stride - 1) / slot.stride, (shape.width + slot.stride - 1) / slot.stride};
  return slot;
}

}  // namespace

nlohmann::ordered_json architecture_to_json(const Architecture& architecture, const std::string& name) {
  nlohmann::ordered_json json = {{"schema", schema}};
  if (!name.empty()) json["name"] = name;
  json["input"] = shape_to_json(architecture.input);
  json["classes"] = architecture.classes;
  json["stem"] = layers_to_json(architecture.stem);
  nlohmann::ordered_json slots = nlohmann::ordered_json::array();
  for (const Slot& slot : architecture.slots) slots.push_back(slot_to_json(slot));
  json["slots"] = std::move(slots);
  json["head"] = head_to_json(architecture.head);
  return json;
}

Architecture architecture_from_json(const nlohmann::json& json, const std::string& source) {
  const JsonReader reader(json, source);
  reader.object({"schema", "name", "description", "input", "classes", "stem", "slots", "head"});
  reader.at("schema").one_of({schema});
  if (reader.has("name")) reader.at("name").label();
  if (reader.has("description")) reader.at("description").text();
  Architecture architecture;
  architecture.input = shape_from_json(reader.at("input"));
  architecture.classes = reader.integer("classes", 2, largest_classes);
  architecture.stem = layers_from_json(reader.at("stem"));
  if (reader.has("head")) architecture.head = head_from_json(reader.at("head"));
  Shape shape = stem_output(architecture, source);
  const JsonReader list = reader.at("slots");
  if (list.value().is_array() && list.value().size() > largest_slots) {
    list.fail("found " + std::to_string(list.value().size()) + " slots; allowed are at most " +
              std::to_string(largest_slots));
  }
  const std::vector<JsonReader> slots = list.items();
  for (const JsonReader& slot : slots) {
    const Slot* previous = architecture.slots.empty() ? nullptr : &architecture.slots.back();
    architecture.slots.push_back(slot_from_json(slot, previous, shape));
  }
  try {
    lower(architecture);
  } catch (const InputError& error) {
    throw InputError(source + ": " + error.what());
  }
  return architecture;
}

}  // namespace search_space
