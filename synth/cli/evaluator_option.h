// Who judges candidates: the built-in trainer or a program of the user's own.
#pragma once

#include <string>
#include <vector>

namespace synth::cli {

struct EvaluatorChoice {
  bool own = false;                // a command, which is never started unless this process's command line names it
  bool kept = false;               // one program for many candidates
  std::vector<std::string> words;  // program and arguments
};

// "trained", "command:PROGRAM ARGUMENT..." or "command-server:...", words as a shell would split them. `place` begins
// the message of an InputError.
EvaluatorChoice parse_evaluator(const std::string& text, const std::string& place);

// `text` as one word of a shell's command line.
std::string shell_quoted(const std::string& text);

}  // namespace synth::cli
