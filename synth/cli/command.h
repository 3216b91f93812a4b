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

struct Command {
  std::string name;
  std::string summary;  // one line for `synth --help`
  // Arguments after the command's name. Returns an Exit; throws InputError, EnvironmentError.
  int (*run)(const Command& self, const std::vector<std::string>& arguments);
};

const std::vector<Command>& commands();

// Finds the command that `arguments` begins with and runs it; also `--help` and `--version`.
int dispatch(const std::vector<std::string>& arguments);

}  // namespace synth::cli
