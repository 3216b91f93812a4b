// The same run with any number of workers, whatever becomes of them.
#include <signal.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "tests/cli/program.h"
#include "tests/support/postgresql.h"

using namespace cli_test;
using Catch::Contains;
using nlohmann::json;
using synth::test::PostgresServer;

namespace {

namespace fs = std::filesystem;

// Slow enough for workers to find work.
std::string trainer_in(const TemporaryFolder& folder) {
  write_text(folder / "trainer.sh",
             "#!/bin/sh\nsleep 0.3\nkey=$(sed 's/.*\"key\":\"\\([0-9a-f]*\\)\".*/\\1/')\n"
             "echo \"{\\\"accuracy\\\": 0.9$(printf %d 0x$(echo $key | cut -c1-4)), \\\"samples\\\": 1000}\"\n");
  fs::permissions(folder / "trainer.sh", fs::perms::owner_all);
  return "command:" + (folder / "trainer.sh");
}

std::vector<std::string> search(const std::string& run, const std::string& evaluator, int evaluations) {
  return {"search",
          "--data",
          "shapes,limit=300",
          "--prototype",
          "residual9,width=0.25",
          "--seeds",
          "4",
          "--seed",
          "7",
          "--require",
          "accuracy>=1%",
          "--db",
          run,
          "--evaluator",
          evaluator,
          "--jobs",
          "1",
          "--evaluations",
          std::to_string(evaluations)};
}

json lineage(const std::string& run) {
  const Outcome outcome = run_synth({"lineage", run, "--json"});
  INFO(outcome.err);
  REQUIRE(outcome.exit_code == 0);
  return outcome.json();
}

template <typename Condition>
bool soon(Condition condition) {
  for (int i = 0; i < 2400 && !condition(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(50));
  return condition();
}

// Networks that workers evaluated.
int by_workers(const std::string& run) {
  return std::stoi(PostgresServer::running().sql("SELECT count(machine) FROM \\\"synth:" + run + "\\\".networks"));
}

// A search under way with workers beside it.
class Team {
 public:
  Team(const TemporaryFolder& folder, const std::string& run, const std::string& evaluator, int evaluations)
      : folder_(folder),
        run_(run),
        url_(PostgresServer::running().url(run)),
        evaluator_(evaluator),
        search_(search(url_, evaluator, evaluations), folder / "out", folder / "err") {}

  Process& hire(const std::string& lease = "60s") {
    soon([&] { return run_synth({"lineage", url_}).exit_code == 0 || !search_.running(); });
    const std::string name = folder_ / ("worker" + std::to_string(workers_.size()));
    workers_.push_back(std::make_unique<Process>(
        std::vector<std::string>{"worker", url_, "--evaluator", evaluator_, "--jobs", "1", "--lease", lease, "--json"},
        name, name + ".err"));
    return *workers_.back();
  }
  // Whether a worker has something in flight.
  bool busy() const {
    return PostgresServer::running().sql("SELECT count(*) FROM \\\"synth:" + run_ +
                                         "\\\".candidates WHERE worker LIKE 'synth %'") != "0\n";
  }
  const std::string& url() const { return url_; }
  std::string said(std::size_t worker) const {
    return read_text(folder_ / ("worker" + std::to_string(worker) + ".err"));
  }
  void finish() {
    const int code = search_.wait();
    INFO(read_text(folder_ / "err"));
    CHECK(code == 0);
  }
  void end_workers() {
    for (const auto& worker : workers_) CHECK(worker->wait() == 0);
  }

 private:
  const TemporaryFolder& folder_;
  const std::string run_, url_, evaluator_;
  Process search_;
  std::vector<std::unique_ptr<Process>> workers_;
};

}  // namespace

TEST_CASE("a run is the same with any number of workers, who end with it", "[cli][workers]") {
  const TemporaryFolder folder;
  const std::string evaluator = trainer_in(folder);
  REQUIRE(run_synth(search(folder / "run.db", evaluator, 9)).exit_code == 0);
  for (const int workers : {0, 1, 3}) {
    const std::string run = "team" + std::to_string(workers);
    Team team(folder, run, evaluator, 9);
    for (int i = 0; i < workers; ++i) team.hire();
    team.finish();
    team.end_workers();
    CHECK(lineage(team.url()) == lineage(folder / "run.db"));
    CHECK((by_workers(run) > 0) == (workers > 0));
  }
}

TEST_CASE("workers that are killed or paused past their lease change nothing", "[cli][workers]") {
  const TemporaryFolder folder;
  const std::string evaluator = trainer_in(folder);
  REQUIRE(run_synth(search(folder / "run.db", evaluator, 9)).exit_code == 0);
  Team team(folder, "lost", evaluator, 9);
  Process& killed = team.hire("1s");
  soon([&] { return team.busy(); });
  killed.signal(SIGKILL);
  killed.wait();
  Process& paused = team.hire("1s");
  soon([&] { return team.busy(); });
  paused.signal(SIGSTOP);
  team.finish();
  paused.signal(SIGCONT);
  CHECK(paused.wait() == 0);
  CHECK(lineage(team.url()) == lineage(folder / "run.db"));
}

TEST_CASE("networks that inherit are trained alike by a worker", "[cli][workers]") {
  const TemporaryFolder folder;
  const auto trained = [](const std::string& run) {
    std::vector<std::string> words = search(run, "trained", 6);
    words.insert(words.end(), {"--epochs", "2"});
    return words;
  };
  REQUIRE(run_synth(trained(folder / "run.db")).exit_code == 0);
  const std::string url = PostgresServer::running().url("trained");
  Process process(trained(url), folder / "out", folder / "err");
  REQUIRE(soon([&] { return run_synth({"lineage", url}).exit_code == 0 || !process.running(); }));
  Process worker({"worker", url, "--jobs", "1"}, folder / "worker", folder / "worker.err");
  CHECK(process.wait() == 0);
  const int code = worker.wait();
  INFO(read_text(folder / "worker.err"));
  CHECK(code == 0);
  CHECK(lineage(url) == lineage(folder / "run.db"));
}

TEST_CASE("a worker refuses what it cannot or must not do", "[cli][workers]") {
  const TemporaryFolder folder;
  const std::string evaluator = trainer_in(folder), url = PostgresServer::running().url("refused");
  REQUIRE(run_synth(search(url, evaluator, 1)).exit_code == 0);
  const Outcome file = run_synth({"worker", folder / "run.db"});
  CHECK(file.exit_code == 2);
  CHECK_THAT(file.err, Contains("postgresql://"));
  const Outcome silent = run_synth({"worker", url});
  CHECK(silent.exit_code == 2);
  CHECK_THAT(silent.err, Contains("synth worker") && Contains("--evaluator"));
  CHECK(run_synth({"worker", url, "--evaluator", "command:true"}).exit_code == 2);
  const Outcome elsewhere = run_synth({"worker", url, "--evaluator", evaluator}, {"SYNTH_CPU=baseline"});
  CHECK(elsewhere.exit_code == 4);
  CHECK_THAT(elsewhere.err, Contains("--on-other-processor"));
  const Outcome over = run_synth({"worker", url, "--evaluator", evaluator, "--json"});
  CHECK(over.exit_code == 0);
  CHECK(over.json()["evaluated"] == 0);
}
