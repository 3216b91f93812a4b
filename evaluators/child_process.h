// A program that answers on its standard output; no descendant of it outlives this object, nor this process.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace evaluators {

using Deadline = std::optional<std::chrono::steady_clock::time_point>;

// Path of the program that `word` means, by PATH where it has no slash. EnvironmentError where it cannot be executed.
std::string executable_path(const std::string& word);

// Why reading ended.
enum class ReadEnd { line, ended, timed_out, stopped, too_much };

class ChildProcess {
 public:
  // Longest answer in bytes; most that may be written to one stream while it is read.
  static constexpr std::size_t longest_line = std::size_t{1} << 20, most_output = std::size_t{64} << 20;

  // `input`: the file it reads, or empty: then lines are sent to it. EnvironmentError where it cannot be started,
  // also from `read`.
  ChildProcess(const std::vector<std::string>& words, const std::string& input);
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;
  ~ChildProcess();

  // What was said before is forgotten. A program that does not listen is found out by `read`.
  void send(const std::string& line);
  // Until the program has ended, or, with `one_line`, has written a line. Throws nothing for the program's faults.
  ReadEnd read(bool one_line, const Deadline& deadline, const std::atomic<bool>* stop);
  // Ends it with all its descendants: SIGTERM, and SIGKILL 0.4 s later.
  void end();

  const std::string& output() const { return output_.text; }  // its last 1 MiB or more
  // "exit code 3; stderr ends: ..." with the last lines of its standard error, escaped and bounded.
  std::string last_words() const;
  bool running();  // asked between two reads
  bool exited_well() const { return ending_ == "exit code 0"; }

 private:
  struct Stream {
    int file = -1;
    std::string text;       // the end of what was written
    std::size_t total = 0;  // bytes since `send`, or the start
  };
  void take(Stream& stream, std::size_t keep);
  void take_report();

  std::string name_;
  pid_t reaper_ = -1;
  int control_ = -1, input_ = -1;
  Stream output_, errors_;
  std::string ending_;  // "exit code 3", "killed by signal 9 (Killed)"; empty while it runs
};

}  // namespace evaluators
