// Layers, heads and modules as JSON.
#include "search_space/architecture_parts.h"

#include <fmt/format.h>

#include <algorithm>

#include "search_space/errors.h"
#include "search_space/lowering.h"

namespace search_space {
namespace {

const std::vector<std::string> activations = {"relu", "hard_swish", "none"};
const std::vector<std::string> shortcuts = {"residual", "identity", "none"};

std::pair<int, int> extreme_values(ParameterSpec::Role role) {
  using Role = ParameterSpec::Role;
  if (role == Role::flag) return {0, 1};
  return {1, role == Role::kernel ? largest_kernel : role == Role::multiplier ? largest_multiplier : largest_width};
}

ModuleSpec default_spec(const ModuleType& type, const ModuleContext& context) {
  ModuleSpec spec{std::string(type.name()), {}};
  const std::vector<ParameterSpec> parameters = type.decisions(context);
  for (const ParameterSpec& parameter : parameters)
    spec.parameters.push_back({parameter.name, parameter.domain.back()});
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    if (parameters[i].role != ParameterSpec::Role::groups) continue;
    std::vector<int> widths;
    for (const std::string& name : parameters[i].divides) {
      widths.push_back(name == "in" ? context.input.channels : spec.at(name));
    }
    spec.parameters[i].value = largest_common_divisor(widths, spec.parameters[i].value);
  }
  return spec;
}

}  // namespace

Shape shape_from_json(const JsonReader& json) {
  json.object({"channels", "height", "width"});
  return {json.integer("channels", 1, largest_width), json.integer("height", 1, largest_image),
          json.integer("width", 1, largest_image)};
}

std::vector<Layer> layers_from_json(const JsonReader& json) {
  if (json.value().is_array() && json.value().size() > largest_layers) {
    json.fail(fmt::format("found {} layers; allowed are at most {}", json.value().size(), largest_layers));
  }
  std::vector<Layer> layers;
  for (const JsonReader& item : json.items()) {
    Layer layer;
    item.object({"op", "width", "kernel", "stride", "activation"});
    layer.op = item.one_of_or("op", "conv", {"conv", "max_pool"});
    const bool conv = layer.op == "conv";
    if (!conv && item.has("width")) item.at("width").fail("a max_pool has no width of its own; remove the key");
    if (!conv && item.has("activation")) item.at("activation").fail("a max_pool has no activation; remove the key");
    layer.width = conv ? item.integer("width", 1, largest_width) : 0;
    layer.kernel = item.integer_or("kernel", 3, 1, largest_kernel);
    if (conv && layer.kernel % 2 == 0)
      item.at("kernel").fail(fmt::format("found {}; allowed are odd numbers", layer.kernel));
    layer.stride = item.integer_or("stride", 1, 1, 4);
    layer.activation = conv ? (item.has("activation") ? activation_from_json(item.at("activation")) : "relu") : "none";
    layers.push_back(layer);
  }
  return layers;
}

Head head_from_json(const JsonReader& json) {
  Head head;
  json.object({"layers", "hidden", "hidden_activation"});
  if (json.has("layers")) head.layers = layers_from_json(json.at("layers"));
  head.hidden = json.integer_or("hidden", 0, 0, largest_width);
  if (json.has("hidden_activation")) head.hidden_activation = activation_from_json(json.at("hidden_activation"));
  return head;
}

Shape stem_output(const Architecture& architecture, const std::string& source) {
  Architecture stem = architecture;
  stem.slots.clear();
  stem.head = {};
  try {
    const Graph graph = lower(stem);
    return graph.nodes[graph.slot_output(-1)].output;
  } catch (const InputError& error) {
    throw InputError(source + ": " + error.what());
  }
}

Shortcut shortcut_from_json(const JsonReader& json) {
  const std::string name = json.one_of(shortcuts);
  return name == "residual" ? Shortcut::residual : name == "identity" ? Shortcut::identity : Shortcut::none;
}

