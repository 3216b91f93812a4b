// The options and arguments of every command as data, for whatever is generated from them: completion, manual pages.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace synth::cli {

struct OptionRow {
  std::string name;        // "format", without dashes; an argument's name for arguments
  std::string letter;      // "v" of -v; empty = none
  std::string value_name;  // "FILE"; empty = a switch
  std::string fallback;    // the default as shown; empty = none
  std::string meaning;
  bool required = false;
  bool repeated = false;  // arguments only: takes all that follow
};

struct CommandTable {
  std::string name, summary, notes;
  std::vector<OptionRow> arguments, options;
};

nlohmann::ordered_json table_to_json(const CommandTable& table);

// The table of every command, asked of the commands themselves. Commands whose program is not installed have neither
// options nor arguments.
std::vector<CommandTable> command_tables();

// What the values of an option or argument are, from its value name and meaning: "network", "run", "data", "file",
// "folder", "choices a b c" (words between bars), "list algorithms" (where the meaning says 'synth list algorithms'),
// or empty (numbers, free text).
std::string kind_of_values(const OptionRow& row);

}  // namespace synth::cli
