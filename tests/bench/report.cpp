// Time and size of `synth report` on a generated run, and the memory it takes. The run is written first, transaction by
// transaction: give a folder in memory. Usage: bench_report FOLDER [NETWORKS]
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>

#include "tests/support/made_run.h"

namespace {

double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 2) {
    fmt::print(stderr, "usage: bench_report FOLDER [NETWORKS]\n");
    return 2;
  }
  const std::string folder = arguments[1], run = folder + "/made.db", report = folder + "/made.html";
  const int networks = count > 2 ? std::atoi(arguments[2]) : 100'000;
  // Ten networks per proposal: 10^5 networks come from 10^4 proposals.
  if (!std::filesystem::exists(run)) {
    const auto begin = std::chrono::steady_clock::now();
    synth::test::make_run(run, {.networks = networks, .seeds = 10, .evidence = 5});
    fmt::print("run of {} networks: {:.1f} s, {:.1f} MB\n", networks, seconds_since(begin),
               static_cast<double>(std::filesystem::file_size(run)) / 1e6);
  }
  const auto begin = std::chrono::steady_clock::now();
  const pid_t child = fork();
  if (child == 0) {
    execl(SYNTH_PROGRAM, "synth", "report", run.c_str(), "--out", report.c_str(), "-q", nullptr);
    _exit(127);
  }
  int status = 0;
  rusage used{};
  wait4(child, &status, 0, &used);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    fmt::print(stderr, "synth report failed\n");
    return 1;
  }
  fmt::print("report: {:.2f} s, {:.1f} MB of HTML, {:.0f} MB of memory at most\n", seconds_since(begin),
             static_cast<double>(std::filesystem::file_size(report)) / 1e6, static_cast<double>(used.ru_maxrss) / 1e3);
}
