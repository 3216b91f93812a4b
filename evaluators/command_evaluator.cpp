// Makes a folder with what a trainer needs, asks it, and takes its answer.
#include "evaluators/command_evaluator.h"

#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "evaluators/command_request.h"
#include "search_space/errors.h"
#include "search_space/lowering.h"

namespace evaluators {
namespace {

namespace fs = std::filesystem;
using search_space::EnvironmentError;
using Clock = std::chrono::steady_clock;

// A candidate's folder; what an interrupted session left under its name goes first.
class Folder {
 public:
  Folder(const std::string& parent, const std::string& key) : path_(fs::absolute(fs::path(parent) / key)) {
    std::error_code error;
    fs::remove_all(path_, error);
    if (!error) fs::create_directories(path_, error);
    if (error) throw EnvironmentError(fmt::format("cannot make the folder '{}': {}", path_.string(), error.message()));
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
    fs::remove(path_.parent_path(), ignored);  // fails while others work in it
  }

  std::string path() const { return path_.string(); }

 private:
  fs::path path_;
};

class CommandEvaluator : public Evaluator {
 public:
  CommandEvaluator(const search_space::SearchSpace& space, CommandSettings settings)
      : space_(space), settings_(std::move(settings)) {
    executable_path(settings_.words.front());
    runner_ = settings_.kept ? make_kept_commands(settings_.words) : make_started_commands(settings_.words);
  }

  std::string name() const override { return settings_.kept ? "command-server" : "command"; }
  std::string settings_key() const override;
  Evaluation evaluate(const Request& request) const override;

 private:
  const search_space::SearchSpace& space_;
  CommandSettings settings_;
  std::unique_ptr<CommandRunner> runner_;
};

std::string CommandEvaluator::settings_key() const {
  return fmt::format("command/1;words={};{}",
                     nlohmann::json(settings_.words).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace),
                     answers_key(settings_));
}

Evaluation CommandEvaluator::evaluate(const Request& request) const {
  const Clock::time_point start = Clock::now();
  const search_space::Architecture architecture = space_.decode(request.design);
  Evaluation result;
  result.cost = search_space::cost_of(search_space::lower(architecture));
  const Folder folder(settings_.folder, request.key);
  const std::string question = write_request(request, architecture, settings_, folder.path());
  Deadline deadline;
  if (settings_.time_limit_seconds > 0)
    deadline = start +
               std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(settings_.time_limit_seconds));
  const CommandReply reply = runner_->ask(folder.path(), question, deadline, request.stop);
  if (reply.outcome == Outcome::trained) {
    take_answer(reply.answer, request.key, settings_, result);
    if (result.outcome != Outcome::trained) result.message += "; " + reply.last_words;
  } else {
    result.outcome = reply.outcome;
    result.message = reply.fault;
  }
  result.seconds = std::chrono::duration<double>(Clock::now() - start).count();
  return result;
}

}  // namespace

std::unique_ptr<Evaluator> make_command_evaluator(const search_space::SearchSpace& space, CommandSettings settings) {
  return std::make_unique<CommandEvaluator>(space, std::move(settings));
}

}  // namespace evaluators
