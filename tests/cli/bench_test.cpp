// synth bench as users run it.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <thread>

#include "tests/cli/program.h"

using cli_test::Outcome;
using cli_test::TemporaryFolder;
using cli_test::write_text;

namespace {

// 27 networks; the accuracy rises with each value, and so do the costs.
std::string write_table(const TemporaryFolder& folder) {
  std::string csv = "a,b,c,top1,params,macs\n";
  for (int i = 0; i < 27; ++i) {
    const int a = i / 9, b = i / 3 % 3, c = i % 3;
    csv += fmt::format("{},{},{},{},{},{}\n", a, b, c, 80 + 4 * a + 2 * b + c, 1000 * (1 + a + b + 3 * c),
                       90000 * (1 + a + b + c));
  }
  write_text(folder / "small.csv", csv);
  write_text(folder / "small.json", R"({"schema": "synth/table/1", "name": "small", "csv": "small.csv",
    "decisions": [{"name": "a", "values": [1, 2, 3]}, {"name": "b", "values": [1, 2, 3]}, {"name": "c", "values": ["x", "y", "z"]}],
    "accuracy": {"column": "top1", "unit": "percent"}, "parameters": "params", "multiply_adds": "macs"})");
  return folder / "small.json";
}

// Everything but the times.
nlohmann::json untimed(nlohmann::json document) {
  document.erase("wall_seconds");
  for (auto& algorithm : document["algorithms"]) {
    algorithm.erase("cpu_seconds");
    algorithm.erase("wall_seconds");
    algorithm.erase("overhead_ms_per_evaluation");
  }
  return document;
}

}  // namespace

TEST_CASE("bench compares algorithms on a table") {
  const TemporaryFolder folder;
  const std::string table = write_table(folder);
  const std::vector<std::string> command = {"bench",   "--table", table,    "--require",    "accuracy>=87%",
                                            "--seeds", "5",       "--json", "--target-gap", "0.1"};
  const Outcome one = cli_test::run_synth(command);
  REQUIRE(one.exit_code == 0);
  const auto document = one.json();
  CHECK(document["schema"] == "synth/bench/1");
  CHECK(document["optimum"]["exact"] == true);
  REQUIRE(document["algorithms"].size() >= 6);
  for (const auto& algorithm : document["algorithms"]) {
    INFO(algorithm["name"]);
    CHECK(algorithm["success_rate"] == 1.0);
    CHECK(algorithm["median_evaluations_to_target"] <= 27);
  }
  auto parallel = command;
  parallel.insert(parallel.end(), {"--jobs", "2"});
  CHECK(untimed(cli_test::run_synth(parallel).json()) == untimed(document));
}

TEST_CASE("bench writes a table and a picture for people") {
  const TemporaryFolder folder;
  const Outcome outcome =
      cli_test::run_synth({"bench", "--table", write_table(folder), "--require", "accuracy>=87%", "--seeds", "3",
                           "--algorithms", "random,local-search", "--svg", folder / "curves.svg"});
  CHECK(outcome.exit_code == 0);
  CHECK_THAT(outcome.out, Catch::Contains("local-search") && Catch::Contains("success"));
  CHECK_THAT(outcome.err, Catch::Contains("1 of 6 runs are finished\n"));
  CHECK(std::filesystem::file_size(folder / "curves.svg") > 500);
}

TEST_CASE("Ctrl-C ends a bench with the table of the finished runs") {
  const TemporaryFolder folder;
  // Far more runs than a minute has; the first line of progress says that one is finished.
  cli_test::Process process({"bench", "--table", write_table(folder), "--require", "accuracy>=87%", "--seeds",
                             "100000", "--algorithms", "random,nsga2", "--json", "--svg", folder / "curves.svg"},
                            folder / "out", folder / "err");
  while (process.running() && cli_test::read_text(folder / "err").find("runs are finished") == std::string::npos) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  process.signal(SIGINT);
  CHECK(process.wait() == 5);
  CHECK_THAT(cli_test::read_text(folder / "err"), Catch::Contains("of 200000 runs are finished, and the figures"));
  const auto document = nlohmann::json::parse(cli_test::read_text(folder / "out"));
  CHECK(document["interrupted"] == true);
  REQUIRE(document["algorithms"].size() == 1);
  CHECK(document["algorithms"][0]["seeds"] == document["finished_runs"]);
  CHECK(std::filesystem::file_size(folder / "curves.svg") > 500);
}

TEST_CASE("bench says what is wrong") {
  const TemporaryFolder folder;
  const std::string table = write_table(folder);
  const Outcome infeasible = cli_test::run_synth({"bench", "--table", table, "--require", "accuracy>=99%"});
  CHECK(infeasible.exit_code == 3);
  CHECK_THAT(infeasible.err, Catch::Contains("no network meets"));
  const Outcome unknown =
      cli_test::run_synth({"bench", "--table", table, "--require", "accuracy>=90%", "--algorithms", "local-serch"});
  CHECK(unknown.exit_code == 2);
  CHECK_THAT(unknown.err, Catch::Contains("'local-search'"));
  CHECK(cli_test::run_synth({"bench", "--table", table + ".absent", "--require", "accuracy>=90%"}).exit_code == 4);
  CHECK(cli_test::run_synth({"bench", "--table", table, "--require", "accuracy>=90%", "--seeds", "0"}).exit_code == 2);
  CHECK(cli_test::run_synth(
            {"bench", "--table", table, "--require", "accuracy>=90%", "--target-gap", "1", "--target-score", "9"})
            .exit_code == 2);
  CHECK(cli_test::run_synth({"bench", "--table", table, "--require", "latency_ms<=9"}).exit_code == 2);
  const Outcome unwritable = cli_test::run_synth({"bench", "--table", table, "--require", "accuracy>=90%", "--svg",
                                                  "/nonexistent/x.svg", "--seeds", "1", "--algorithms", "random"});
  CHECK(unwritable.exit_code == 4);
  CHECK_THAT(unwritable.err, Catch::Contains("--svg /nonexistent/x.svg"));
  CHECK(unwritable.err.find("runs are finished") == std::string::npos);  // said before the first run
  const Outcome idle = cli_test::run_synth(
      {"bench", "--table", table, "--require", "accuracy>=90%", "--algorithms", "random", "--no-model"});
  CHECK(idle.exit_code == 2);
  CHECK_THAT(idle.err, Catch::Contains("--no-model has no effect"));
}
