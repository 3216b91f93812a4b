// Programs under the care of synth-reaper.
#include "evaluators/child_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <sstream>

#include "search_space/errors.h"

extern char** environ;

namespace evaluators {
namespace {

namespace fs = std::filesystem;
using search_space::EnvironmentError;
using search_space::printable;
using Clock = std::chrono::steady_clock;

constexpr int look_around_ms = 50;  // how often a request to stop is looked for
constexpr std::size_t kept_errors = 4096, shown_errors = 1000;
constexpr int shown_lines = 8;

EnvironmentError failure(const std::string& program, const std::string& why) {
  return EnvironmentError(
      fmt::format("cannot start '{}': {}; allowed is an executable file, by its path or found through PATH",
                  printable(program), why));
}

bool executable(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored) && access(path.c_str(), X_OK) == 0;
}

std::string reaper_path() {
  std::error_code unreadable;
  const fs::path self = fs::read_symlink("/proc/self/exe", unreadable);
  return self.parent_path() / "synth-reaper";
}

struct Pair {
  int ours = -1, theirs = -1;
};

Pair open_pipe() {
  int files[2];
  if (pipe2(files, O_CLOEXEC) != 0) throw EnvironmentError(fmt::format("cannot open a pipe: {}", std::strerror(errno)));
  fcntl(files[0], F_SETFL, O_NONBLOCK);
  return {files[0], files[1]};
}

Pair open_socket() {
  int files[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, files) != 0)
    throw EnvironmentError(fmt::format("cannot open a socket: {}", std::strerror(errno)));
  return {files[0], files[1]};
}

// Starts `path`; files[i] becomes its descriptor i. Handlers and masks of this process are not passed on.
pid_t spawn(const std::string& path, const std::vector<std::string>& words, const std::array<int, 4>& files) {
  std::vector<char*> pointers = {const_cast<char*>(path.c_str())};
  for (const std::string& word : words) pointers.push_back(const_cast<char*>(word.c_str()));
  pointers.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  for (int i = 0; i < 4; ++i) posix_spawn_file_actions_adddup2(&actions, files[static_cast<std::size_t>(i)], i);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  pid_t pid = -1;
  const int error = posix_spawn(&pid, path.c_str(), &actions, &attributes, pointers.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (error != 0)
    throw EnvironmentError(fmt::format("cannot start '{}': {}; it belongs beside synth, where the build puts it", path,
                                       std::strerror(error)));
  return pid;
}

}  // namespace

std::string executable_path(const std::string& word) {
  if (word.find('/') != std::string::npos) {
    if (executable(word)) return word;
    std::error_code ignored;
    throw failure(word, fs::exists(word, ignored) ? "it is not an executable file" : "there is no such file");
  }
  const char* path = std::getenv("PATH");
  std::istringstream folders(path != nullptr ? path : "/usr/bin:/bin");
  for (std::string folder; std::getline(folders, folder, ':');)
    if (executable(fs::path(folder.empty() ? "." : folder) / word))
      return fs::path(folder.empty() ? "." : folder) / word;
  throw failure(word, "no folder of PATH holds it");
}

ChildProcess::ChildProcess(const std::vector<std::string>& words, const std::string& input) : name_(words.front()) {
  const Pair output = open_pipe(), errors = open_pipe(), control = open_socket();
  Pair stdin_pair;
  if (input.empty()) {
    stdin_pair = open_socket();
  } else {
    stdin_pair.theirs = open(input.c_str(), O_RDONLY | O_CLOEXEC);
    if (stdin_pair.theirs < 0) throw EnvironmentError(fmt::format("cannot read '{}': {}", input, std::strerror(errno)));
  }
  output_.file = output.ours;
  errors_.file = errors.ours;
  control_ = control.ours;
  input_ = stdin_pair.ours;
  reaper_ = spawn(reaper_path(), words, {stdin_pair.theirs, output.theirs, errors.theirs, control.theirs});
  for (const int file : {stdin_pair.theirs, output.theirs, errors.theirs, control.theirs}) close(file);
}

