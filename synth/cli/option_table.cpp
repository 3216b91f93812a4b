// Every command describes itself when it is called with --describe; here the answers are collected.
#include "synth/cli/option_table.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <regex>

#include "synth/cli/command.h"
#include "synth/cli/own_output.h"

namespace synth::cli {

using nlohmann::json;
using nlohmann::ordered_json;

namespace {

ordered_json row_to_json(const OptionRow& row) {
  return {{"name", row.name},        {"letter", row.letter},   {"value_name", row.value_name},
          {"default", row.fallback}, {"meaning", row.meaning}, {"required", row.required},
          {"repeated", row.repeated}};
}

OptionRow row_from_json(const json& row) {
  return {row.at("name"),    row.at("letter"),   row.at("value_name"), row.at("default"),
          row.at("meaning"), row.at("required"), row.at("repeated")};
}

}  // namespace

ordered_json table_to_json(const CommandTable& table) {
  ordered_json document = {{"schema", "synth/describe/1"},       {"name", table.name},
                           {"summary", table.summary},           {"notes", table.notes},
                           {"arguments", ordered_json::array()}, {"options", ordered_json::array()}};
  for (const OptionRow& row : table.arguments) document["arguments"].push_back(row_to_json(row));
  for (const OptionRow& row : table.options) document["options"].push_back(row_to_json(row));
  return document;
}

std::vector<CommandTable> command_tables() {
  std::vector<CommandTable> tables;
  for (const Command& command : commands()) {
    CommandTable table{command.name, command.summary, {}, {}, {}};
    const json found = json::parse(output_of_synth({command.name, "--describe"}), nullptr, false);
    if (found.is_object()) {
      table.notes = found.at("notes");
      for (const json& row : found.at("arguments")) table.arguments.push_back(row_from_json(row));
      for (const json& row : found.at("options")) table.options.push_back(row_from_json(row));
    }
    tables.push_back(std::move(table));
  }
  return tables;
}

std::string kind_of_values(const OptionRow& row) {
  static const std::regex list(R"('synth list ([a-z]+)')");
  static const std::regex choices(R"((^|: )([\w.:-]+( \([^)]*\))?( \| [\w.:-]+( \([^)]*\))?)+))");
  static const std::regex remark(R"( \([^)]*\))");
  static const std::map<std::string, std::string> by_name = {
      {"NETWORK", "network"},   {"NET", "network"}, {"FROM", "network"}, {"TO", "network"},
      {"PROTOTYPE", "network"}, {"RUN", "run"},     {"DATA", "data"},    {"FILE", "file"},
      {"FILE.json", "file"},    {"PATH", "file"},   {"BUNDLE", "file"},  {"IMAGE", "file"},
      {"FILE.html", "file"},    {"DIR", "folder"},  {"FOLDER", "folder"}};
  if (const auto known = by_name.find(row.value_name); known != by_name.end()) return known->second;
  static const std::regex named(R"(\w+(\|\w+)+)");  // full|measured
  if (std::regex_match(row.value_name, named)) {
    std::string words = row.value_name;
    std::replace(words.begin(), words.end(), '|', ' ');
    return "choices " + words;
  }
  std::smatch match;
  if (std::regex_search(row.meaning, match, list)) return "list " + match[1].str();
  if (!std::regex_search(row.meaning, match, choices)) return {};
  std::string words = std::regex_replace(match[2].str(), remark, "");
  for (std::size_t bar = 0; (bar = words.find(" |")) != std::string::npos;) words.erase(bar, 2);
  return "choices " + words;
}

}  // namespace synth::cli
