// A subcommand of the program, and the one list of them.
#pragma once

#include <string>
#include <vector>

namespace synth::cli {

// Exit codes (a promise to users' scripts).
enum Exit : int {
  done = 0,
  internal_error = 1,
  usage = 2,
  infeasible = 3,
  environment = 4,
  interrupted = 5,
  verification_failed = 6
};

struct Command;
// `arguments`: those after the command's name. Returns an Exit; throws InputError, EnvironmentError.
using Run = int (*)(const Command& self, const std::vector<std::string>& arguments);

struct Command {
  std::string name;
  std::string summary;  // one line for `synth --help`
  Run run;
};

const std::vector<Command>& commands();

// Finds the command that `arguments` begins with and runs it; also `--help` and `--version`.
int dispatch(const std::vector<std::string>& arguments);

// What a program's main does with its work: exceptions become messages and exit codes.
int guarded(int argc, char** argv, int (*work)(const std::vector<std::string>& arguments));

}  // namespace synth::cli
