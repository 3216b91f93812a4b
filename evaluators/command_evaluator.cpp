// Writes what a trainer needs into a folder, asks it, and reads the answer.
#include "evaluators/command_evaluator.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "search_space/architecture_json.h"
#include "search_space/errors.h"
#include "search_space/layers_json.h"
#include "search_space/lowering.h"

namespace evaluators {
namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;
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

  void write(const char* name, const std::string& text) const {
    std::ofstream file(path_ / name, std::ios::binary);
    file << text << '\n' << std::flush;
    if (!file)
      throw EnvironmentError(fmt::format("cannot write '{}': {}", (path_ / name).string(), std::strerror(errno)));
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
  ordered_json request_json(const Request& request, const search_space::Architecture& architecture,
                            const std::string& folder) const;

  const search_space::SearchSpace& space_;
  CommandSettings settings_;
  std::unique_ptr<CommandRunner> runner_;
};

std::string CommandEvaluator::settings_key() const {
  const CommandSettings& s = settings_;
  return fmt::format(
      "command/1;words={};data={};epochs={};weight_bits={};activation_bits={};needs_latency={};time_limit_seconds={}",
      ordered_json(s.words).dump(-1, ' ', true, ordered_json::error_handler_t::replace), s.data_fingerprint, s.epochs,
      s.weight_bits, s.activation_bits, s.needs_latency, s.time_limit_seconds);
}

ordered_json CommandEvaluator::request_json(const Request& request, const search_space::Architecture& architecture,
                                            const std::string& folder) const {
  ordered_json budget = {{"epochs", settings_.epochs}};
  if (settings_.time_limit_seconds > 0) budget["seconds"] = settings_.time_limit_seconds;
  ordered_json wanted = {"accuracy", "samples"};
  if (settings_.needs_latency) wanted.push_back("latency_ms");
  return {{"schema", "synth/evaluation-request/1"},
          {"key", request.key},
          {"seed", request.seed >> 11},  // 53 bits: exact in every reader of JSON
          {"folder", folder},
          {"architecture", folder + "/architecture.json"},
          {"layers", folder + "/layers.json"},
          {"data", settings_.data},
          {"classes", architecture.classes},
          {"budget", std::move(budget)},
          {"weight_bits", settings_.weight_bits},
          {"activation_bits", settings_.activation_bits},
          {"wanted", std::move(wanted)}};
}

Evaluation CommandEvaluator::evaluate(const Request& request) const {
  const Clock::time_point start = Clock::now();
  const search_space::Architecture architecture = space_.decode(request.design);
  const search_space::Graph graph = search_space::lower(architecture);
  Evaluation result;
  result.cost = search_space::cost_of(graph);
  const Folder folder(settings_.folder, request.key);
  const std::string question =
      request_json(request, architecture, folder.path()).dump(-1, ' ', false, ordered_json::error_handler_t::replace);
  folder.write("architecture.json", search_space::architecture_to_json(architecture).dump(2));
  folder.write("layers.json", search_space::layers_to_json(graph).dump(2));
  folder.write("request.json", question);
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
