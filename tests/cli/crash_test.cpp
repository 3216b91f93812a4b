// Candidates that kill the program, and runs that go on elsewhere than they began.
#include <signal.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "tests/cli/program.h"

using namespace cli_test;
using Catch::Contains;
using nlohmann::json;

namespace {

std::vector<std::string> tiny_search(const std::string& db, const std::string& evaluations) {
  return {"search",
          "--data",
          "shapes,limit=300",
          "--prototype",
          "residual9,width=0.25",
          "--require",
          "accuracy>=1%",
          "--epochs",
          "0.3",
          "--tune-epochs",
          "0.1",
          "--batch-size",
          "32",
          "--seeds",
          "2",
          "--seed",
          "7",
          "--db",
          db,
          "--evaluations",
          evaluations};
}

const Environment crash_at_3 = {"SYNTH_TEST_CRASH=3"};

}  // namespace

TEST_CASE("a candidate that kills the program twice is recorded as crashed and the run goes on", "[cli][run]") {
  const TemporaryFolder folder;
  const std::string db = folder / "run.db";
  const Outcome first = run_synth(tiny_search(db, "5"), crash_at_3);
  INFO(first.err);
  REQUIRE(first.exit_code == -SIGSEGV);
  CHECK_THAT(first.err, Contains("SIGSEGV in synth search while") && Contains("network 3") &&
                            Contains("everything recorded in " + db + " is safe") && Contains("synth resume " + db));
  // Network 2 is trained beside network 3 and may not have been at its end.
  const int recorded = run_synth({"status", db, "--json"}).json()["evaluations"];
  CHECK(recorded >= 1);
  CHECK(recorded <= 2);

  const Outcome second = run_synth({"resume", db}, crash_at_3);
  REQUIRE(second.exit_code == -SIGSEGV);
  CHECK_THAT(second.err, Contains("network 3 crashed the program; it is tried once more"));

  const Outcome third = run_synth({"resume", db}, crash_at_3);  // it would crash again if it were tried
  INFO(third.err);
  REQUIRE(third.exit_code == 0);
  const json networks = run_synth({"lineage", db, "--json"}).json()["networks"];
  REQUIRE(networks.size() == 5);
  CHECK(networks[2]["outcome"] == "crashed");
  CHECK(networks[2]["parameters"].get<int>() > 0);
  CHECK_THAT(networks[2]["message"].get<std::string>(), Contains("SIGSEGV"));
  CHECK(networks[4]["outcome"] == "trained");
  const json status = run_synth({"status", db, "--json"}).json();
  CHECK(status["sessions"].size() == 3);
  CHECK(status["crashes"].size() == 2);
  // What was recorded is replayed, not tried.
  REQUIRE(run_synth({"resume", db, "--evaluations", "6"}, crash_at_3).exit_code == 0);
}

TEST_CASE("a candidate that crashes once is tried again, and the run is as if nothing had happened", "[cli][run]") {
  const TemporaryFolder folder;
  REQUIRE(run_synth(tiny_search(folder / "whole.db", "4")).exit_code == 0);
  const std::string db = folder / "run.db";
  REQUIRE(run_synth(tiny_search(db, "4"), crash_at_3).exit_code == -SIGSEGV);
  REQUIRE(run_synth({"resume", db}).exit_code == 0);
  CHECK(run_synth({"lineage", db, "--json"}).json() == run_synth({"lineage", folder / "whole.db", "--json"}).json());
}

