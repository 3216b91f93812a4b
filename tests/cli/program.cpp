// Processes of the program under test.
#include "tests/cli/program.h"

#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace cli_test {

TemporaryFolder::TemporaryFolder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "synth-test.XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
  path_ = pattern;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

void write_text(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

std::string read_text(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

namespace {

// For execv; refers to `arguments`.
std::vector<char*> words_of(const std::vector<std::string>& arguments) {
  std::vector<char*> words = {const_cast<char*>(SYNTH_PROGRAM)};
  for (const std::string& argument : arguments) words.push_back(const_cast<char*>(argument.c_str()));
  words.push_back(nullptr);
  return words;
}

}  // namespace

Process::Process(const std::vector<std::string>& arguments, const std::string& out, const std::string& err,
                 const Environment& environment) {
  std::vector<char*> words = words_of(arguments);
  pid_ = fork();
  if (pid_ < 0) throw std::runtime_error("fork failed");
  if (pid_ > 0) return;
  dup2(open("/dev/null", O_RDONLY), 0);
  dup2(open(out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), 1);
  dup2(open(err.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), 2);
  for (const std::string& setting : environment) putenv(const_cast<char*>(setting.c_str()));
  execv(SYNTH_PROGRAM, words.data());
  _exit(127);
}

void Process::signal(int number) {
  kill(pid_, number);
}

bool Process::running() {
  if (!ended_ && waitpid(pid_, &status_, WNOHANG) == pid_) ended_ = true;
  return !ended_;
}

int Process::wait() {
  if (!ended_) waitpid(pid_, &status_, 0);
  ended_ = true;
  return WIFEXITED(status_) ? WEXITSTATUS(status_) : -WTERMSIG(status_);
}

Outcome run_on_terminal(const std::vector<std::string>& arguments, int columns, bool colours) {
  std::vector<char*> words = words_of(arguments);
  winsize size{};
  size.ws_col = static_cast<unsigned short>(columns);
  size.ws_row = 24;
  int terminal = -1;
  const pid_t pid = forkpty(&terminal, nullptr, nullptr, &size);
  if (pid < 0) throw std::runtime_error("no terminal");
  if (pid == 0) {
    unsetenv("COLUMNS");
    setenv("TERM", "xterm", 1);
    setenv("NO_COLOR", colours ? "" : "1", 1);
    execv(SYNTH_PROGRAM, words.data());
    _exit(127);
  }
  Outcome outcome;
  char buffer[4096];
  // Reading fails when the program has ended and closed its side.
  for (ssize_t count; (count = read(terminal, buffer, sizeof buffer)) > 0;) {
    for (const char letter : std::string(buffer, static_cast<std::size_t>(count))) {
      if (letter != '\r') outcome.out += letter;
    }
  }
  close(terminal);
  int status = 0;
  waitpid(pid, &status, 0);
  outcome.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  return outcome;
}

Outcome run_synth(const std::vector<std::string>& arguments, const Environment& environment) {
  const TemporaryFolder folder;
  Process process(arguments, folder / "out", folder / "err", environment);
  Outcome outcome;
  outcome.exit_code = process.wait();
  outcome.out = read_text(folder / "out");
  outcome.err = read_text(folder / "err");
  return outcome;
}

}  // namespace cli_test
