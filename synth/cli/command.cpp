// The list of commands, and finding the one that is meant.
#include "synth/cli/command.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "search_space/errors.h"
#include "synth/cli/about.h"
#include "synth/cli/console.h"
#include "synth/cli/first_contact.h"
#include "synth/cli/json_output.h"
#include "synth/cli/search_choice.h"
#include "synth/cli/tensor_program.h"
#include "synth/cli/topics.h"
#include "synth/report/wrapping.h"

namespace synth::cli {

// Each is one source file of this folder, as are those that run with tensors.
Command init_command();
Command status_command();
Command lineage_command();
Command report_command();
Command dashboard_command();
Command diff_command();
Command show_command();
Command compare_command();
Command score_command();
Command bench_command();
Command ask_command();
Command tell_command();
Command copy_command();
Command list_command();
Command check_command();
Command completion_command();
Command man_command();

const std::vector<Command>& commands() {
  static const std::vector<Command> all = {
      init_command(),
      {"search", "searches networks, from a prototype, that meet hard requirements", search_or_choose},
      {"worker", "evaluates candidates of a search that runs elsewhere", run_with_tensors},
      {"resume", "goes on with a run where it stopped", run_with_tensors},
      status_command(),
      lineage_command(),
      report_command(),
      dashboard_command(),
      diff_command(),
      {"family", "trains members from different generators in full and measures them", run_with_tensors},
      show_command(),
      compare_command(),
      score_command(),
      {"train", "trains one network in full and writes its weights", run_with_tensors},
      {"evaluate", "measures one trained network, float and int8", run_with_tensors},
      {"predict", "finds objects on images, drawn and as JSON", run_with_tensors},
      {"export", "writes one network in a format that another tool reads", run_with_tensors},
      {"import", "reads weights back that another tool has changed", run_with_tensors},
      {"measure", "counts what a network's C takes and occupies on a microcontroller", run_with_tensors},
      {"verify", "rechecks a bundle of exports, without run or data", run_with_tensors},
      bench_command(),
      ask_command(),
      tell_command(),
      copy_command(),
      list_command(),
      check_command(),
      completion_command(),
      man_command(),
  };
  return all;
}

namespace {

std::vector<std::string> topic_names() {
  std::vector<std::string> names;
  for (const Topic& topic : topics()) names.push_back(topic.name);
  return names;
}

// A command's help, or a topic's page.
int help_on(const std::string& name) {
  std::vector<std::string> known;
  for (const Command& command : commands()) {
    if (command.name == name) return dispatch({name, "--help"});
    known.push_back(command.name);
  }
  for (const Topic& topic : topics()) {
    known.push_back(topic.name);
    if (topic.name != name) continue;
    std::fputs(report::wrapped_text(topic.name + ": " + topic.summary + "\n\n" + topic.text, help_width()).c_str(),
               stdout);
    return Exit::done;
  }
  throw search_space::InputError(
      fmt::format("synth help: no command or topic '{}'{}", name, search_space::suggestion(name, known)));
}

std::string overview() {
  const auto wrapped = [](const std::string& text, int hanging) {
    return report::wrapped_text(text, help_width(), hanging);
  };
  std::string text = wrapped(
      "synth: finds families of small, accurate networks by generative synthesis.\n\nUsage: synth COMMAND "
      "[OPTIONS]\n\n",
      0);
  for (const Command& command : commands()) {
    text += wrapped(fmt::format("  {:<10} {}\n", command.name, command.summary), 13);
  }
  return text +
         wrapped(fmt::format("\n'synth COMMAND --help' lists a command's options; 'synth help TOPIC' is about: {}. "
                             "Start here:\n",
                             fmt::join(topic_names(), ", ")) +
                     "  synth search --data shapes --require 'accuracy>=90%,weight_bits=8' --time 5m\n",
                 0);
}

}  // namespace

int dispatch(const std::vector<std::string>& arguments) {
  if (arguments.empty()) {
    std::fputs("synth: finds families of small, accurate networks by generative synthesis.\n\n", stderr);
    std::fputs(first_contact(".").c_str(), stderr);
    std::fputs("\n'synth --help' lists all commands.\n", stderr);
    return Exit::usage;
  }
  const std::string& name = arguments.front();
  if (name == "help" && arguments.size() > 1) return help_on(arguments[1]);
  if (name == "--help" || name == "-h" || name == "help") {
    std::fputs(overview().c_str(), stdout);
    return Exit::done;
  }
  if (name == "--version") {
    if (arguments.size() == 2 && arguments[1] == "--json")
      print_json(about_json());
    else
      std::fputs(about().c_str(), stdout);
    return Exit::done;
  }
  std::vector<std::string> known;
  for (const Command& command : commands()) {
    if (command.name == name) return command.run(command, {arguments.begin() + 1, arguments.end()});
    known.push_back(command.name);
  }
  throw search_space::InputError(fmt::format("unknown command '{}'{}", name, search_space::suggestion(name, known)));
}

}  // namespace synth::cli
