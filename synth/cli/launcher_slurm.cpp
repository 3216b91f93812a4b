// Workers as array jobs of Slurm, named after the run: those of a search that was killed are found again.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "evaluators/child_process.h"
#include "results_db/address.h"
#include "search_space/errors.h"
#include "search_space/random.h"
#include "synth/cli/launcher_slurm.h"
#include "synth/cli/worker_log.h"

namespace synth::cli {

namespace {

using namespace std::chrono_literals;
using search_space::EnvironmentError;

// What a command of Slurm prints. Its controller may be busy or be started again: some tries are allowed.
std::string output_of(const Words& words, int tries) {
  constexpr auto patience = 60s, pause = 5s;
  for (;; --tries) {
    evaluators::ChildProcess process(words, "/dev/null");
    const auto end = process.read(false, std::chrono::steady_clock::now() + patience, nullptr);
    if (end == evaluators::ReadEnd::ended && process.exited_well()) return process.output();
    const std::string why = end == evaluators::ReadEnd::timed_out ? "no answer within a minute" : process.last_words();
    if (tries <= 1) throw EnvironmentError(fmt::format("--launcher slurm: {} was refused: {}", words.front(), why));
    std::this_thread::sleep_for(pause);
  }
}

class SlurmPool : public WorkerPool {
 public:
  SlurmPool(const std::string& run, const Words& worker, Words options)
      : options_(std::move(options)),
        name_("synth-" + search_space::content_hash(run).substr(0, 12)),
        user_("--user=" + std::to_string(::getuid())),
        logs_(make_log_folder(run)),
        script_(logs_ / "worker.sh") {
    write_script(worker);
  }

  int count() override {
    const std::string jobs =
        output_of({"squeue", "--noheader", "--array", "--format=%i", "--name=" + name_, user_}, most_tries);
    return static_cast<int>(std::count(jobs.begin(), jobs.end(), '\n'));
  }

  void add(int workers) override { output_of(submission({fmt::format("--array=0-{}", workers - 1)}), most_tries); }

  void end(bool /*at_once*/) override { output_of({"scancel", "--name=" + name_, user_}, most_tries); }

  std::string last_words() override { return newest_words(logs_); }

 private:
  static constexpr int most_tries = 12;  // a minute

  // The user's options come last: of two the later one counts.
  Words submission(const Words& more) const {
    Words words = {"sbatch", "--job-name=" + name_, "--output=" + (logs_ / "slurm-%A_%a.log").string()};
    words.insert(words.end(), {"--open-mode=append", "--requeue"});
    words.insert(words.end(), more.begin(), more.end());
    words.insert(words.end(), options_.begin(), options_.end());
    words.push_back(script_);
    return words;
  }

  // The worker takes the place of the shell, so that Slurm's SIGTERM reaches it.
  void write_script(const Words& worker) const {
    std::ofstream file(script_);
    file << "#!/bin/sh\nexec";
    for (const std::string& word : worker) file << ' ' << shell_word(word);
    const auto sizes = [](const std::string& word) { return word.starts_with("--jobs"); };
    if (std::none_of(worker.begin(), worker.end(), sizes)) file << " --jobs \"${SLURM_CPUS_PER_TASK:-1}\"";
    file << '\n' << std::flush;
    if (!file) throw EnvironmentError(fmt::format("cannot write '{}'", script_.string()));
  }

  static std::string shell_word(const std::string& text) {
    std::string quoted = "'";
    for (const char letter : text) quoted += letter == '\'' ? std::string("'\\''") : std::string(1, letter);
    return quoted + "'";
  }

  const Words options_;
  const std::string name_, user_;
  const std::filesystem::path logs_, script_;
};

}  // namespace

std::unique_ptr<WorkerPool> make_slurm_pool(const std::string& run, const Words& worker, const Words& options) {
  return std::make_unique<SlurmPool>(run, worker, options);
}

void check_slurm(const Words& options) {
  Words words = {"sbatch", "--test-only", "--wrap=true"};
  words.insert(words.end(), options.begin(), options.end());
  output_of(words, 1);
}

}  // namespace synth::cli