ChildProcess::~ChildProcess() {
  end();
  for (const int file : {output_.file, errors_.file, input_})
    if (file >= 0) close(file);
}

void ChildProcess::end() {
  if (control_ >= 0) close(control_);  // tells the reaper
  control_ = -1;
  if (reaper_ > 0) waitpid(reaper_, nullptr, 0);
  reaper_ = -1;
}

void ChildProcess::send(const std::string& line) {
  take(output_, 0);
  take(errors_, 0);
  output_ = {output_.file, {}, 0};
  errors_ = {errors_.file, {}, 0};
  const std::string text = line + "\n";
  for (std::size_t sent = 0; sent < text.size();) {
    const ssize_t count = ::send(input_, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return;
    sent += static_cast<std::size_t>(count);
  }
}

// Reads what there is; only the end of it is kept.
void ChildProcess::take(Stream& stream, std::size_t keep) {
  std::array<char, 65536> buffer;
  while (stream.file >= 0 && stream.total <= most_output) {
    const ssize_t count = ::read(stream.file, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return;  // nothing now
    if (count == 0) {
      close(stream.file);
      stream.file = -1;
      return;
    }
    stream.total += static_cast<std::size_t>(count);
    stream.text.append(buffer.data(), static_cast<std::size_t>(count));
    if (stream.text.size() > 2 * keep) stream.text.erase(0, stream.text.size() - keep);
  }
}

// The reaper speaks once, when nothing of the program is left.
void ChildProcess::take_report() {
  std::array<char, 64> buffer{};
  ssize_t count = 0;
  do count = recv(control_, buffer.data(), buffer.size() - 1, MSG_DONTWAIT);
  while (count < 0 && errno == EINTR);
  if (count < 0) return;  // still running
  std::istringstream report(buffer.data());
  std::string what;
  int value = 0;
  report >> what >> value;
  if (what == "unstartable") throw failure(name_, std::strerror(value));
  if (what == "exited") ending_ = fmt::format("exit code {}", value);
  if (what == "signalled") ending_ = fmt::format("killed by signal {} ({})", value, strsignal(value));
  if (ending_.empty()) ending_ = "killed, with the process that watched it";
}

bool ChildProcess::running() {
  if (ending_.empty()) take_report();
  return ending_.empty();
}

ReadEnd ChildProcess::read(bool one_line, const Deadline& deadline, const std::atomic<bool>* stop) {
  for (;;) {
    if (ending_.empty()) take_report();
    // What the program wrote before its end is in the pipes by now.
    take(output_, longest_line);
    take(errors_, kept_errors);
    const bool too_long = one_line && output_.total > longest_line;
    if (too_long || output_.total > most_output || errors_.total > most_output) return ReadEnd::too_much;
    if (one_line && output_.text.find('\n') != std::string::npos) return ReadEnd::line;
    if (!ending_.empty()) return ReadEnd::ended;
    if (stop != nullptr && stop->load()) return ReadEnd::stopped;
    int patience = look_around_ms;
    if (deadline) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(*deadline - Clock::now()).count();
      if (left <= 0) return ReadEnd::timed_out;
      patience = static_cast<int>(std::min<long long>(left, patience));
    }
    pollfd files[3] = {{output_.file, POLLIN, 0}, {errors_.file, POLLIN, 0}, {control_, POLLIN, 0}};
    poll(files, 3, patience);
  }
}

std::string ChildProcess::last_words() const {
  std::vector<std::string> lines;
  std::istringstream text(errors_.text);
  for (std::string line; std::getline(text, line);)
    if (line.find_first_not_of(" \t\r") != std::string::npos) lines.push_back(std::move(line));
  std::string words;
  for (std::size_t i = lines.size() - std::min<std::size_t>(lines.size(), shown_lines); i < lines.size(); ++i)
    words += (words.empty() ? "" : " | ") + printable(lines[i]);
  if (words.size() > shown_errors) words = "..." + printable(words.substr(words.size() - shown_errors));
  std::string said = ending_.empty() ? "" : ending_ + "; ";
  return said + (words.empty() ? "its stderr is empty" : "its stderr ends: " + words);
}

}  // namespace evaluators
