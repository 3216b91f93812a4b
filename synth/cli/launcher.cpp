// Keeping the number of workers.
#include "synth/cli/launcher.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/program_options/parsers.hpp>
#include <condition_variable>
#include <exception>
#include <filesystem>

#include "evaluators/child_process.h"
#include "results_db/address.h"
#include "search_space/errors.h"
#include "synth/cli/evaluator_option.h"
#include "synth/cli/launcher_slurm.h"

namespace synth::cli {

namespace po = boost::program_options;
using namespace std::chrono_literals;
using search_space::InputError;

namespace {

constexpr auto soon = 60s;            // a worker that ends within this time of its beginning may be at fault
constexpr auto longest_pause = 60s;   // before workers that end at once are begun again
constexpr auto look_every = 1000ms;   // at how many there are
constexpr const char* grace = "20s";  // less than the 30 s that Slurm leaves between SIGTERM and SIGKILL

Words split(const std::string& text, const char* option) {
  try {
    return po::split_unix(text);
  } catch (const std::exception& error) {
    throw InputError(
        fmt::format("{}: '{}' cannot be split into words: {}", option, search_space::printable(text), error.what()));
  }
}

std::string program() {
  std::error_code unreadable;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", unreadable);
  if (unreadable)
    throw search_space::EnvironmentError("cannot find out where this program lies: /proc/self/exe: " +
                                         unreadable.message());
  return self.parent_path() / "synth";
}

}  // namespace

void declare_launcher_options(CommandLine& line, LauncherOptions& options) {
  line.add_options()  //
      ("launcher", po::value(&options.kind)->value_name("local|slurm"),
       "start workers, too: processes here, or jobs of Slurm; then the search itself evaluates only with --jobs")  //
      ("workers", po::value(&options.workers)->value_name("N"), "how many the launcher keeps")                     //
      ("slurm-options", po::value(&options.slurm_options)->value_name("TEXT"),
       "options of sbatch, such as '-p gpu -G 1'")  //
      ("worker-options", po::value(&options.worker_options)->value_name("TEXT"),
       "options of every 'synth worker' that is started, such as '--on-other-processor'");
}

void check_launcher(const LauncherOptions& options, const std::string& run) {
  constexpr int most = 4096;
  const bool slurm = options.kind == "slurm";
  if (options.kind.empty()) {
    if (options.workers != 0 || !options.slurm_options.empty() || !options.worker_options.empty())
      throw InputError("--workers, --slurm-options, --worker-options: they need --launcher local or --launcher slurm");
    return;
  }
  if (options.kind != "local" && !slurm)
    throw InputError(fmt::format("--launcher: found '{}', allowed are local, slurm", options.kind));
  if (!slurm && !options.slurm_options.empty()) throw InputError("--slurm-options: they need --launcher slurm");
  if (options.workers < 1 || options.workers > most)
    throw InputError(fmt::format("--workers: found {}, allowed are 1 to {}", options.workers, most));
  if (!results_db::is_url(run))
    throw InputError(
        fmt::format("--launcher: found the file '{}'; workers share a run in a database: --db "
                    "'postgresql://USER@HOST/DATABASE?run=NAME'",
                    run));
  split(options.worker_options, "--worker-options");
  const Words words = split(options.slurm_options, "--slurm-options");
  if (!slurm) return;
  for (const char* name : {"sbatch", "squeue", "scancel"}) {
    try {
      evaluators::executable_path(name);
    } catch (const search_space::EnvironmentError& error) {
      throw search_space::EnvironmentError(
          fmt::format("--launcher slurm: {}; Slurm's commands must be in PATH, as on a cluster's login node, or start "
                      "workers by hand: synth worker {}",
                      error.what(), results_db::as_word(run)));
    }
  }
  check_slurm(words);
}

std::unique_ptr<WorkerPool> make_pool(const LauncherOptions& options, const std::string& run,
                                      const std::string& evaluator) {
  Words worker = {program(), "worker", run, "--grace", grace, "--quiet"};
  if (!evaluator.empty() && parse_evaluator(evaluator, "--evaluator").own)
    worker.insert(worker.end(), {"--evaluator", evaluator});
  for (std::string& word : split(options.worker_options, "--worker-options")) worker.push_back(std::move(word));
  const bool sized =
      std::any_of(worker.begin(), worker.end(), [](const auto& word) { return word.starts_with("--jobs"); });
  if (options.kind == "local") {
    if (!sized) worker.insert(worker.end(), {"--jobs", "1"});
    return make_local_pool(run, worker);
  }
  return make_slurm_pool(run, worker, split(options.slurm_options, "--slurm-options"));
}

Launcher::Launcher(std::unique_ptr<WorkerPool> pool, int workers, Console& console,
                   std::function<void(const std::string& why)> fail)
    : pool_(std::move(pool)), workers_(workers), console_(console), fail_(std::move(fail)) {
  thread_ = std::jthread([this](const std::stop_token& stop) { keep(stop); });
}

Launcher::~Launcher() {
  thread_.request_stop();
  thread_.join();
}

void Launcher::on_evaluation(const engine::Record&) {
  const std::lock_guard lock(mutex_);
  vain_ = 0;
  pause_ = 1s;
}

void Launcher::replace(int missing) {
  {
    const std::lock_guard lock(mutex_);
    const auto now = std::chrono::steady_clock::now();
    const bool first = began_ == std::chrono::steady_clock::time_point{};
    if (!first) {
      const bool early = now - began_ < soon;
      vain_ = early ? vain_ + missing : 0;
      if (!early) pause_ = 1s;
      if (now - began_ < pause_) {
        if (early) vain_ -= missing;  // counted when they are begun again
        return;
      }
      if (vain_ > std::max(4, 2 * workers_))
        throw search_space::EnvironmentError(fmt::format(
            "workers end as soon as they begin ({} of them since the last network){}", vain_, pool_->last_words()));
      if (early) pause_ = std::min<std::chrono::seconds>(2 * pause_, longest_pause);
      console_.note(fmt::format("{} of {} workers ended; they are replaced", missing, workers_));
    }
    began_ = now;
  }
  pool_->add(missing);
}

void Launcher::keep(const std::stop_token& stop) {
  std::mutex sleeping;
  std::condition_variable_any woken;
  try {
    while (!stop.stop_requested()) {
      if (const int missing = workers_ - pool_->count(); missing > 0) replace(missing);
      std::unique_lock lock(sleeping);
      woken.wait_for(lock, stop, look_every, [] { return false; });
    }
    pool_->end(false);
  } catch (const std::exception& error) {
    try {
      pool_->end(true);
    } catch (const std::exception&) {  // what came first is what is told
    }
    fail_(error.what());
  }
}

}  // namespace synth::cli