std::string activation_from_json(const JsonReader& json) {
  return json.one_of(activations);
}

std::string parameters_why_not(const ModuleSpec& spec, const ModuleContext& context, std::string* at) {
  using Role = ParameterSpec::Role;
  for (const ParameterSpec& parameter : module_type(spec.kind).decisions(context)) {
    const int value = spec.at(parameter.name);
    if (at) *at = parameter.name;
    if (parameter.role == Role::width && value % context.channel_multiple != 0) {
      return fmt::format("found {}; allowed are multiples of {} (channel_multiple)", value, context.channel_multiple);
    }
    if (parameter.role == Role::kernel &&
        std::find(parameter.domain.begin(), parameter.domain.end(), value) == parameter.domain.end()) {
      return fmt::format("found {}; allowed: {}", value, fmt::join(parameter.domain, ", "));
    }
    for (const std::string& name : parameter.divides) {
      const int width = name == "in" ? context.input.channels : spec.at(name);
      if (width % value != 0) return fmt::format("found {}; it must divide {} = {}", value, name, width);
    }
  }
  if (at) at->clear();
  return module_type(spec.kind).why_not(context);
}

ModuleSpec module_from_json(const JsonReader& json, const ModuleContext& context) {
  std::vector<std::string> known;
  for (const ModuleType* type : module_registry()) known.emplace_back(type->name());
  const bool by_name = json.value().is_string();
  if (!by_name) json.object({"kind", "parameters"});
  const ModuleType& type = module_type(by_name ? json.one_of(known) : json.at("kind").one_of(known));
  if (std::string reason = type.why_not(context); !reason.empty()) json.fail(reason);
  ModuleSpec spec = default_spec(type, context);
  if (by_name) return spec;
  const std::vector<ParameterSpec> parameters = type.decisions(context);
  if (parameters.empty() && !json.has("parameters")) return spec;
  const JsonReader values = json.at("parameters");
  std::vector<std::string> names;
  for (const ParameterSpec& parameter : parameters) names.push_back(parameter.name);
  values.object(names);
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const auto [smallest, largest] = extreme_values(parameters[i].role);
    spec.parameters[i].value = values.integer(parameters[i].name, smallest, largest);
  }
  std::string at;
  if (std::string reason = parameters_why_not(spec, context, &at); !reason.empty()) {
    (at.empty() ? json : values.at(at)).fail(reason);
  }
  return spec;
}

nlohmann::ordered_json shape_to_json(const Shape& shape) {
  return {{"channels", shape.channels}, {"height", shape.height}, {"width", shape.width}};
}

nlohmann::ordered_json layers_to_json(const std::vector<Layer>& layers) {
  nlohmann::ordered_json all = nlohmann::ordered_json::array();
  for (const Layer& layer : layers) {
    nlohmann::ordered_json json = {{"op", layer.op}};
    if (layer.op == "conv") json["width"] = layer.width;
    json["kernel"] = layer.kernel;
    json["stride"] = layer.stride;
    if (layer.op == "conv") json["activation"] = layer.activation;
    all.push_back(json);
  }
  return all;
}

nlohmann::ordered_json head_to_json(const Head& head) {
  nlohmann::ordered_json json = {{"layers", layers_to_json(head.layers)}};
  if (head.hidden > 0) {
    json["hidden"] = head.hidden;
    json["hidden_activation"] = head.hidden_activation;
  }
  return json;
}

nlohmann::ordered_json module_to_json(const ModuleSpec& spec) {
  nlohmann::ordered_json parameters = nlohmann::ordered_json::object();
  for (const Parameter& parameter : spec.parameters) parameters[parameter.name] = parameter.value;
  return {{"kind", spec.kind}, {"parameters", parameters}};
}

std::string_view shortcut_name(Shortcut shortcut) {
  return shortcuts[static_cast<int>(shortcut)];
}

}  // namespace search_space
