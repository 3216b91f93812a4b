// Programs that are kept: a line of JSON in, a line of JSON out, one program for each evaluation that runs beside
// others.
#include <mutex>

#include "evaluators/command_evaluator.h"

namespace evaluators {
namespace {

class KeptCommands : public CommandRunner {
 public:
  explicit KeptCommands(std::vector<std::string> words) : words_(std::move(words)) {}

  CommandReply ask(const std::string& /*folder*/, const std::string& request, const Deadline& deadline,
                   const std::atomic<bool>* stop) const override {
    std::unique_ptr<ChildProcess> process = take_idle();
    process->send(request);
    const ReadEnd end = process->read(/*one_line=*/true, deadline, stop);
    if (end != ReadEnd::line) return faulty(end, *process);  // and the next candidate gets a new one
    CommandReply reply;
    const std::string& output = process->output();
    reply.answer = output.substr(0, output.find('\n'));
    reply.last_words = process->last_words();
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(process));
    return reply;
  }

 private:
  std::unique_ptr<ChildProcess> take_idle() const {
    const std::lock_guard lock(mutex_);
    while (!idle_.empty()) {
      std::unique_ptr<ChildProcess> process = std::move(idle_.back());
      idle_.pop_back();
      if (process->running()) return process;  // one that ended after its last answer is replaced
    }
    return std::make_unique<ChildProcess>(words_, "");
  }

  std::vector<std::string> words_;
  mutable std::mutex mutex_;
  mutable std::vector<std::unique_ptr<ChildProcess>> idle_;
};

}  // namespace

std::unique_ptr<CommandRunner> make_kept_commands(std::vector<std::string> words) {
  return std::make_unique<KeptCommands>(std::move(words));
}

}  // namespace evaluators
