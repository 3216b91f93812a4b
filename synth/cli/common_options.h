// What every command's command line has in common: --help, --json, -v, -q, --log-file, and answers to mistakes.
#pragma once

#include <boost/program_options/options_description.hpp>
#include <boost/program_options/value_semantic.hpp>
#include <boost/program_options/variables_map.hpp>
#include <string>
#include <vector>

#include "synth/cli/command.h"
#include "synth/cli/option_table.h"

namespace synth::cli {

struct CommonOptions {
  bool json = false;  // one JSON document on stdout
  bool verbose = false;
  bool quiet = false;    // errors only
  std::string log_file;  // messages are appended here as well; empty = none
};

// A command line under construction: options, positional arguments, then parse().
class CommandLine {
 public:
  explicit CommandLine(const Command& command);

  // Options are bound to the caller's variables through Boost's typed values.
  boost::program_options::options_description_easy_init add_options() { return options_.add_options(); }
  // Binds the next positional argument; `required` ones must come first.
  CommandLine& positional(std::string name, std::string meaning, std::string* target, bool required = true);
  // Binds all remaining positional arguments.
  CommandLine& positionals(std::string name, std::string meaning, std::vector<std::string>* target, int minimum);
  // Further lines for --help, after the options. They are wrapped to the terminal.
  CommandLine& notes(std::string text);

  // False if --help, or --describe (for completion and manual pages), was asked for and printed. InputError on anything
  // wrong, naming the option and what is allowed.
  bool parse(const std::vector<std::string>& arguments);
  bool given(const std::string& option) const { return values_.count(option) > 0 && !values_[option].defaulted(); }
  const boost::program_options::variables_map& values() const { return values_; }
  const CommonOptions& common() const { return common_; }

 private:
  struct Positional {
    std::string name, meaning;
    std::string* single = nullptr;
    std::vector<std::string>* many = nullptr;
    int minimum = 0;
  };
  std::string help() const;
  CommandTable table() const;
  [[noreturn]] void refuse_value(const std::string& option, const std::string& message) const;
  void assign_positionals(const std::vector<std::string>& found) const;
  std::vector<std::string> option_names() const;

  const Command& command_;
  boost::program_options::options_description options_;
  boost::program_options::variables_map values_;
  std::vector<Positional> positionals_;
  std::string notes_;
  CommonOptions common_;
};

}  // namespace synth::cli
