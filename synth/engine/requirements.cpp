// Parses and prints the list of requirements (docs: command-line contract, LIST).
#include "synth/engine/requirements.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <limits>
#include <map>
#include <set>

#include "search_space/errors.h"

namespace synth::engine {
namespace {

using search_space::InputError;

const std::vector<std::string> names = {"accuracy", "weight_bits",  "activation_bits",       "params",
                                        "macs",     "weight_bytes", "peak_activation_bytes", "latency_ms",
                                        "flash",    "ram",          "latency_cycles"};

struct Item {
  std::string text;  // as written, for messages
  std::string name;
  std::string relation;  // ">=", "<=", "="
  std::string value;
};

[[noreturn]] void fail(const std::string& place, const std::string& problem) {
  throw InputError(fmt::format("{}: {}", place, problem));
}

std::string place_of(const Item& item) {
  return fmt::format("requirement '{}'", item.text);
}

[[noreturn]] void fail(const Item& item, const std::string& problem) {
  fail(place_of(item), problem);
}

std::string trimmed(const std::string& text) {
  const auto first = text.find_first_not_of(" \t\n");
  if (first == std::string::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\n") - first + 1);
}

std::string relation_of(const std::string& name) {
  if (name == "accuracy") return ">=";
  return name.ends_with("_bits") ? "=" : "<=";
}

Item split(const std::string& text) {
  Item item{text, {}, {}, {}};
  const auto at = text.find_first_of("<>=!~");
  if (at == std::string::npos) fail(item, "expected NAME>=VALUE, NAME<=VALUE or NAME=VALUE, such as accuracy>=90%");
  const auto value = text.find_first_not_of("<>=!~", at);
  item.name = trimmed(text.substr(0, at));
  item.relation = text.substr(at, value == std::string::npos ? std::string::npos : value - at);
  item.value = value == std::string::npos ? "" : trimmed(text.substr(value));
  bool known = false;
  for (const auto& name : names) known = known || name == item.name;
  if (!known) fail(item, fmt::format("unknown name '{}'{}", item.name, search_space::suggestion(item.name, names)));
  if (item.relation != relation_of(item.name))
    fail(item, fmt::format("'{}' is not possible for {}; write {}{}VALUE", item.relation, item.name, item.name,
                           relation_of(item.name)));
  if (item.value.empty()) fail(item, "the value is missing");
  return item;
}

// A non-negative decimal number followed by a unit.
std::pair<double, std::string> number_and_unit(const std::string& place, const std::string& text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc::result_out_of_range) fail(place, fmt::format("'{}' is too large a number", text));
  if (error != std::errc()) fail(place, fmt::format("'{}' is not a number", text));
  if (!std::isfinite(number)) fail(place, fmt::format("'{}' is not a finite number", text));
  if (number < 0 || text.front() == '-') fail(place, fmt::format("'{}' is negative", text));
  return {number, trimmed(std::string(end, text.data() + text.size()))};
}

// A fraction in [0, 1], written 0.9 or 90%.
double fraction(const Item& item, const std::string& text) {
  const auto [number, unit] = number_and_unit(place_of(item), text);
  if (!unit.empty() && unit != "%") fail(item, fmt::format("unknown unit '{}'; write 90% or 0.90", unit));
  if (unit == "%" && number > 100) fail(item, "more than 100 % cannot be reached");
  if (unit.empty() && number > 1) fail(item, fmt::format("{} is above 1; for a percentage write {}%", text, text));
  return unit == "%" ? number / 100 : number;
}

using Units = std::map<std::string, double>;

const Units count_units = {{"", 1}, {"k", 1e3}, {"K", 1e3}, {"M", 1e6}, {"G", 1e9}, {"B", 1e9}};
const Units byte_units = {{"", 1},     {"B", 1},        {"kB", 1e3},        {"KB", 1e3},          {"MB", 1e6},
                          {"GB", 1e9}, {"KiB", 1024.0}, {"MiB", 1048576.0}, {"GiB", 1073741824.0}};

double amount(const std::string& place, const std::string& text, const Units& units) {
  const auto [number, unit] = number_and_unit(place, text);
  const auto found = units.find(unit);
  if (found == units.end()) {
    std::string allowed;
    for (const auto& [name, factor] : units)
      if (!name.empty()) allowed += (allowed.empty() ? "" : ", ") + name;
    fail(place, fmt::format("unknown unit '{}'; allowed: none, {}", unit, allowed));
  }
  const double product = number * found->second;
  // Whole numbers up to here are exact, also after the rounding below.
  if (product > 1e14) fail(place, fmt::format("'{}' is too large a value (at most 1e14)", text));
  if (product < 1) fail(place, fmt::format("'{}': the value must be at least 1: no network has none", text));
  return product;
}

std::int64_t count(const Item& item, const Units& units) {
  return static_cast<std::int64_t>(std::floor(amount(place_of(item), item.value, units) * (1 + 1e-15)));
}

int bits(const Item& item) {
  if (item.value != "8" && item.value != "32")
    fail(item, fmt::format("'{}' is not a precision; allowed: 8 (integer), 32 (float)", item.value));
  return item.value == "8" ? 8 : 32;
}

void read_accuracy(const Item& item, Requirements& requirements) {
  static const std::string word = "prototype";
  if (!item.value.starts_with(word)) {
    if (requirements.accuracy) fail(item, "accuracy is given twice");
    requirements.accuracy = fraction(item, item.value);
    return;
  }
  if (requirements.accuracy_below_prototype) fail(item, "accuracy relative to the prototype is given twice");
  const std::string rest = trimmed(item.value.substr(word.size()));
  if (!rest.empty() && rest.front() != '-')
    fail(item, fmt::format("'{}' after 'prototype'; write accuracy>=prototype-1%", rest));
  const std::string below = rest.empty() ? "0" : trimmed(rest.substr(1));
  if (below == "1") fail(item, "1 is the whole range of accuracies; for a percentage write prototype-1%");
  requirements.accuracy_below_prototype = fraction(item, below);
}

void read(const Item& item, Requirements& requirements) {
  if (item.name == "accuracy") read_accuracy(item, requirements);
  if (item.name == "weight_bits") requirements.weight_bits = bits(item);
  if (item.name == "activation_bits") requirements.activation_bits = bits(item);
  if (item.name == "params") requirements.parameters = count(item, count_units);
  if (item.name == "macs") requirements.multiply_adds = count(item, count_units);
  if (item.name == "weight_bytes") requirements.weight_bytes = count(item, byte_units);
  if (item.name == "peak_activation_bytes") requirements.peak_activation_bytes = count(item, byte_units);
  if (item.name == "flash") requirements.flash = count(item, byte_units);
  if (item.name == "ram") requirements.ram = count(item, byte_units);
  if (item.name == "latency_cycles") requirements.latency_cycles = count(item, count_units);
  if (item.name == "latency_ms") {
    const auto [number, unit] = number_and_unit(place_of(item), item.value);
    if (!unit.empty() && unit != "ms") fail(item, fmt::format("unknown unit '{}'; the value is in milliseconds", unit));
    if (number <= 0) fail(item, "the value must be above 0");
    requirements.latency_ms = number;
  }
}

std::string percent(double fraction) {
  const std::string text = fmt::format("{:.10g}", fraction * 100);
  return std::stod(text) / 100 == fraction ? text + "%" : fmt::format("{}", fraction);
}

}  // namespace

double parse_count(const std::string& text, const std::string& place) {
  return amount(place, trimmed(text), count_units);
}

Requirements parse_requirements(const std::string& text) {
  Requirements requirements;
  if (trimmed(text).empty()) return requirements;
  std::set<std::string> seen;
  std::size_t begin = 0;
  while (begin <= text.size()) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const std::string part = trimmed(text.substr(begin, end - begin));
    if (part.empty())
      throw InputError(fmt::format("requirements '{}': an item is empty; write NAME>=VALUE,NAME<=VALUE", text));
    const Item item = split(part);
    if (item.name != "accuracy" && !seen.insert(item.name).second)
      fail(item, fmt::format("{} is given twice", item.name));
    read(item, requirements);
    begin = end + 1;
  }
  for (const char* bits : {"weight_bits", "activation_bits"}) {
    int& own = bits == std::string("weight_bits") ? requirements.weight_bits : requirements.activation_bits;
    if (requirements.deployed() && own == 32 && seen.contains(bits))
      throw InputError(fmt::format(
          "requirements '{}': flash, ram and latency_cycles are those of an 8-bit program, which contradicts {}=32",
          text, bits));
    if (requirements.deployed()) own = 8;
  }
  if (requirements.activation_bits == 8 && requirements.weight_bits == 32) {
    if (seen.contains("weight_bits"))
      throw InputError(fmt::format(
          "requirements '{}': activation_bits=8 contradicts weight_bits=32; integer arithmetic needs both at 8", text));
    requirements.weight_bits = 8;
  }
  return requirements;
}

