// Every command on runs that a PostgreSQL server keeps.
#include "tests/support/postgresql.h"

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
using synth::test::PostgresServer;

namespace {

namespace fs = std::filesystem;

std::string trainer_in(const TemporaryFolder& folder, const std::string& before = {}) {
  write_text(folder / "trainer.sh",
             "#!/bin/sh\n" + before +
                 "\nkey=$(sed 's/.*\"key\":\"\\([0-9a-f]*\\)\".*/\\1/')\n"
                 "echo \"{\\\"accuracy\\\": 0.9$(printf %d 0x$(echo $key | cut -c1-4)), \\\"samples\\\": 1000}\"\n");
  fs::permissions(folder / "trainer.sh", fs::perms::owner_all);
  return "command:" + (folder / "trainer.sh");
}

std::vector<std::string> search(const std::string& run, const std::string& evaluator) {
  return {"search",
          "--data",
          "shapes,limit=300",
          "--prototype",
          "residual9,width=0.25",
          "--seeds",
          "2",
          "--seed",
          "7",
          "--require",
          "accuracy>=1%",
          "--db",
          run,
          "--evaluator",
          evaluator,
          "--evaluations",
          "8",
          "--jobs",
          "2"};
}

std::string lineage(const std::string& run) {
  const Outcome outcome = run_synth({"lineage", run, "--json"});
  INFO(outcome.err);
  REQUIRE(outcome.exit_code == 0);
  return outcome.out;
}

template <typename Condition>
bool soon(Condition condition) {
  for (int i = 0; i < 1200 && !condition(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(50));
  return condition();
}

}  // namespace

TEST_CASE("a search in a database is that in a file, and every view shows it", "[cli][postgresql]") {
  const TemporaryFolder folder;
  const PostgresServer& server = PostgresServer::running();
  const std::string evaluator = trainer_in(folder), file = folder / "run.db", url = server.url("views");
  REQUIRE(run_synth(search(file, evaluator)).exit_code == 0);
  const Outcome searched = run_synth(search(url, evaluator));
  INFO(searched.err);
  REQUIRE(searched.exit_code == 0);
  CHECK_THAT(searched.err, Contains("synth resume '" + url + "' --evaluations 16 --evaluator"));
  CHECK(lineage(url) == lineage(file));
  CHECK(run_synth(search(url, evaluator)).exit_code == 4);

  CHECK(run_synth({"status", url, "--json"}).json()["state"] == "done");
  CHECK(run_synth({"lineage", url, "3"}).exit_code == 0);
  CHECK(run_synth({"lineage", url, url + "#3"}).exit_code == 0);
  CHECK(run_synth({"show", url + "#3", "--json"}).json()["key"] ==
        run_synth({"show", file + "#3", "--json"}).json()["key"]);
  CHECK(run_synth({"show", url + "@G1:s0"}).exit_code == 0);
  CHECK_THAT(run_synth({"show", url}).err, Contains("name one of its networks"));
  CHECK(run_synth({"diff", url + "#1", file + "#3"}).exit_code == 0);
  CHECK(run_synth({"compare", url + "#1", url + "#3"}).exit_code == 0);
  CHECK(run_synth({"export", url + "#3", "--format", "architecture", "--out", folder / "3.json"}).exit_code == 0);
  CHECK(run_synth({"report", url, file, "--out", folder / "report.html"}).exit_code == 0);
  CHECK(fs::file_size(folder / "report.html") > 10000);

  const json listed = run_synth({"list", "runs", server.url(), "--json"}).json()["runs"];
  const auto found = std::find_if(listed.begin(), listed.end(), [](const json& run) { return run["name"] == "views"; });
  REQUIRE(found != listed.end());
  CHECK((*found)["networks"] == 8);
  CHECK((*found)["run"] == url);
  CHECK(run_synth({"list", "runs"}).exit_code == 2);
  CHECK(run_synth({"list", "modules", url}).exit_code == 2);

  const Outcome resumed = run_synth({"resume", url, "--evaluations", "10", "--evaluator", evaluator});
  INFO(resumed.err);
  CHECK(resumed.exit_code == 0);
  REQUIRE(run_synth({"resume", file, "--evaluations", "10", "--evaluator", evaluator}).exit_code == 0);
  CHECK(lineage(url) == lineage(file));
}

TEST_CASE("copies have the lineage of what they were made from, byte for byte, and go on alike", "[cli][postgresql]") {
  const TemporaryFolder folder;
  const PostgresServer& server = PostgresServer::running();
  const std::string evaluator = trainer_in(folder), file = folder / "run.db", url = server.url("copied");
  REQUIRE(run_synth(search(file, evaluator)).exit_code == 0);
  const Outcome copied = run_synth({"copy", file, url, "--json"});
  INFO(copied.err);
  REQUIRE(copied.exit_code == 0);
  CHECK(copied.json()["networks"] == 8);
  REQUIRE(run_synth({"copy", url, folder / "back.db"}).exit_code == 0);
  CHECK(lineage(url) == lineage(file));
  CHECK(lineage(folder / "back.db") == lineage(file));
  CHECK(run_synth({"copy", file, url}).exit_code == 4);
  for (const std::string& run : {file, url, folder / "back.db"})
    REQUIRE(run_synth({"resume", run, "--evaluations", "10", "--evaluator", evaluator}).exit_code == 0);
  CHECK(lineage(url) == lineage(file));
  CHECK(lineage(folder / "back.db") == lineage(file));
}

TEST_CASE("a search whose server crashes waits, says so and ends as an undisturbed one", "[cli][postgresql]") {
  const TemporaryFolder folder;
  PostgresServer& server = PostgresServer::running();
  const std::string evaluator = trainer_in(folder), url = server.url("crashed");
  REQUIRE(run_synth(search(folder / "run.db", evaluator)).exit_code == 0);
  // The third network is judged only when the server is gone.
  const std::string slow = trainer_in(
      folder, "echo x >>" + (folder / "count") + "\nif [ $(wc -l <" + (folder / "count") + ") = 3 ]; then touch " +
                  (folder / "reached") + "; while ! [ -e " + (folder / "gone") + " ]; do sleep 0.05; done; fi");
  Process process(search(url, slow), folder / "out", folder / "err");
  REQUIRE(soon([&] { return fs::exists(folder / "reached") || !process.running(); }));
  server.kill();
  write_text(folder / "gone", "");
  REQUIRE(soon([&] { return read_text(folder / "err").find("trying again") != std::string::npos; }));
  CHECK(run_synth({"status", url}).exit_code == 4);
  server.start();
  const int code = process.wait();
  INFO(read_text(folder / "err"));
  CHECK(code == 0);
  CHECK_THAT(read_text(folder / "err"), Contains("lost the server") && Contains("is back"));
  CHECK(lineage(url) == lineage(folder / "run.db"));
}

TEST_CASE("a search in a database that was killed is resumed", "[cli][postgresql]") {
  const TemporaryFolder folder;
  const PostgresServer& server = PostgresServer::running();
  const std::string evaluator = trainer_in(folder), url = server.url("killed");
  REQUIRE(run_synth(search(folder / "run.db", evaluator)).exit_code == 0);
  Process process(search(url, evaluator), folder / "out", folder / "err");
  REQUIRE(soon([&] { return run_synth({"lineage", url}).exit_code == 0 || !process.running(); }));
  process.signal(SIGKILL);
  process.wait();
  Outcome resumed;
  REQUIRE(soon([&] {  // the server needs a moment to see that the connection has ended
    resumed = run_synth({"resume", url, "--evaluator", evaluator});
    return resumed.exit_code == 0;
  }));
  CHECK(lineage(url) == lineage(folder / "run.db"));
}

TEST_CASE("a dashboard of a database shows its runs", "[cli][postgresql]") {
  const TemporaryFolder folder;
  const PostgresServer& server = PostgresServer::running();
  REQUIRE(run_synth(search(server.url("shown"), trainer_in(folder))).exit_code == 0);
  for (const std::string& what : {server.url(), server.url("shown")}) {
    const std::string out = folder / (what == server.url() ? "all" : "one");  // the other's address is no longer served
    Process process({"dashboard", what, "--port", "0", "--json"}, out, folder / "err");
    REQUIRE(soon([&] { return read_text(out).find("url") != std::string::npos || !process.running(); }));
    const std::string address = json::parse(read_text(out))["url"];
    const std::string command = "python3 -c \"import urllib.request; print(urllib.request.urlopen('" + address +
                                "document').read().decode())\" >" + (folder / "document");
    REQUIRE(std::system(command.c_str()) == 0);
    const json document = json::parse(read_text(folder / "document"));
    CHECK_THAT(document["runs"].dump(), Contains("run=shown"));
    process.signal(SIGINT);
    CHECK(process.wait() == 0);
  }
}

TEST_CASE("ask and tell work on a run in a database", "[cli][postgresql]") {
  const TemporaryFolder folder;
  const std::string url = PostgresServer::running().url("asked");
  REQUIRE(run_synth(search(url, "ask")).exit_code == 0);
  const json asked = run_synth({"ask", url}).json();
  REQUIRE(asked["candidates"][0]["id"] == 1);
  write_text(folder / "result.json", R"({"accuracy": 0.9, "samples": 100})");
  REQUIRE(run_synth({"tell", url, "1", folder / "result.json"}).exit_code == 0);
  CHECK(run_synth({"tell", url, "1", folder / "result.json"}).exit_code == 2);
  CHECK(run_synth({"ask", url, "--count", "2"}).json()["candidates"].size() == 2);
}

TEST_CASE("a password is taken from the environment and never shown", "[cli][postgresql]") {
  const TemporaryFolder folder;
  const PostgresServer& server = PostgresServer::running();
  const std::string url = server.url("secret");
  std::string with_password = url;
  with_password.replace(url.find("postgres@"), 9, "postgres:s3cret@");
  for (const std::vector<std::string>& words :
       {search(with_password, "ask"), {"status", with_password, "--log-file", folder / "log"}}) {
    const Outcome refused = run_synth(words);
    CHECK(refused.exit_code == 2);
    CHECK_THAT(refused.err, Contains("PGPASSWORD") && !Contains("s3cret"));
  }
  const Environment environment = {"PGPASSWORD=s3cret"};
  const Outcome searched = run_synth(search(url, "ask"), environment);
  REQUIRE(searched.exit_code == 0);
  const Outcome status = run_synth({"status", url, "--json", "-v", "--log-file", folder / "log"}, environment);
  REQUIRE(status.exit_code == 0);
  for (const std::string& text : {searched.out, searched.err, status.out, status.err, read_text(folder / "log")})
    CHECK_THAT(text, !Contains("s3cret"));
  CHECK_THAT(read_text(folder / "log"), Contains("postgres:***@"));
  CHECK(server.sql("SELECT count(*) FROM \\\"synth:secret\\\".run WHERE config LIKE '%s3cret%'") == "0\n");
}
