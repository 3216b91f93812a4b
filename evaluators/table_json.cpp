// Side-cars of tables: JSON with paths in every error.
#include "evaluators/table_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "search_space/errors.h"

namespace evaluators {

using search_space::Decision;
using search_space::Design;

std::string JsonPlace::name() const {
  return path_.empty() ? source_ : fmt::format("{}: {}", source_, path_);
}

void JsonPlace::fail(const std::string& expected) const {
  std::string found = value_.dump();
  if (found.size() > 60) found = found.substr(0, 57) + "...";
  throw search_space::InputError(fmt::format("{}: found {}, expected {}", name(), found, expected));
}

JsonPlace JsonPlace::at(const std::string& key) const {
  object();
  if (!value_.contains(key)) {
    throw search_space::InputError(fmt::format("{}: '{}' is missing", name(), key));
  }
  return {value_.at(key), source_, path_.empty() ? key : path_ + "." + key};
}

JsonPlace JsonPlace::at(std::size_t index) const {
  return {value_.at(index), source_, fmt::format("{}[{}]", path_, index)};
}

const JsonPlace& JsonPlace::object() const {
  if (!value_.is_object()) fail("an object");
  return *this;
}

std::size_t JsonPlace::array_size() const {
  if (!value_.is_array()) fail("an array");
  return value_.size();
}

std::string JsonPlace::text() const {
  if (!value_.is_string() || value_.get_ref<const std::string&>().empty()) fail("a non-empty string");
  return value_.get<std::string>();
}

double JsonPlace::number() const {
  if (!value_.is_number() || !std::isfinite(value_.get<double>())) fail("a number");
  return value_.get<double>();
}

int JsonPlace::integer(int low, int high) const {
  const std::string expected = fmt::format("an integer from {} to {}", low, high);
  if (!value_.is_number_integer()) fail(expected);
  const auto found = value_.get<std::int64_t>();
  if (found < low || found > high) fail(expected);
  return static_cast<int>(found);
}

void JsonPlace::check_keys(const std::vector<std::string>& known) const {
  std::vector<std::string> absent;
  for (const std::string& key : known) {
    if (!value_.contains(key)) absent.push_back(key);
  }
  for (const auto& [key, unused] : object().value().items()) {
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    const std::string hint = search_space::suggestion(key, absent);
    if (hint.rfind("; did you mean", 0) == 0) {
      throw search_space::InputError(fmt::format("{}: unknown key '{}'{}", name(), key, hint));
    }
  }
}

std::string beside(const std::string& side_car, const std::string& file) {
  return (std::filesystem::path(side_car).parent_path() / file).string();
}

namespace {

// Numbers make an ordinal decision, anything else a categorical one.
Decision read_decision(const JsonPlace& place) {
  place.object().check_keys({"name", "values"});
  Decision decision;
  decision.name = place.at("name").text();
  const JsonPlace values = place.at("values");
  if (values.array_size() == 0) values.fail("at least one value");
  bool ordinal = true;
  for (std::size_t i = 0; i < values.array_size(); ++i) {
    const nlohmann::json& value = values.at(i).value();
    if (!value.is_string() && !value.is_number() && !value.is_boolean()) values.at(i).fail("a string or a number");
    ordinal = ordinal && value.is_number();
    decision.labels.push_back(value.is_string() ? value.get<std::string>() : value.dump());
    if (std::count(decision.labels.begin(), decision.labels.end(), decision.labels.back()) > 1) {
      values.at(i).fail("a value that does not stand there already");
    }
  }
  if (ordinal) {
    for (std::size_t i = 0; i < values.array_size(); ++i) decision.numbers.push_back(values.at(i).number());
  }
  return decision;
}

}  // namespace

TableHead read_table_head(const JsonPlace& root) {
  TableHead head;
  head.name = root.at("name").text();
  const JsonPlace decisions = root.at("decisions");
  if (decisions.array_size() == 0) decisions.fail("at least one decision");
  for (std::size_t i = 0; i < decisions.array_size(); ++i) {
    head.decisions.push_back(read_decision(decisions.at(i)));
    for (std::size_t j = 0; j < i; ++j) {
      if (head.decisions[j].name == head.decisions[i].name)
        decisions.at(i).at("name").fail("a name that is not used already");
    }
  }
  if (!root.has("prototype")) return head;
  const JsonPlace prototype = root.at("prototype");
  if (prototype.array_size() != head.decisions.size()) {
    prototype.fail(fmt::format("{} value indices, one per decision", head.decisions.size()));
  }
  Design design;
  for (std::size_t i = 0; i < head.decisions.size(); ++i) {
    design.push_back(prototype.at(i).integer(0, head.decisions[i].size() - 1));
  }
  head.prototype = std::move(design);
  return head;
}

double accuracy_unit(const JsonPlace& accuracy) {
  const JsonPlace unit = accuracy.object().at("unit");
  if (unit.value() == "percent") return 0.01;
  if (unit.value() == "fraction") return 1;
  unit.fail("\"percent\" or \"fraction\"");
}

}  // namespace evaluators
