// Prototypes as JSON, schema "synth/prototype/1".
#include "prototypes/prototype_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "search_space/architecture_parts.h"
#include "search_space/errors.h"
#include "search_space/lowering.h"
#include "search_space/search_space.h"

namespace prototypes {
namespace {

using search_space::JsonReader;
using search_space::Prototype;
using search_space::Shape;
using search_space::Slot;

constexpr const char* schema = "synth/prototype/1";

int multiple_of(const JsonReader& json, int multiple) {
  const int width = json.integer(1, search_space::largest_width);
  if (width % multiple != 0)
    json.fail(fmt::format("found {}; allowed are multiples of {} (channel_multiple)", width, multiple));
  return width;
}

// Open widths: as written, or a ladder from an eighth of the prototype's own width.
std::vector<int> open_widths(const JsonReader& json, const std::string& key, int own, int multiple) {
  std::vector<int> widths;
  if (json.has(key)) {
    for (const JsonReader& item : json.at(key).items()) widths.push_back(multiple_of(item, multiple));
    if (widths.empty()) return widths;
  } else {
    for (const int width : search_space::width_ladder(own, multiple)) {
      if (width * 8 >= own) widths.push_back(width);
    }
  }
  widths.push_back(own);
  std::sort(widths.begin(), widths.end());
  widths.erase(std::unique(widths.begin(), widths.end()), widths.end());
  return widths;
}

std::vector<std::string> known_kinds() {
  std::vector<std::string> kinds;
  for (const auto* type : search_space::module_registry()) kinds.emplace_back(type->name());
  return kinds;
}

std::vector<std::string> kinds_from_json(const JsonReader& json) {
  std::vector<std::string> kinds;
  for (const JsonReader& item : json.items()) {
    kinds.push_back(item.one_of(known_kinds()));
    if (std::count(kinds.begin(), kinds.end(), kinds.back()) > 1) item.fail("'" + kinds.back() + "' appears twice");
  }
  return kinds;
}

class Loader {
 public:
  Loader(const JsonReader& document, std::string source) : document_(document), source_(std::move(source)) {}

  Prototype load() {
    document_.object({"schema", "name", "description", "role", "input", "classes", "sizes", "channel_multiple", "stem",
                      "stem_widths", "stages", "kinds", "head", "head_narrows"});
    document_.at("schema").one_of({schema});
    prototype_.name = document_.has("name") ? document_.at("name").label() : source_;
    prototype_.description = document_.text_or("description", "");
    document_.one_of_or("role", "prototype", {"prototype", "reference"});
    prototype_.channel_multiple = document_.integer_or("channel_multiple", 4, 1, 1024);
    prototype_.design.input = search_space::shape_from_json(document_.at("input"));
    prototype_.design.classes = document_.integer("classes", 2, search_space::largest_classes);
    sizes();
    stem();
    if (document_.has("head")) prototype_.design.head = search_space::head_from_json(document_.at("head"));
    prototype_.head_narrows = document_.boolean_or("head_narrows", true);
    shape_ = search_space::stem_output(prototype_.design, source_);
    const auto stages = document_.at("stages").items();
    if (stages.empty()) document_.at("stages").fail("found no stage; at least one is needed");
    for (const JsonReader& item : stages) stage(item);
    settle_kinds();
    return std::move(prototype_);
  }

 private:
  void sizes() {
    if (!document_.has("sizes")) return;
    const JsonReader sizes = document_.at("sizes");
    sizes.object({"smallest", "largest"});
    prototype_.minimum_size = sizes.integer_or("smallest", 1, 1, search_space::largest_image);
    prototype_.maximum_size =
        sizes.integer_or("largest", search_space::largest_image, prototype_.minimum_size, search_space::largest_image);
    const Shape& input = prototype_.design.input;
    if (std::min(input.height, input.width) < prototype_.minimum_size ||
        std::max(input.height, input.width) > prototype_.maximum_size) {
      document_.at("input").fail(fmt::format("found {} x {}; sizes allow {} to {}", input.height, input.width,
                                             prototype_.minimum_size, prototype_.maximum_size));
    }
  }

  void stem() {
    const JsonReader stem = document_.at("stem");
    prototype_.design.stem = search_space::layers_from_json(stem);
    int convolutions = 0, width = 0;
    const auto items = stem.items();
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (prototype_.design.stem[i].op != "conv") continue;
      width = multiple_of(items[i].at("width"), prototype_.channel_multiple);
      ++convolutions;
    }
    if (convolutions == 1) {
      prototype_.stem_widths = open_widths(document_, "stem_widths", width, prototype_.channel_multiple);
    } else if (document_.has("stem_widths")) {
      document_.at("stem_widths").fail("allowed only where the stem has exactly one convolution");
    }
  }

  void stage(const JsonReader& json) {
    json.object({"width", "stride", "slots", "module", "kinds", "widths", "shortcut", "activation"});
    const int index = static_cast<int>(prototype_.stage_widths.size());
    Slot slot;
    slot.stage = index;
    slot.width = multiple_of(json.at("width"), prototype_.channel_multiple);
    slot.stride = json.integer_or("stride", 1, 1, 2);
    if (json.has("shortcut")) slot.shortcut = search_space::shortcut_from_json(json.at("shortcut"));
    if (json.has("activation")) slot.activation = search_space::activation_from_json(json.at("activation"));
    prototype_.stage_widths.push_back(open_widths(json, "widths", slot.width, prototype_.channel_multiple));

    const JsonReader slots = json.at("slots");
    const bool listed = slots.value().is_array();
    const std::vector<JsonReader> items = listed ? slots.items() : std::vector<JsonReader>{};
    const int count = listed ? static_cast<int>(items.size()) : slots.integer(1, search_space::largest_slots);
    if (count == 0) slots.fail("found no slot; a stage needs at least one");
    if (count + prototype_.design.slots.size() > search_space::largest_slots) {
      slots.fail(fmt::format("with this stage the prototype has {} slots; allowed are at most {}",
                             count + prototype_.design.slots.size(), search_space::largest_slots));
    }
    for (int i = 0; i < count; ++i) {
      if (i > 0) slot.stride = 1;
      add(json, listed ? &items[i] : nullptr, slot);
    }
  }

