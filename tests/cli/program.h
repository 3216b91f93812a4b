// Runs the real program and captures what it says.
#pragma once

#include <sys/types.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace cli_test {

struct Outcome {
  int exit_code = -1;  // -signal where one ended it
  std::string out, err;

  nlohmann::json json() const { return nlohmann::json::parse(out); }
};

using Environment = std::vector<std::string>;  // "NAME=value"

// A folder that is removed at the end of the test.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

void write_text(const std::string& path, const std::string& text);
std::string read_text(const std::string& path);

Outcome run_synth(const std::vector<std::string>& arguments, const Environment& environment = {});

// With a terminal of so many columns as stdout and stderr; both come as `out`. Without colours, unless asked for.
Outcome run_on_terminal(const std::vector<std::string>& arguments, int columns, bool colours = false);

// A program under way, with its output in files of `folder`.
class Process {
 public:
  Process(const std::vector<std::string>& arguments, const std::string& out, const std::string& err,
          const Environment& environment = {});
  void signal(int number);
  bool running();
  int wait();  // exit code, -signal where one ended it

 private:
  pid_t pid_ = -1;
  bool ended_ = false;
  int status_ = 0;
};

}  // namespace cli_test
