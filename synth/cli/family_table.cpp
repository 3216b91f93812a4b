// The family's table in its three forms.
#include "synth/cli/family_table.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "synth/report/table.h"

namespace synth::cli {

namespace {

using report::Align;

const std::vector<std::string>& titles() {
  static const std::vector<std::string> all = {"network",    "generator", "validation",    "test",  "int8 test",
                                               "parameters", "fewer",     "multiply-adds", "fewer", "NetScore"};
  return all;
}

std::string percent(double fraction) {
  return std::isnan(fraction) ? "-" : report::format_percent(fraction);
}

double figure(const nlohmann::ordered_json& json, const char* key) {
  return json.contains(key) && json[key].is_number() ? json[key].get<double>()
                                                     : std::numeric_limits<double>::quiet_NaN();
}

std::string text(const nlohmann::ordered_json& json, const char* key) {
  return json.contains(key) && json[key].is_string() ? json[key].get<std::string>() : std::string();
}

std::string times(std::int64_t baseline, std::int64_t value) {
  return value > 0 ? fmt::format("{:.1f}x", double(baseline) / double(value)) : "";
}

std::vector<std::string> cells(const FamilyRow& row, const FamilyRow& prototype) {
  const bool baseline = row.id == prototype.id;
  return {row.name,
          baseline            ? "prototype"
          : row.generator < 0 ? "-"
                              : fmt::format("G{}", row.generator),
          percent(row.validation_accuracy),
          percent(row.test_accuracy),
          percent(row.int8_test_accuracy),
          report::format_count(static_cast<double>(row.cost.parameters())),
          baseline ? "" : times(prototype.cost.parameters(), row.cost.parameters()),
          report::format_count(static_cast<double>(row.cost.multiply_adds)),
          baseline ? "" : times(prototype.cost.multiply_adds, row.cost.multiply_adds),
          report::format_score(row.netscore)};
}

}  // namespace

nlohmann::ordered_json family_row_json(const FamilyRow& row) {
  nlohmann::ordered_json json = {
      {"name", row.name},
      {"id", row.id},
      {"generator", row.generator < 0 ? nlohmann::ordered_json() : nlohmann::ordered_json(row.generator)},
      {"validation_accuracy", row.validation_accuracy},
      {"accuracy_lower_bound", row.accuracy_lower_bound},
      {"test_accuracy", row.test_accuracy},
      {"int8_test_accuracy", row.int8_test_accuracy},
      {"parameters", row.cost.parameters()},
      {"multiply_adds", row.cost.multiply_adds},
      {"netscore", row.netscore},
      {"feasible", row.violation.empty()},
      {"violation", row.violation}};
  if (const auto& deployment = row.cost.deployment; deployment.kernels != 0) {
    json["flash"] = deployment.flash();
    json["ram"] = deployment.ram;
    json["latency_cycles"] = deployment.instructions;
  }
  if (!row.architecture_file.empty()) {
    json["files"] = {{"architecture", row.architecture_file}, {"weights", row.weights_file}};
  }
  return json;
}

FamilyRow family_row_from_json(const nlohmann::ordered_json& json) {
  const auto whole = [&](const char* key, std::int64_t missing) {
    return json.contains(key) && json[key].is_number_integer() ? json[key].get<std::int64_t>() : missing;
  };
  FamilyRow row;
  row.name = text(json, "name");
  row.id = static_cast<int>(whole("id", 0));
  row.generator = static_cast<int>(whole("generator", -1));
  row.validation_accuracy = figure(json, "validation_accuracy");
  row.accuracy_lower_bound = figure(json, "accuracy_lower_bound");
  row.test_accuracy = figure(json, "test_accuracy");
  row.int8_test_accuracy = figure(json, "int8_test_accuracy");
  row.cost.weights = whole("parameters", 0);  // the sum is all that is kept
  row.cost.multiply_adds = whole("multiply_adds", 0);
  row.netscore = figure(json, "netscore");
  row.violation = text(json, "violation");
  if (json.contains("files") && json["files"].is_object()) {
    row.architecture_file = text(json["files"], "architecture");
    row.weights_file = text(json["files"], "weights");
  }
  return row;
}

nlohmann::ordered_json family_json(const FamilyRow& prototype, const std::vector<FamilyRow>& members) {
  nlohmann::ordered_json document = {{"schema", "synth/family/1"},
                                     {"baseline", family_row_json(prototype)},
                                     {"members", nlohmann::ordered_json::array()}};
  for (const FamilyRow& row : members) document["members"].push_back(family_row_json(row));
  return document;
}

std::string family_text(const FamilyRow& prototype, const std::vector<FamilyRow>& members, int columns) {
  std::vector<report::Column> heads;
  for (const std::string& title : titles()) heads.push_back({title, title == "network" ? Align::left : Align::right});
  report::Table table(std::move(heads));
  table.add(cells(prototype, prototype));
  table.rule();
  for (const FamilyRow& row : members) table.add(cells(row, prototype));
  return table.text(columns);
}

std::string family_markdown(const FamilyRow& prototype, const std::vector<FamilyRow>& members) {
  const auto row = [](const std::vector<std::string>& values) {
    std::string line = "|";
    for (const std::string& value : values) line += " " + value + " |";
    return line + "\n";
  };
  std::string text =
      row(titles()) + row(std::vector<std::string>(titles().size(), "---")) + row(cells(prototype, prototype));
  for (const FamilyRow& member : members) text += row(cells(member, prototype));
  return text;
}

}  // namespace synth::cli
