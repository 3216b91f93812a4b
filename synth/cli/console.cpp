// stderr, the log file, and what the terminal can do.
#include "synth/cli/console.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include "search_space/errors.h"

namespace synth::cli {

namespace {

// The log file that --log-file named: a failure is reported where no console is left.
std::string& failure_log() {
  static std::string path;
  return path;
}

}  // namespace

Console::Console(const CommonOptions& options) : quiet_(options.quiet), verbose_(options.verbose) {
  if (options.log_file.empty()) return;
  log_ = std::fopen(options.log_file.c_str(), "a");
  if (log_ == nullptr) {
    throw search_space::EnvironmentError("--log-file " + options.log_file + ": " + std::strerror(errno));
  }
  failure_log() = options.log_file;
}

Console::~Console() {
  if (log_ != nullptr) std::fclose(log_);
}

void Console::log(const std::string& line) {
  if (log_ == nullptr) return;
  char stamp[32];
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  std::strftime(stamp, sizeof stamp, "%FT%TZ", gmtime_r(&now, &parts));
  std::fprintf(log_, "%s %s\n", stamp, line.c_str());
  std::fflush(log_);
}

void Console::note(const std::string& line) {
  log(line);
  if (!quiet_) std::fprintf(stderr, "%s\n", line.c_str());
}

void Console::detail(const std::string& line) {
  log(line);
  if (verbose_) std::fprintf(stderr, "%s\n", line.c_str());
}

void Console::warn(const std::string& line) {
  log(line);
  std::fprintf(stderr, "%s\n", line.c_str());
}

void log_failure(const std::string& line) {
  if (failure_log().empty()) return;
  CommonOptions options;
  options.log_file = failure_log();
  Console(options).log(line);
}

bool is_terminal(std::FILE* stream) {
  return isatty(fileno(stream)) == 1;
}

int terminal_width() {
  if (const char* columns = std::getenv("COLUMNS")) {
    const int value = std::atoi(columns);
    if (value > 0) return value;
  }
  winsize size{};
  for (const int stream : {STDOUT_FILENO, STDERR_FILENO}) {
    if (ioctl(stream, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  }
  return 80;
}

int output_width() {
  return is_terminal(stdout) ? terminal_width() : 0;
}

int help_width() {
  const int columns = output_width();
  return columns > 0 ? std::clamp(columns, 60, 100) : 80;
}

}  // namespace synth::cli
