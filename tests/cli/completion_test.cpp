// Completion in real shells, and manual pages, both made of the commands' own tables.
#include <sys/wait.h>

#include <catch2/catch.hpp>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "program.h"

namespace fs = std::filesystem;
using namespace cli_test;

namespace {

struct Answer {
  std::string text;
  int exit_code = 0;
};

Answer shell(const std::string& command) {
  std::FILE* pipe = ::popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  Answer answer;
  std::array<char, 4096> buffer{};
  for (std::size_t size = 0; (size = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;)
    answer.text.append(buffer.data(), size);
  const int status = ::pclose(pipe);
  answer.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return answer;
}

bool is_here(const std::string& tool) {
  if (shell("command -v " + tool).exit_code == 0) return true;
  WARN("skipped: " << tool << " is not installed (apt-get install " << tool << ")");
  return false;
}

// What the shell offers after each of the lines, one answer a line, in a folder with a run of two networks.
class Shell {
 public:
  Shell(std::string program, std::string prelude, std::string attempt)
      : program_(std::move(program)), prelude_(std::move(prelude)), attempt_(std::move(attempt)) {
    const Outcome search =
        run_synth({"search", "--data", "shapes,limit=300", "--prototype", "residual9,width=0.25", "--require",
                   "accuracy>=1%", "--evaluations", "2", "--epochs", "1", "--db", folder_ / "run.db", "-q"});
    INFO(search.err);
    REQUIRE(search.exit_code == 0);
    // Once: it asks every command for its options.
    const Outcome completion = run_synth({"completion", program_.substr(0, program_.find(' '))});
    REQUIRE(completion.exit_code == 0);
    std::ofstream(folder_ / "completion") << completion.out;
  }

  std::string offered(const std::string& line) const {
    const std::string script = folder_ / "script";
    std::ofstream(script) << prelude_ << "\n" << attempt_ << " '" << line << "'\n";
    const std::string binaries = fs::path(SYNTH_PROGRAM).parent_path().string();
    return shell("cd '" + folder_.path() + "' && PATH='" + binaries + ":'\"$PATH\" " + program_ + " " + script +
                 " 2>&1")
        .text;
  }

 private:
  TemporaryFolder folder_;
  std::string program_, prelude_, attempt_;
};

void check_offers(const Shell& shell) {
  using Catch::Contains;
  CHECK_THAT(shell.offered("synth sea"), Contains("search") && !Contains("resume"));
  CHECK_THAT(shell.offered("synth search --da"), Contains("--data") && !Contains("--seed"));
  CHECK_THAT(shell.offered("synth search --algorithm "), Contains("generative-synthesis") && Contains("nsga2"));
  CHECK_THAT(shell.offered("synth search --judge "), Contains("full") && Contains("measured"));
  CHECK_THAT(shell.offered("synth export resnet50 --format o"),
             Contains("onnx") && !Contains("svg\n") && !Contains("svg\t"));
  CHECK_THAT(shell.offered("synth show res"), Contains("residual9") && Contains("resnet50"));
  CHECK_THAT(shell.offered("synth show run.db#"), Contains("run.db#1") && Contains("run.db#2"));
  CHECK_THAT(shell.offered("synth show run.db@"), Contains("G0"));
  CHECK_THAT(shell.offered("synth help sc"), Contains("score"));
  CHECK(shell.offered("synth show missing.db#").find("synth:") == std::string::npos);
}

}  // namespace

TEST_CASE("bash completes commands, options and values", "[cli][completion]") {
  check_offers(Shell(
      "bash", "source ./completion",
      "try() { COMP_LINE=$1; COMP_POINT=${#1}; COMPREPLY=(); _synth; printf '%s\\n' \"${COMPREPLY[@]}\"; }; try"));
}

TEST_CASE("zsh completes commands, options and values", "[cli][completion]") {
  if (!is_here("zsh")) return;
  // Its editor needs a terminal: what the function hands to it is printed instead.
  check_offers(
      Shell("zsh -f",
            "compadd() { while [[ $1 != -- ]]; do shift; done; shift; local w; for w in \"$@\"; do [[ $w == "
            "$PREFIX* ]] && print -r -- \"$w\"; done; true; }\n_files() { true; }\nsource ./completion",
            "try() { words=(${=1}); [[ $1 == *' ' ]] && words+=(''); CURRENT=$#words; PREFIX=$words[CURRENT]; "
            "_synth; }; try"));
}

TEST_CASE("fish completes commands, options and values", "[cli][completion]") {
  if (!is_here("fish")) return;
  check_offers(Shell("fish", "source ./completion", "complete -C"));
}

TEST_CASE("a completion script says every option of every command", "[cli][completion]") {
  const std::string script = run_synth({"completion", "bash"}).out;
  for (const char* command : {"search", "resume", "family", "train", "evaluate", "export", "status", "bench"}) {
    const std::string help = run_synth({command, "--help"}).out;
    std::size_t options = 0;
    for (std::size_t at = help.find(" --"); at != std::string::npos; at = help.find(" --", at + 1)) {
      const std::size_t end = help.find_first_of(" \n=,'", at + 1);
      if (help[at + 3] < 'a' || help[at + 3] > 'z') continue;
      INFO(command << help.substr(at, end - at));
      CHECK(script.find(help.substr(at + 1, end - at - 1)) != std::string::npos);
      ++options;
    }
    CHECK(options >= 5);
  }
  CHECK(run_synth({"completion", "tcsh"}).exit_code == 2);
  CHECK(run_synth({"completion"}).exit_code == 2);
}

TEST_CASE("manual pages are in order and say what --help says", "[cli][completion]") {
  CHECK_THAT(run_synth({"man", "search"}).out, Catch::Contains("\\-\\-prototype") && Catch::Contains("EXIT STATUS"));
  CHECK_THAT(run_synth({"man"}).out, Catch::Contains("synth\\-search"));
  CHECK(run_synth({"man", "serach"}).exit_code == 2);
  if (!is_here("groff")) return;
  for (const char* page : {"", "search", "export", "completion"}) {
    const std::string text =
        shell("'" SYNTH_PROGRAM "' man " + std::string(page) + " | groff -man -ww -Tutf8 2>&1 >/dev/null").text;
    INFO(page);
    CHECK(text.empty());
  }
}
