// Candidates judged by a program of the user's own (docs/own_trainer.md). Free of tensors.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "evaluators/child_process.h"
#include "evaluators/evaluator.h"
#include "search_space/search_space.h"

namespace evaluators {

struct CommandSettings {
  std::vector<std::string> words;  // program and arguments, no shell
  bool kept = false;               // one program for many candidates instead of one each
  std::string folder;              // where candidates' folders are made; each is removed after its evaluation
  // Passed on to the program.
  std::string data;  // specification, as the user gave it
  std::string data_fingerprint;
  double epochs = 0;  // budget
  int weight_bits = 32, activation_bits = 32;
  bool needs_latency = false;
  double time_limit_seconds = 0;  // per candidate; 0 = none
};

// What the program said, or an Outcome other than `trained` with its message.
struct CommandReply {
  std::string answer;
  Outcome outcome = Outcome::trained;
  std::string fault;
  std::string last_words;  // for a fault that is found in the answer
};

// How programs are run: one each, or kept. `folder` holds request.json; `request` is its text, one line.
class CommandRunner {
 public:
  virtual ~CommandRunner() = default;
  virtual CommandReply ask(const std::string& folder, const std::string& request, const Deadline& deadline,
                           const std::atomic<bool>* stop) const = 0;
};
std::unique_ptr<CommandRunner> make_started_commands(std::vector<std::string> words);
std::unique_ptr<CommandRunner> make_kept_commands(std::vector<std::string> words);
// The fault that a read which ended so amounts to; throws Stopped for `stopped`.
CommandReply faulty(ReadEnd end, const ChildProcess& process);

// Fills `result` from a JSON answer, schema "synth/evaluation-answer/1"; a wrong one becomes an outcome with a message
// that names the field, what was found and what is allowed. An answer to a kept program's request must repeat `key`.
void take_answer(const std::string& text, const std::string& key, const CommandSettings& settings, Evaluation& result);

// The same for whoever can be told to answer anew: InputError where the answer is wrong, or says NaN or infinity;
// `place` begins the message.
void read_answer(const std::string& text, const std::string& key, const CommandSettings& settings,
                 const std::string& place, Evaluation& result);

// `space` must outlive the evaluator. EnvironmentError where the program cannot be executed; `evaluate` throws it, too,
// where the program cannot be started or no folder can be made, since no candidate is to blame then.
std::unique_ptr<Evaluator> make_command_evaluator(const search_space::SearchSpace& space, CommandSettings settings);

}  // namespace evaluators
