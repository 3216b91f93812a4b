// The family's table in its three forms.
#include "synth/cli/family_table.h"

#include <fmt/format.h>

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

std::string times(std::int64_t baseline, std::int64_t value) {
  return value > 0 ? fmt::format("{:.1f}x", double(baseline) / double(value)) : "";
}

std::vector<std::string> cells(const FamilyRow& row, const FamilyRow& prototype) {
  const bool baseline = row.id == prototype.id;
  return {row.name,
          baseline            ? "prototype"
          : row.generator < 0 ? "-"
                              : fmt::format("G{}", row.generator),
          report::format_percent(row.validation_accuracy),
          report::format_percent(row.test_accuracy),
          report::format_percent(row.int8_test_accuracy),
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
  if (!row.architecture_file.empty()) {
    json["files"] = {{"architecture", row.architecture_file}, {"weights", row.weights_file}};
  }
  return json;
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
