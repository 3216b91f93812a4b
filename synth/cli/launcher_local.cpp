// Workers as processes of this machine. They end with the search, also where it is killed.
#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "results_db/address.h"
#include "search_space/errors.h"
#include "synth/cli/launcher.h"
#include "synth/cli/worker_log.h"

namespace synth::cli {

namespace {

using namespace std::chrono_literals;

class LocalPool : public WorkerPool {
 public:
  LocalPool(const std::string& run, Words worker) : worker_(std::move(worker)), logs_(make_log_folder(run)) {}
  ~LocalPool() override {
    for (const pid_t pid : pids_) ::kill(pid, SIGKILL);
    for (const pid_t pid : pids_) ::waitpid(pid, nullptr, 0);
  }

  int count() override {
    std::erase_if(pids_, [](pid_t pid) { return ::waitpid(pid, nullptr, WNOHANG) != 0; });
    return static_cast<int>(pids_.size());
  }

  void add(int workers) override {
    for (int i = 0; i < workers; ++i) pids_.push_back(start(logs_ / fmt::format("local-{}.log", ++started_)));
  }

  // SIGTERM lets a worker finish within its grace; a second one, or the end of patience, does not.
  void end(bool at_once) override {
    constexpr auto usual = 2s, patience = 30s;
    const auto from = std::chrono::steady_clock::now();
    bool told = false;
    while (count() > 0 && std::chrono::steady_clock::now() - from < patience) {
      const bool now = at_once || std::chrono::steady_clock::now() - from > usual;
      if (now && !told) {  // until then they see for themselves that the run is over
        for (const pid_t pid : pids_) ::kill(pid, SIGTERM);
        told = true;
      }
      std::this_thread::sleep_for(20ms);
    }
  }

  std::string last_words() override { return newest_words(logs_); }

 private:
  // A group of its own: Ctrl-C at the terminal reaches the search alone. Called by the launcher's thread, which lives
  // as long as its workers: the death signal follows the thread.
  pid_t start(const std::filesystem::path& log) {
    std::vector<char*> words;
    for (std::string& word : worker_) words.push_back(word.data());
    words.push_back(nullptr);
    const pid_t parent = ::getpid();
    const int file = ::open(log.c_str(), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0644);
    const int empty = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    const pid_t pid = file < 0 || empty < 0 ? -1 : ::fork();
    if (pid == 0) {
      ::setpgid(0, 0);
      ::prctl(PR_SET_PDEATHSIG, SIGTERM);
      if (::getppid() != parent) ::_exit(1);
      ::dup2(empty, STDIN_FILENO);
      ::dup2(file, STDOUT_FILENO);
      ::dup2(file, STDERR_FILENO);
      ::execv(words[0], words.data());
      ::_exit(127);
    }
    const int why = errno;
    ::close(file);
    ::close(empty);
    if (pid < 0)
      throw search_space::EnvironmentError(fmt::format("--launcher local: cannot start a worker with its log '{}': {}",
                                                       log.string(), std::strerror(why)));
    return pid;
  }

  Words worker_;
  const std::filesystem::path logs_;
  std::vector<pid_t> pids_;
  int started_ = 0;
};

}  // namespace

std::unique_ptr<WorkerPool> make_local_pool(const std::string& run, const Words& worker) {
  return std::make_unique<LocalPool>(run, worker);
}

}  // namespace synth::cli
