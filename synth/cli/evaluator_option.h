// Who judges candidates: the built-in trainer, a program of the user's own, or their own loop.
#pragma once

#include <string>
#include <vector>

namespace synth::cli {

struct EvaluatorChoice {
  bool own = false;                // not the built-in trainer
  bool asked = false;              // the user's own loop, by synth ask and synth tell
  bool kept = false;               // one program for many candidates
  std::vector<std::string> words;  // program and arguments, never started unless this process's command line names it
};

// "trained", "ask", "command:PROGRAM ARGUMENT..." or "command-server:...", words as a shell would split them. `place`
// begins the message of an InputError.
EvaluatorChoice parse_evaluator(const std::string& text, const std::string& place);

// `text` as one word of a shell's command line.
std::string shell_quoted(const std::string& text);

}  // namespace synth::cli
