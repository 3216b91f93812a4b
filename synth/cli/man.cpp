// synth man: manual pages, made of the commands' own tables of options.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "search_space/errors.h"
#include "synth/cli/command.h"
#include "synth/cli/common_options.h"
#include "synth/cli/option_table.h"
#include "synth/cli/version.h"

namespace synth::cli {

namespace {

// Text of a page: nothing in it is a request, and hyphens are those that are typed.
std::string roff(const std::string& text) {
  std::string result;
  bool begins = true;  // a line
  for (const char letter : text) {
    if (begins && (letter == '.' || letter == '\'')) result += "\\&";
    if (letter == '\\')
      result += "\\e";
    else if (letter == '-')
      result += "\\-";
    else
      result += letter;
    begins = letter == '\n';
  }
  return result;
}

std::string capitals(std::string text) {
  for (char& letter : text) letter = static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
  return text;
}

std::string head(const std::string& name, const std::string& summary) {
  return fmt::format(".TH {} 1 \"\" \"synth {}\" \"User Commands\"\n.SH NAME\n{} \\- {}\n", capitals(roff(name)),
                     program_version, roff(name), roff(summary));
}

std::string options(const std::vector<OptionRow>& rows, bool dashes) {
  std::string text;
  for (const OptionRow& row : rows) {
    std::string term = dashes ? "\\fB\\-\\-" + roff(row.name) + "\\fR" : "\\fI" + roff(row.name) + "\\fR";
    if (!row.letter.empty()) term = "\\fB\\-" + row.letter + "\\fR, " + term;
    if (dashes && !row.value_name.empty()) term += " \\fI" + roff(row.value_name) + "\\fR";
    text += ".TP\n" + term + "\n" + roff(row.meaning);
    if (!row.fallback.empty()) text += "\n(default: " + roff(row.fallback) + ")";
    if (row.required && dashes) text += "\n(required)";
    text += "\n";
  }
  return text;
}

constexpr const char* exit_codes =
    ".SH EXIT STATUS\n"
    "0 done; 1 internal error; 2 wrong usage or input; 3 no network meets the requirements; 4 something is missing or\n"
    "damaged, or there is no space; 5 interrupted, with everything recorded; 6 verification failed.\n";

std::string page_of(const CommandTable& table) {
  std::string text = head("synth-" + table.name, table.summary);
  text += ".SH SYNOPSIS\n\\fBsynth " + roff(table.name) + "\\fR";
  for (const OptionRow& row : table.arguments)
    text += fmt::format(" {}\\fI{}\\fR{}{}", row.required ? "" : "[", roff(row.name), row.repeated ? "..." : "",
                        row.required ? "" : "]");
  text += " [\\fIOPTIONS\\fR]\n";
  if (!table.arguments.empty()) text += ".SH ARGUMENTS\n" + options(table.arguments, false);
  text += ".SH OPTIONS\n" + options(table.options, true);
  if (!table.notes.empty()) text += ".SH NOTES\n.nf\n" + roff(table.notes) + "\n.fi\n";
  return text + exit_codes + ".SH SEE ALSO\n\\fBsynth\\fR(1)\n";
}

std::string overview(const std::vector<CommandTable>& tables) {
  std::string text = head("synth", "finds families of small, accurate networks by generative synthesis");
  text += ".SH SYNOPSIS\n\\fBsynth\\fR \\fICOMMAND\\fR [\\fIOPTIONS\\fR]\n.SH COMMANDS\n";
  for (const CommandTable& table : tables)
    text += ".TP\n\\fBsynth\\-" + roff(table.name) + "\\fR(1)\n" + roff(table.summary) + "\n";
  return text + exit_codes;
}

// FOLDER/synth.1, FOLDER/synth-search.1, ...
void write_pages(const std::vector<CommandTable>& tables, const std::string& folder) {
  std::filesystem::create_directories(folder);
  const auto write = [&](const std::string& name, const std::string& page) {
    const std::string path = folder + "/" + name + ".1";
    std::ofstream file(path, std::ios::binary);
    file << page;
    if (!file.flush()) throw search_space::EnvironmentError(path + ": cannot be written");
  };
  write("synth", overview(tables));
  for (const CommandTable& table : tables) write("synth-" + table.name, page_of(table));
}

int run_man(const Command& self, const std::vector<std::string>& arguments) {
  std::string name, folder;
  CommandLine line(self);
  line.positional("COMMAND", "whose page; without it that of synth", &name, /*required=*/false);
  line.add_options()("all", boost::program_options::value(&folder)->value_name("FOLDER"),
                     "write every page to FOLDER instead, as packages hold them");
  line.notes("To read one:  synth man search | man -l -");
  if (!line.parse(arguments)) return Exit::done;
  const std::vector<CommandTable> tables = command_tables();
  if (!folder.empty()) {
    write_pages(tables, folder);
    return Exit::done;
  }
  if (name.empty()) {
    std::fputs(overview(tables).c_str(), stdout);
    return Exit::done;
  }
  std::vector<std::string> known;
  for (const CommandTable& table : tables) {
    if (table.name == name) {
      std::fputs(page_of(table).c_str(), stdout);
      return Exit::done;
    }
    known.push_back(table.name);
  }
  throw search_space::InputError(
      fmt::format("synth man: COMMAND: found '{}'{}", name, search_space::suggestion(name, known)));
}

}  // namespace

Command man_command() {
  return {"man", "prints manual pages", run_man};
}

}  // namespace synth::cli
