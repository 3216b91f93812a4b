// One program per candidate: request.json on its standard input, the folder as its last argument; the last line that it
// writes is the answer.
#include <fmt/format.h>

#include "evaluators/command_evaluator.h"

namespace evaluators {
namespace {

std::string last_line(const std::string& text) {
  const auto end = text.find_last_not_of(" \t\r\n");
  if (end == std::string::npos) return {};
  const auto begin = text.rfind('\n', end);
  return text.substr(begin == std::string::npos ? 0 : begin + 1,
                     end - (begin == std::string::npos ? 0 : begin + 1) + 1);
}

class StartedCommands : public CommandRunner {
 public:
  explicit StartedCommands(std::vector<std::string> words) : words_(std::move(words)) {}

  CommandReply ask(const std::string& folder, const std::string& /*request*/, const Deadline& deadline,
                   const std::atomic<bool>* stop) const override {
    std::vector<std::string> words = words_;
    words.push_back(folder);
    ChildProcess process(words, folder + "/request.json");
    const ReadEnd end = process.read(/*one_line=*/false, deadline, stop);
    if (end != ReadEnd::ended || !process.exited_well()) return faulty(end, process);
    CommandReply reply;
    reply.answer = last_line(process.output());
    reply.last_words = process.last_words();
    return reply;
  }

 private:
  std::vector<std::string> words_;
};

}  // namespace

CommandReply faulty(ReadEnd end, const ChildProcess& process) {
  CommandReply reply;
  reply.outcome = Outcome::failed;
  switch (end) {
    case ReadEnd::stopped:
      throw Stopped{};
    case ReadEnd::timed_out:
      reply.outcome = Outcome::timed_out;
      reply.fault = "the trainer was ended at --candidate-time; " + process.last_words();
      break;
    case ReadEnd::too_much:
      reply.fault =
          fmt::format("the trainer wrote too much: allowed are {} MiB a stream and {} MiB an answer; {}",
                      ChildProcess::most_output >> 20, ChildProcess::longest_line >> 20, process.last_words());
      break;
    case ReadEnd::ended:
    case ReadEnd::line:
      reply.fault = "the trainer ended without an answer: " + process.last_words();
      break;
  }
  return reply;
}

std::unique_ptr<CommandRunner> make_started_commands(std::vector<std::string> words) {
  return std::make_unique<StartedCommands>(std::move(words));
}

}  // namespace evaluators
