// Workers that a search starts itself: processes on this machine, or jobs of Slurm (docs/clusters.md).
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "synth/cli/common_options.h"
#include "synth/cli/console.h"
#include "synth/engine/experiment.h"

namespace synth::cli {

// Only ever from a command line: a run's record and a configuration file start nothing.
struct LauncherOptions {
  std::string kind;  // "local", "slurm"; empty = none
  int workers = 0;
  std::string slurm_options;   // of sbatch, as a shell would split them
  std::string worker_options;  // of every 'synth worker', likewise
};

void declare_launcher_options(CommandLine& line, LauncherOptions& options);

// The command line of one worker.
using Words = std::vector<std::string>;

// Workers of one kind. Errors as EnvironmentError.
class WorkerPool {
 public:
  virtual ~WorkerPool() = default;
  virtual int count() = 0;                         // that run, or wait to
  virtual void add(int workers) = 0;               // begins as many more
  virtual void end(bool at_once) = 0;              // lets them finish, or hand back, what is in flight
  virtual std::string last_words() { return {}; }  // of a worker that ended, for a message
};
std::unique_ptr<WorkerPool> make_local_pool(const std::string& run, const Words& worker);
std::unique_ptr<WorkerPool> make_slurm_pool(const std::string& run, const Words& worker, const Words& options);

// Before a run is made: InputError for what was typed, EnvironmentError where Slurm is missing or refuses.
void check_launcher(const LauncherOptions& options, const std::string& run);
// `evaluator`: as the command line names it; empty = the built-in trainer.
std::unique_ptr<WorkerPool> make_pool(const LauncherOptions& options, const std::string& run,
                                      const std::string& evaluator);

// Keeps as many workers as were asked for, until it is destroyed. Where they end as soon as they begin, `fail` is
// called once, from another thread, and no more are started.
class Launcher : public engine::Observer {
 public:
  Launcher(std::unique_ptr<WorkerPool> pool, int workers, Console& console,
           std::function<void(const std::string& why)> fail);
  ~Launcher() override;

  void on_evaluation(const engine::Record&) override;  // workers that come to something are not at fault

 private:
  void keep(const std::stop_token& stop);
  void replace(int missing);

  std::unique_ptr<WorkerPool> pool_;
  const int workers_;
  Console& console_;
  const std::function<void(const std::string&)> fail_;
  std::mutex mutex_;
  int vain_ = 0;  // workers that ended soon after they began, since the last network
  std::chrono::steady_clock::time_point began_{};
  std::chrono::seconds pause_{1};
  std::jthread thread_;
};

}  // namespace synth::cli
