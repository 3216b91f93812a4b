// Messages for people: stderr and, if asked for, a log file. Data never pass here.
#pragma once

#include <cstdio>
#include <string>

#include "synth/cli/common_options.h"

namespace synth::cli {

class Console {
 public:
  explicit Console(const CommonOptions& options);  // EnvironmentError if the log file cannot be opened
  Console(const Console&) = delete;
  ~Console();

  void note(const std::string& line);    // unless --quiet
  void detail(const std::string& line);  // with --verbose only
  void warn(const std::string& line);    // always
  // Only to the log file; for what a live view already shows.
  void log(const std::string& line);

  bool quiet() const { return quiet_; }
  bool verbose() const { return verbose_; }

 private:
  bool quiet_, verbose_;
  std::FILE* log_ = nullptr;
};

// Appends to the log file of the command that failed, if it has one.
void log_failure(const std::string& line);

bool is_terminal(std::FILE* stream);
// Columns of the terminal: the COLUMNS variable, else what the terminal says, else 80.
int terminal_width();
// What tables on stdout must fit: the terminal's width, 0 (unlimited) where stdout is none.
int output_width();
// What --help must fit: the terminal, within reason; 80 where stdout is none.
int help_width();

}  // namespace synth::cli
