// The list of commands, and finding the one that is meant.
#include "synth/cli/command.h"

#include <fmt/format.h>

#include <cstdio>

#include "search_space/errors.h"
#include "synth/cli/console.h"
#include "synth/cli/first_contact.h"
#include "synth/cli/tensor_program.h"
#include "synth/cli/version.h"
#include "synth/report/wrapping.h"

namespace synth::cli {

// Each is one source file of this folder, as are those that run with tensors.
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
      {"search", "searches networks, from a prototype, that meet hard requirements", run_with_tensors},
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
  return text + wrapped(
                    "\n'synth COMMAND --help' lists a command's options. Start here:\n"
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
  if (name == "help" && arguments.size() > 1) return dispatch({arguments[1], "--help"});
  if (name == "--help" || name == "-h" || name == "help") {
    std::fputs(overview().c_str(), stdout);
    return Exit::done;
  }
  if (name == "--version") {
    std::puts(fmt::format("synth {}", program_version).c_str());
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