std::string to_string(const Requirements& requirements) {
  std::string text;
  const auto add = [&](const std::string& item) { text += (text.empty() ? "" : ",") + item; };
  if (requirements.accuracy) add("accuracy>=" + percent(*requirements.accuracy));
  if (const auto& below = requirements.accuracy_below_prototype)
    add(*below == 0 ? "accuracy>=prototype" : "accuracy>=prototype-" + percent(*below));
  if (requirements.weight_bits != 32) add(fmt::format("weight_bits={}", requirements.weight_bits));
  if (requirements.activation_bits != 32) add(fmt::format("activation_bits={}", requirements.activation_bits));
  if (requirements.parameters) add(fmt::format("params<={}", *requirements.parameters));
  if (requirements.multiply_adds) add(fmt::format("macs<={}", *requirements.multiply_adds));
  if (requirements.weight_bytes) add(fmt::format("weight_bytes<={}", *requirements.weight_bytes));
  if (requirements.peak_activation_bytes)
    add(fmt::format("peak_activation_bytes<={}", *requirements.peak_activation_bytes));
  if (requirements.latency_ms) add(fmt::format("latency_ms<={}", *requirements.latency_ms));
  if (requirements.flash) add(fmt::format("flash<={}", *requirements.flash));
  if (requirements.ram) add(fmt::format("ram<={}", *requirements.ram));
  if (requirements.latency_cycles) add(fmt::format("latency_cycles<={}", *requirements.latency_cycles));
  return text;
}

}  // namespace synth::engine