  void add(const JsonReader& stage, const JsonReader* own, Slot slot) {
    const bool object = own && own->value().is_object();
    if (object) own->object({"module", "kinds", "kind", "parameters"});
    // A listed slot is a module (its name, or kind and parameters), or {"module": ..., "kinds": [...]}.
    const bool wrapped = object && (own->has("module") || own->has("kinds"));
    const JsonReader& holder = wrapped && own->has("module") ? *own : stage;
    const search_space::ModuleContext context{shape_, slot.width, slot.stride, prototype_.channel_multiple};
    slot.module = search_space::module_from_json(own && !wrapped ? *own : holder.at("module"), context);
    shape_ = {slot.width, (shape_.height + slot.stride - 1) / slot.stride,
              (shape_.width + slot.stride - 1) / slot.stride};
    prototype_.design.slots.push_back(slot);

    const bool explicit_kinds = wrapped && own->has("kinds");
    std::vector<std::string> kinds = {slot.module.kind};
    for (const JsonReader* level : {explicit_kinds ? own : nullptr, &stage, &document_}) {
      if (!level || !level->has("kinds")) continue;
      kinds = kinds_from_json(level->at("kinds"));
      break;
    }
    prototype_.kinds.push_back(std::move(kinds));
    explicit_.push_back(explicit_kinds);
  }

  // A list for a stage or the whole prototype means "where shapes permit"; a list for one slot is meant literally, and
  // SearchSpace refuses it if impossible.
  void settle_kinds() {
    for (int i = 0; i < static_cast<int>(prototype_.kinds.size()); ++i) {
      auto& kinds = prototype_.kinds[i];
      const std::string& own = prototype_.design.slots[i].module.kind;
      if (!kinds.empty() && std::find(kinds.begin(), kinds.end(), own) == kinds.end()) kinds.push_back(own);
      if (explicit_[i]) continue;
      std::erase_if(kinds, [&](const std::string& kind) {
        return kind != own && !search_space::kind_why_not(prototype_, i, kind).empty();
      });
    }
  }

  const JsonReader& document_;
  std::string source_;
  Prototype prototype_;
  Shape shape_;
  std::vector<bool> explicit_;
};

nlohmann::ordered_json stage_to_json(const Prototype& prototype, int first, int last) {
  const Slot& head = prototype.design.slots[first];
  nlohmann::ordered_json slots = nlohmann::ordered_json::array();
  for (int i = first; i < last; ++i) {
    slots.push_back(
        {{"module", search_space::module_to_json(prototype.design.slots[i].module)}, {"kinds", prototype.kinds[i]}});
  }
  return {{"width", head.width},
          {"stride", head.stride},
          {"shortcut", search_space::shortcut_name(head.shortcut)},
          {"activation", head.activation},
          {"widths", prototype.stage_widths[head.stage]},
          {"slots", slots}};
}

}  // namespace

Prototype prototype_from_json(const nlohmann::json& json, const std::string& source) {
  const JsonReader document(json, source);
  Prototype prototype = Loader(document, source).load();
  try {
    search_space::SearchSpace{prototype};
  } catch (const search_space::InputError& error) {
    throw search_space::InputError(source + ": " + error.what());
  }
  return prototype;
}

nlohmann::ordered_json prototype_to_json(const Prototype& prototype) {
  const auto& design = prototype.design;
  nlohmann::ordered_json json = {{"schema", schema},
                                 {"name", prototype.name},
                                 {"description", prototype.description},
                                 {"input", search_space::shape_to_json(design.input)},
                                 {"classes", design.classes},
                                 {"sizes", {{"smallest", prototype.minimum_size}, {"largest", prototype.maximum_size}}},
                                 {"channel_multiple", prototype.channel_multiple},
                                 {"stem", search_space::layers_to_json(design.stem)}};
  const auto convolutions =
      std::count_if(design.stem.begin(), design.stem.end(), [](const auto& layer) { return layer.op == "conv"; });
  if (convolutions == 1) json["stem_widths"] = prototype.stem_widths;
  nlohmann::ordered_json stages = nlohmann::ordered_json::array();
  const int slots = static_cast<int>(design.slots.size());
  for (int first = 0, last = 0; first < slots; first = last) {
    while (last < slots && design.slots[last].stage == design.slots[first].stage) ++last;
    stages.push_back(stage_to_json(prototype, first, last));
  }
  json["stages"] = std::move(stages);
  json["head"] = search_space::head_to_json(design.head);
  json["head_narrows"] = prototype.head_narrows;
  return json;
}

Prototype prototype_of(const search_space::Architecture& architecture, const std::string& name) {
  Prototype prototype;
  prototype.name = name;
  prototype.design = architecture;
  prototype.channel_multiple = 1;
  for (const Slot& slot : architecture.slots) {
    prototype.kinds.push_back({slot.module.kind});
    prototype.stage_widths.resize(slot.stage + 1);
  }
  return prototype;
}

}  // namespace prototypes