TEST_CASE("kills are no crashes, but many of them at one network are worth a remark", "[cli][run]") {
  const TemporaryFolder folder;
  REQUIRE(run_synth(tiny_search(folder / "whole.db", "4")).exit_code == 0);
  const std::string db = folder / "run.db";
  const Environment kill_at_3 = {"SYNTH_TEST_CRASH=3:9"};
  REQUIRE(run_synth(tiny_search(db, "4"), kill_at_3).exit_code == -SIGKILL);
  for (int kills = 2; kills <= 3; ++kills) {
    const Outcome killed = run_synth({"resume", db}, kill_at_3);
    REQUIRE(killed.exit_code == -SIGKILL);
    CHECK_THAT(killed.err, !Contains("--give-up"));
  }
  const Outcome end = run_synth({"resume", db});
  REQUIRE(end.exit_code == 0);
  CHECK_THAT(end.err, Contains("3 sessions were killed while network 3") && Contains("--give-up 3"));
  CHECK(run_synth({"lineage", db, "--json"}).json() == run_synth({"lineage", folder / "whole.db", "--json"}).json());
  CHECK(run_synth({"status", db, "--json"}).json()["crashes"].empty());
}

TEST_CASE("a command without a run says what is safe when it crashes", "[cli]") {
  const TemporaryFolder folder;
  Process process({"train", "residual16", "--data", "shapes", "--out", folder / "w.safetensors"}, folder / "out",
                  folder / "err");
  while (process.running() && read_text(folder / "err").empty())
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  process.signal(SIGABRT);
  REQUIRE(process.wait() == -SIGABRT);
  CHECK_THAT(read_text(folder / "err"), Contains("SIGABRT in synth train") && !Contains("resume"));
}

TEST_CASE("a run goes on where results round differently only by the user's word, which is recorded", "[cli][run]") {
  const TemporaryFolder folder;
  const std::string db = folder / "run.db";
  REQUIRE(run_synth(tiny_search(db, "1"), {"ATEN_CPU_CAPABILITY=default"}).exit_code == 0);
  const std::vector<std::string> more = {"resume", db, "--evaluations", "2"};
  const Outcome refused = run_synth(more, {"ATEN_CPU_CAPABILITY=avx2"});
  CHECK(refused.exit_code == 4);
  CHECK_THAT(refused.err, Contains("ATEN_CPU_CAPABILITY") && Contains("default") && Contains("avx2") &&
                              Contains("--on-other-processor"));
  CHECK(run_synth({"status", db, "--json"}).json()["sessions"].size() == 1);

  std::vector<std::string> insisted = more;
  insisted.push_back("--on-other-processor");
  const Outcome gone_on = run_synth(insisted, {"ATEN_CPU_CAPABILITY=avx2"});
  INFO(gone_on.err);
  REQUIRE(gone_on.exit_code == 0);
  const json sessions = run_synth({"status", db, "--json"}).json()["sessions"];
  REQUIRE(sessions.size() == 2);
  CHECK(sessions[0]["on_other_processor"] == false);
  CHECK(sessions[1]["on_other_processor"] == true);
  CHECK(sessions[0]["limits"]["ATEN_CPU_CAPABILITY"] == "default");
  for (const char* key : {"began", "processor", "instruction_sets", "kernels", "bf16", "versions"}) {
    INFO(key);
    CHECK(sessions[1].contains(key));
  }
  CHECK_THAT(run_synth({"status", db}).out, Contains("processor") && Contains("session 2 on another processor"));
  // The same machine needs no word.
  CHECK(run_synth({"resume", db, "--evaluations", "3"}, {"ATEN_CPU_CAPABILITY=avx2"}).exit_code == 0);
}

TEST_CASE("only a network at which a session ended can be given up", "[cli][run]") {
  const TemporaryFolder folder;
  const std::string db = folder / "run.db";
  REQUIRE(run_synth(tiny_search(db, "4"), crash_at_3).exit_code == -SIGSEGV);
  const Outcome wrong = run_synth({"resume", db, "--give-up", "4"});
  CHECK(wrong.exit_code == 2);
  CHECK_THAT(wrong.err, Contains("found 4") && Contains("3"));
  REQUIRE(run_synth({"resume", db, "--give-up", "3"}, crash_at_3).exit_code == 0);
  CHECK(run_synth({"lineage", db, "--json"}).json()["networks"][2]["outcome"] == "crashed");
}
