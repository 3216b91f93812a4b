// Built-in and user-supplied prototypes, and their adaptation to a data set.
#include "prototypes/library.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "prototypes/embedded.h"
#include "prototypes/prototype_json.h"
#include "prototypes/stems.h"
#include "search_space/architecture_json.h"
#include "search_space/architecture_parts.h"
#include "search_space/errors.h"
#include "search_space/json_reader.h"
#include "search_space/lowering.h"
#include "search_space/search_space.h"

namespace prototypes {
namespace {

using search_space::InputError;
using search_space::Prototype;

// What stands between the separators, also where that is nothing.
std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  for (std::size_t start = 0; start <= text.size();) {
    const std::size_t end = std::min(text.find(separator, start), text.size());
    parts.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  return parts;
}

// The number that is the whole of `text`.
template <typename Number>
Number parsed(const std::string& text, const std::string& option, Number smallest, Number largest) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !(value >= smallest && value <= largest)) {
    throw InputError(fmt::format("{}: found '{}'; allowed are numbers from {} to {}", option, text, smallest, largest));
  }
  return value;
}

Prototype from_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw InputError(fmt::format("{}: no such file, or it cannot be read", path));
  std::ostringstream text;
  text << file.rdbuf();
  const nlohmann::json json = search_space::parse_json(text.str(), path);
  const search_space::JsonReader document(json, path);
  const std::vector<std::string> schemas = {"synth/architecture/1", "synth/prototype/1"};
  if (json.is_object() && !document.has("schema")) {
    document.fail(
        fmt::format("key 'schema' is missing; it must be \"{}\" (one network, with 'slots') or \"{}\" (with "
                    "'stages' that a search may change)",
                    schemas[0], schemas[1]));
  }
  if (json.is_object() && document.at("schema").one_of(schemas) == schemas[0]) {
    return prototype_of(search_space::architecture_from_json(json, path), document.text_or("name", path));
  }
  return prototype_from_json(json, path);
}

Prototype from_name(const std::string& name) {
  std::vector<std::string> known;
  for (const EmbeddedFile& file : embedded_files()) {
    if (file.name == name) return prototype_from_json(search_space::parse_json(file.text, name), name);
    known.emplace_back(file.name);
  }
  throw InputError(fmt::format("unknown network '{}'{} (a file's name must end in .json)", name,
                               search_space::suggestion(name, known)));
}

std::string trimmed(const std::string& text) {
  const std::size_t begin = text.find_first_not_of(' ');
  return begin == std::string::npos ? "" : text.substr(begin, text.find_last_not_of(' ') - begin + 1);
}

// "224" or "224x160": height and width.
void set_size(Adaptation& adaptation, const std::string& value, const std::string& place) {
  const auto cross = value.find('x');
  const std::string height = value.substr(0, cross),
                    width = cross == std::string::npos ? height : value.substr(cross + 1);
  constexpr const char* digits = "0123456789";
  if (height.empty() || width.empty() || height.find_first_not_of(digits) != std::string::npos ||
      width.find_first_not_of(digits) != std::string::npos) {
    throw InputError(fmt::format("{}: found '{}'; write size=H for H x H pixels, or size=HxW", place, value));
  }
  adaptation.height = parsed(height, place, 1, search_space::largest_image);
  adaptation.width = parsed(width, place, 1, search_space::largest_image);
}

void set_option(Adaptation& adaptation, const std::string& name, const std::string& value, const std::string& place) {
  if (name == "classes") adaptation.classes = parsed(value, place, 2, search_space::largest_classes);
  if (name == "channels") adaptation.channels = parsed(value, place, 1, search_space::largest_width);
  if (name == "width") adaptation.width_factor = parsed(value, place, 0.001, 1000.0);
  if (name == "size") set_size(adaptation, value, place);
  if (name == "stem") {
    const auto stems = stem_names();
    if (std::find(stems.begin(), stems.end(), value) == stems.end()) {
      throw InputError(fmt::format("{}: found '{}'; allowed: {}", place, value, fmt::join(stems, ", ")));
    }
    adaptation.stem = value;
  }
}

int scaled(int width, double factor, int multiple) {
  const int rounded = search_space::nearest_multiple(width * factor, multiple);
  if (rounded > search_space::largest_width) {
    throw InputError(
        fmt::format("width factor {}: a width of {} exceeds {}", factor, rounded, search_space::largest_width));
  }
  return rounded;
}

void scale_ladder(std::vector<int>& widths, double factor, int multiple) {
  for (int& width : widths) width = scaled(width, factor, multiple);
  std::sort(widths.begin(), widths.end());
  widths.erase(std::unique(widths.begin(), widths.end()), widths.end());
}

