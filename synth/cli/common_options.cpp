// Parsing with Boost.Program_options; its errors are put into the words of this program.
#include "synth/cli/common_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/program_options/errors.hpp>
#include <boost/program_options/parsers.hpp>
#include <iostream>
#include <limits>
#include <nlohmann/json.hpp>
#include <regex>
#include <typeinfo>

#include "results_db/address.h"
#include "search_space/errors.h"
#include "synth/cli/console.h"
#include "synth/cli/json_output.h"
#include "synth/report/wrapping.h"

namespace synth::cli {

namespace po = boost::program_options;
using search_space::InputError;

namespace {

constexpr int argument_column = 25;

// What a value of an option's type may be, for messages.
std::string kind_of_value(const po::value_semantic* semantic) {
  const auto* typed = dynamic_cast<const po::typed_value_base*>(semantic);
  if (typed == nullptr) return "another value";
  if (typed->value_type() == typeid(int)) {
    return fmt::format("a whole number of at most {}", std::numeric_limits<int>::max());
  }
  if (typed->value_type() == typeid(std::int64_t)) {
    return fmt::format("a whole number of at most {}", std::numeric_limits<std::int64_t>::max());
  }
  return typed->value_type() == typeid(double) ? "a number" : "another value";
}

}  // namespace

CommandLine::CommandLine(const Command& command)
    : command_(command),
      options_("Options", static_cast<unsigned>(help_width()), static_cast<unsigned>(help_width()) / 2) {}

CommandLine& CommandLine::positional(std::string name, std::string meaning, std::string* target, bool required) {
  positionals_.push_back({std::move(name), std::move(meaning), target, nullptr, required ? 1 : 0});
  return *this;
}

CommandLine& CommandLine::positionals(std::string name, std::string meaning, std::vector<std::string>* target,
                                      int minimum) {
  positionals_.push_back({std::move(name), std::move(meaning), nullptr, target, minimum});
  return *this;
}

CommandLine& CommandLine::notes(std::string text) {
  notes_ = std::move(text);
  return *this;
}

std::string CommandLine::help() const {
  std::string usage = "Usage: synth " + command_.name;
  std::string meanings;
  for (const Positional& positional : positionals_) {
    const std::string shown = positional.name + (positional.many ? "..." : "");
    usage += positional.minimum > 0 ? " " + shown : " [" + shown + "]";
    meanings += report::wrapped_text(fmt::format("  {:<{}} {}\n", shown, argument_column - 3, positional.meaning),
                                     help_width(), argument_column);
  }
  std::string text = report::wrapped_text(fmt::format("{} [OPTIONS]\n\n{}\n\n", usage, command_.summary), help_width());
  if (!meanings.empty()) text += "Arguments:\n" + meanings + "\n";
  return text;
}

CommandTable CommandLine::table() const {
  static const std::regex shown(R"(^(\S*?)(?: \(=([^]*)\))?$)");  // Boost's "NAME (=default)"
  CommandTable table{command_.name, command_.summary, notes_, {}, {}};
  for (const Positional& positional : positionals_) {
    table.arguments.push_back({positional.name, "", positional.name, "", positional.meaning, positional.minimum > 0,
                               positional.many != nullptr});
  }
  for (const auto& option : options_.options()) {
    OptionRow row{option->long_name(), "", "", "", option->description(), option->semantic()->is_required(), false};
    const std::string letter = option->canonical_display_name(po::command_line_style::allow_dash_for_short);
    if (letter.size() == 2 && letter[0] == '-') row.letter = letter.substr(1);
    std::smatch parts;
    const std::string parameter = option->format_parameter();
    if (option->semantic()->max_tokens() > 0 && std::regex_match(parameter, parts, shown)) {
      row.value_name = parts[1];
      row.fallback = parts[2];
    }
    table.options.push_back(std::move(row));
  }
  return table;
}

std::vector<std::string> CommandLine::option_names() const {
  std::vector<std::string> names;
  for (const auto& option : options_.options()) names.push_back("--" + option->long_name());
  return names;
}

// Boost's message holds the value in parentheses and quotes; there is no other way to it.
void CommandLine::refuse_value(const std::string& option, const std::string& message) const {
  const std::size_t begin = message.find("('"), end = message.rfind("') for option");
  const std::string found =
      begin == std::string::npos || end < begin + 2 ? "" : message.substr(begin + 2, end - begin - 2);
  const std::string name = option.substr(std::min(option.find_first_not_of('-'), option.size()));
  const po::option_description* description = options_.find_nothrow(name, false);
  throw InputError(fmt::format("synth {}: --{}: found '{}', allowed is {}", command_.name, name, found,
                               kind_of_value(description == nullptr ? nullptr : description->semantic().get())));
}

void CommandLine::assign_positionals(const std::vector<std::string>& found) const {
  std::size_t next = 0;
  for (const Positional& positional : positionals_) {
    if (positional.many != nullptr) {
      positional.many->assign(found.begin() + next, found.end());
      next = found.size();
      if (static_cast<int>(positional.many->size()) < positional.minimum) {
        throw InputError(fmt::format("synth {} needs at least {} {}, found {}; see 'synth {} --help'", command_.name,
                                     positional.minimum, positional.name, positional.many->size(), command_.name));
      }
    } else if (next < found.size()) {
      *positional.single = found[next++];
    } else if (positional.minimum > 0) {
      throw InputError(fmt::format("synth {} needs {}: {}; see 'synth {} --help'", command_.name, positional.name,
                                   positional.meaning, command_.name));
    }
  }
  if (next < found.size()) {
    throw InputError(fmt::format("synth {}: unexpected argument '{}'; see 'synth {} --help'", command_.name,
                                 found[next], command_.name));
  }
}

bool CommandLine::parse(const std::vector<std::string>& arguments) {
  bool help_wanted = false;
  options_.add_options()                                                                                 //
      ("json", po::bool_switch(&common_.json), "print one JSON document on stdout")                      //
      ("verbose,v", po::bool_switch(&common_.verbose), "say more")                                       //
      ("quiet,q", po::bool_switch(&common_.quiet), "say nothing but errors")                             //
      ("log-file", po::value(&common_.log_file)->value_name("FILE"), "append messages to FILE as well")  //
      ("help,h", po::bool_switch(&help_wanted), "print this help");
  if (arguments == std::vector<std::string>{"--describe"}) {
    print_json(table_to_json(table()));
    return false;
  }
  const std::string place = "synth " + command_.name;
  const std::string hint = fmt::format("; see '{} --help'", place);
  po::options_description all;
  all.add(options_);
  all.add_options()("positional", po::value<std::vector<std::string>>());
  po::positional_options_description order;
  order.add("positional", -1);
  try {
    using po::command_line_style::style_t;
    const int style = style_t::unix_style & ~style_t::allow_guessing;
    po::store(po::command_line_parser(arguments).options(all).positional(order).style(style).run(), values_);
    if (values_["help"].as<bool>()) {
      std::cout << help() << options_;
      if (!notes_.empty()) std::cout << "\n" << report::wrapped_text(notes_, help_width()) << "\n";
      return false;
    }
    po::notify(values_);
  } catch (const po::unknown_option& error) {
    const std::string found = error.get_option_name();
    throw InputError(
        fmt::format("{}: unknown option '{}'{}", place, found, search_space::suggestion(found, option_names())));
  } catch (const po::required_option& error) {
    throw InputError(fmt::format("{}: {} is required{}", place, error.get_option_name(), hint));
  } catch (const po::invalid_command_line_syntax& error) {
    using Syntax = po::invalid_syntax;
    const bool missing = error.kind() == Syntax::missing_parameter || error.kind() == Syntax::empty_adjacent_parameter;
    if (!missing) throw InputError(fmt::format("{}: {}{}", place, error.what(), hint));
    throw InputError(fmt::format("{}: {}: a value is missing{}", place, error.get_option_name(), hint));
  } catch (const po::multiple_occurrences& error) {
    throw InputError(fmt::format("{}: {} is given more than once{}", place, error.get_option_name(), hint));
  } catch (const po::validation_error& error) {
    refuse_value(error.get_option_name(), error.what());
  } catch (const po::error& error) {
    throw InputError(fmt::format("{}: {}{}", place, error.what(), hint));
  }
  assign_positionals(values_.count("positional") ? values_["positional"].as<std::vector<std::string>>()
                                                 : std::vector<std::string>{});
  if (common_.verbose && common_.quiet) throw InputError(place + ": --verbose and --quiet exclude each other");
  if (!common_.log_file.empty()) {
    // What was asked for comes first in the log; it also shows at once whether the log can be written.
    std::string typed = place;
    for (const std::string& argument : arguments) typed += " " + results_db::without_password(argument);
    Console(common_).log(typed);
  }
  return true;
}

}  // namespace synth::cli
