// Workers that a search starts itself, on this machine and under a real Slurm, and a leader that waits as a spare.
#include <signal.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <functional>
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

// Slow enough for several workers to have their share.
std::string trainer_in(const TemporaryFolder& folder) {
  write_text(folder / "trainer.sh",
             "#!/bin/sh\nsleep 0.3\nkey=$(sed 's/.*\"key\":\"\\([0-9a-f]*\\)\".*/\\1/')\n"
             "echo \"{\\\"accuracy\\\": 0.9$(printf %d 0x$(echo $key | cut -c1-4)), \\\"samples\\\": 1000}\"\n");
  fs::permissions(folder / "trainer.sh", fs::perms::owner_all);
  return "command:" + (folder / "trainer.sh");
}

std::vector<std::string> search(const std::string& run, const std::string& evaluator,
                                const std::vector<std::string>& more = {}) {
  std::vector<std::string> words = {"search",
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
                                    "--evaluations",
                                    "9"};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

json lineage(const std::string& run) {
  const Outcome outcome = run_synth({"lineage", run, "--json"});
  INFO(outcome.err);
  REQUIRE(outcome.exit_code == 0);
  return outcome.json();
}

bool soon(const std::function<bool()>& condition) {
  for (int i = 0; i < 1200 && !condition(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(50));
  return condition();
}

int count(const std::string& run, const std::string& what) {
  const std::string text = PostgresServer::running().sql("SELECT " + what + " FROM \\\"synth:" + run + "\\\".networks");
  return text.empty() ? -1 : std::stoi(text);
}

// Workers write their logs into the current folder.
class InFolder {
 public:
  explicit InFolder(const TemporaryFolder& folder) : before_(fs::current_path()) { fs::current_path(folder.path()); }
  ~InFolder() { fs::current_path(before_); }

 private:
  fs::path before_;
};

// Workers whose command line holds `text`; the search that starts them has it, too.
std::vector<pid_t> processes_with(const std::string& text) {
  std::vector<pid_t> found;
  for (const auto& entry : fs::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    std::error_code gone;
    if (!fs::exists(entry.path() / "cmdline", gone)) continue;
    const std::string words = read_text(entry.path() / "cmdline");
    if (words.find(std::string("\0worker\0", 8)) != std::string::npos && words.find(text) != std::string::npos)
      found.push_back(static_cast<pid_t>(std::stoi(name)));
  }
  return found;
}

// The project's Slurm on this machine; null where it cannot run.
class Slurm {
 public:
  static const Slurm* running() {
    static const Slurm slurm;
    return slurm.works_ ? &slurm : nullptr;
  }

 private:
  Slurm() {
    const std::string command = script_ + " start " + folder_.path() + "/slurm";
    works_ = std::system(command.c_str()) == 0;
    if (works_) ::setenv("SLURM_CONF", (folder_.path() + "/slurm/slurm.conf").c_str(), 1);
    if (!works_) WARN("SKIPPED: no Slurm here (tests/slurm/slurm.sh says why): searches under Slurm are not tested");
  }
  ~Slurm() {
    if (std::system((script_ + " stop " + folder_.path() + "/slurm").c_str()) != 0) std::perror("slurm.sh stop");
  }

  const std::string script_ = std::string(SYNTH_SOURCE_DIR) + "/tests/slurm/slurm.sh";
  TemporaryFolder folder_;
  bool works_ = false;
};

}  // namespace

TEST_CASE("a search starts workers here, replaces those that are lost, and ends them", "[cli][launcher]") {
  const TemporaryFolder folder;
  const InFolder inside(folder);
  const std::string evaluator = trainer_in(folder), url = PostgresServer::running().url("local");
  REQUIRE(run_synth(search(folder / "run.db", evaluator)).exit_code == 0);
  Process process(search(url, evaluator, {"--launcher", "local", "--workers", "2", "--worker-options", "--lease 2s"}),
                  folder / "out", folder / "err");
  REQUIRE(soon([&] { return count("local", "count(*)") >= 2; }));
  const std::vector<pid_t> workers = processes_with("run=local");
  REQUIRE(workers.size() >= 2);
  ::kill(workers.front(), SIGKILL);
  const int code = process.wait();
  INFO(read_text(folder / "err"));
  CHECK(code == 0);
  CHECK(lineage(url) == lineage(folder / "run.db"));
  CHECK(count("local", "count(*) - count(machine)") == 0);  // none by the search itself
  CHECK(processes_with("run=local").empty());
}

TEST_CASE("workers end with a search that is interrupted or killed", "[cli][launcher]") {
  const TemporaryFolder folder;
  const InFolder inside(folder);
  const std::string evaluator = trainer_in(folder);
  for (const int number : {SIGINT, SIGKILL}) {
    const std::string name = "ended" + std::to_string(number), url = PostgresServer::running().url(name);
    Process process(search(url, evaluator, {"--launcher", "local", "--workers", "2"}), folder / "out", folder / "err");
    REQUIRE(soon([&] { return count(name, "count(*)") >= 1; }));
    process.signal(number);
    CHECK(process.wait() == (number == SIGINT ? 5 : -number));
    CHECK(soon([&] { return processes_with("run=" + name).empty(); }));
  }
}

TEST_CASE("workers that cannot work end the search with what they said", "[cli][launcher]") {
  const TemporaryFolder folder;
  const InFolder inside(folder);
  const std::string url = PostgresServer::running().url("unable");
  const Outcome outcome = run_synth(
      search(url, trainer_in(folder), {"--launcher", "local", "--workers", "1", "--worker-options", "--jobs -1"}));
  CHECK(outcome.exit_code == 4);
  CHECK_THAT(outcome.err, Contains("end as soon as they begin") && Contains("--jobs") && Contains("synth resume"));
}

TEST_CASE("what is wrong about a launcher is told before a run is made", "[cli][launcher]") {
  const TemporaryFolder folder;
  const std::string url = PostgresServer::running().url("refusals");
  const auto refused = [&](const std::string& run, const std::vector<std::string>& more, int code) {
    const Outcome outcome = run_synth(search(run, "command:true", more), {"PATH=/nowhere"});
    CHECK(outcome.exit_code == code);
    return outcome.err;
  };
  CHECK_THAT(refused(url, {"--launcher", "cloud", "--workers", "1"}, 2), Contains("local, slurm"));
  CHECK_THAT(refused(url, {"--launcher", "local"}, 2), Contains("--workers"));
  CHECK_THAT(refused(url, {"--workers", "2"}, 2), Contains("--launcher"));
  CHECK_THAT(refused(folder / "run.db", {"--launcher", "local", "--workers", "2"}, 2), Contains("postgresql://"));
  CHECK_THAT(refused(url, {"--launcher", "slurm", "--workers", "2"}, 4),
             Contains("sbatch") && Contains("synth worker"));
  CHECK(run_synth({"lineage", url}).exit_code == 4);  // no run
  write_text(folder / "config.json", R"({"launcher": "local"})");
  const Outcome configured = run_synth({"search", "--config", folder / "config.json", "--db", url});
  CHECK(configured.exit_code == 2);
  CHECK_THAT(configured.err, Contains("launcher"));
}

TEST_CASE("a search under Slurm is the search without, though jobs are lost", "[cli][launcher][slurm]") {
  if (Slurm::running() == nullptr) return;
  const TemporaryFolder folder;
  const InFolder inside(folder);
  const std::string evaluator = trainer_in(folder), url = PostgresServer::running().url("slurm");
  REQUIRE(run_synth(search(folder / "run.db", evaluator)).exit_code == 0);
  Process process(
      search(url, evaluator,
             {"--launcher", "slurm", "--workers", "4", "--slurm-options", "--partition=cpu --cpus-per-task=1"}),
      folder / "out", folder / "err");
  REQUIRE(soon([&] { return count("slurm", "count(*)") >= 2; }));
  // SIGTERM with grace, as at the end of a job's time: what is in flight is handed back or finished.
  CHECK(std::system("scancel --user=root --state=RUNNING") == 0);
  const int code = process.wait();
  INFO(read_text(folder / "err"));
  CHECK(code == 0);
  CHECK(lineage(url) == lineage(folder / "run.db"));
  CHECK(count("slurm", "count(*) - count(machine)") == 0);
  CHECK(soon([] { return std::system("test -z \"$(squeue --noheader)\"") == 0; }));
}

TEST_CASE("what Slurm refuses is told in its words", "[cli][launcher][slurm]") {
  if (Slurm::running() == nullptr) return;
  const TemporaryFolder folder;
  const InFolder inside(folder);
  const std::string url = PostgresServer::running().url("nopartition");
  const Outcome outcome = run_synth(search(
      url, trainer_in(folder), {"--launcher", "slurm", "--workers", "2", "--slurm-options", "--partition=nowhere"}));
  CHECK(outcome.exit_code == 4);
  CHECK_THAT(outcome.err, Contains("sbatch was refused") && Contains("nvalid partition"));
}

TEST_CASE("a spare leader waits, and goes on where the first is lost", "[cli][launcher][spare]") {
  const TemporaryFolder folder;
  const InFolder inside(folder);
  const std::string evaluator = trainer_in(folder), url = PostgresServer::running().url("spare");
  REQUIRE(run_synth(search(folder / "run.db", evaluator)).exit_code == 0);
  Process first(search(url, evaluator, {"--jobs", "1"}), folder / "out", folder / "err");
  REQUIRE(soon([&] { return count("spare", "count(*)") >= 1; }));
  Process spare({"resume", url, "--spare", "--evaluator", evaluator, "--jobs", "1"}, folder / "out2", folder / "err2");
  REQUIRE(soon([&] { return read_text(folder / "err2").find("waiting as a spare") != std::string::npos; }));
  CHECK(spare.running());
  first.signal(SIGKILL);
  first.wait();
  const int code = spare.wait();
  INFO(read_text(folder / "err2"));
  CHECK(code == 0);
  CHECK(lineage(url) == lineage(folder / "run.db"));
}