void scale_module(search_space::ModuleSpec& spec, const search_space::ModuleContext& before, int in_after,
                  double factor) {
  using Role = search_space::ParameterSpec::Role;
  const search_space::ModuleSpec original = spec;
  const auto parameters = search_space::module_type(spec.kind).decisions(before);
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    if (parameters[i].role == Role::width) {
      spec.parameters[i].value = scaled(original.parameters[i].value, factor, before.channel_multiple);
    }
  }
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    if (parameters[i].role != Role::groups) continue;
    std::vector<int> widths;
    int at_most = original.parameters[i].value;
    for (const std::string& name : parameters[i].divides) {
      widths.push_back(name == "in" ? in_after : spec.at(name));
      // One group per channel stays one group per channel.
      const int was = name == "in" ? before.input.channels : original.at(name);
      if (was == original.parameters[i].value) at_most = widths.back();
    }
    spec.parameters[i].value = search_space::largest_common_divisor(widths, at_most);
  }
}

void scale_widths(Prototype& prototype, double factor) {
  const int multiple = prototype.channel_multiple;
  auto& design = prototype.design;
  int before = design.input.channels, after = before;
  for (auto& layer : design.stem) {
    if (layer.op != "conv") continue;
    before = layer.width;
    after = layer.width = scaled(layer.width, factor, multiple);
  }
  for (auto& slot : design.slots) {
    const int width = slot.width;
    slot.width = scaled(width, factor, multiple);
    // Domains are not used here, so that the image's size does not matter.
    scale_module(slot.module, {{before, 1, 1}, width, slot.stride, multiple}, after, factor);
    before = width;
    after = slot.width;
  }
  const double head = prototype.head_narrows ? factor : std::max(factor, 1.0);
  for (auto& layer : design.head.layers) layer.width = layer.op == "conv" ? scaled(layer.width, head, multiple) : 0;
  if (design.head.hidden > 0) design.head.hidden = scaled(design.head.hidden, head, multiple);
  scale_ladder(prototype.stem_widths, factor, multiple);
  for (auto& widths : prototype.stage_widths) scale_ladder(widths, factor, multiple);
}

}  // namespace

std::string base_of(const std::string& spec) {
  static const std::string ending = ".json";
  for (std::size_t at = spec.rfind(ending); at != std::string::npos && at > 0; at = spec.rfind(ending, at - 1)) {
    const std::size_t end = at + ending.size();
    if (end < spec.size() && spec[end] != ',') continue;
    std::error_code ignored;
    if (std::filesystem::is_regular_file(spec.substr(0, end), ignored)) return spec.substr(0, end);
  }
  return spec.substr(0, spec.find(','));
}

bool names_file(const std::string& spec) {
  const std::string base = base_of(spec);
  std::error_code ignored;
  return base.ends_with(".json") && std::filesystem::is_regular_file(base, ignored);
}

std::vector<Entry> builtins() {
  std::vector<Entry> entries;
  for (const EmbeddedFile& file : embedded_files()) {
    const nlohmann::json json = search_space::parse_json(file.text, std::string(file.name));
    const Role role = json.value("role", "prototype") == "reference" ? Role::reference : Role::prototype;
    entries.push_back({std::string(file.name), role, json.value("description", "")});
  }
  return entries;
}

Adaptation adaptation_of(const std::string& spec) {
  Adaptation adaptation;
  std::vector<std::string> given;
  // The first part is what the base leaves empty.
  const auto parts = split(spec.substr(base_of(spec).size()), ',');
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const auto equals = parts[i].find('=');
    const std::string name = trimmed(parts[i].substr(0, equals));
    if (name.empty()) throw InputError(spec + ": an option is missing after a comma; write NAME=VALUE, or no comma");
    const std::string place = spec + ": " + name;
    const std::vector<std::string> known = {"classes", "size", "channels", "width", "stem"};
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      throw InputError(fmt::format("{}: unknown option{}", place, search_space::suggestion(name, known)));
    }
    if (equals == std::string::npos) throw InputError(place + ": a value is missing; write " + name + "=VALUE");
    if (std::find(given.begin(), given.end(), name) != given.end()) throw InputError(place + ": is given twice");
    given.push_back(name);
    set_option(adaptation, name, trimmed(parts[i].substr(equals + 1)), place);
  }
  return adaptation;
}

Prototype adapt(Prototype prototype, const Adaptation& adaptation) {
  if (!adaptation.stem.empty()) replace_stem(prototype, adaptation.stem);
  auto& input = prototype.design.input;
  if (adaptation.classes > 0) prototype.design.classes = adaptation.classes;
  if (adaptation.channels > 0) input.channels = adaptation.channels;
  if (adaptation.height > 0) input.height = adaptation.height;
  if (adaptation.width > 0) input.width = adaptation.width;
  if (std::min(input.height, input.width) < prototype.minimum_size ||
      std::max(input.height, input.width) > prototype.maximum_size) {
    throw InputError(fmt::format("{}: images of {} x {}; it is meant for sides of {} to {} pixels", prototype.name,
                                 input.height, input.width, prototype.minimum_size, prototype.maximum_size));
  }
  if (adaptation.width_factor != 1.0) scale_widths(prototype, adaptation.width_factor);
  search_space::SearchSpace{prototype};  // refuses what has become impossible
  return prototype;
}

Prototype load(const std::string& spec) {
  const std::string base = base_of(spec);
  const Adaptation adaptation = adaptation_of(spec);
  const bool file = base.size() > 5 && base.ends_with(".json");
  return adapt(file ? from_file(base) : from_name(base), adaptation);
}

}  // namespace prototypes
