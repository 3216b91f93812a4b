// synth report: one file from runs, and what becomes of runs and files that are not as they should be.
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "tests/cli/program.h"
#include "tests/support/made_run.h"

using namespace cli_test;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

json document_of(const std::string& file) {
  const std::string html = read_text(file), opening = "id=\"document\">";
  const std::size_t begin = html.find(opening) + opening.size();
  return json::parse(html.substr(begin, html.find("</script>", begin) - begin));
}

}  // namespace

TEST_CASE("a report holds what the run recorded", "[cli][report]") {
  const TemporaryFolder folder;
  const std::string run = folder / "run.db", out = folder / "report.html";
  synth::test::make_run(run);
  const Outcome outcome = run_synth({"report", run, "--out", out, "--json"});
  INFO(outcome.err);
  REQUIRE(outcome.exit_code == 0);
  CHECK(outcome.json()["bytes"] == fs::file_size(out));
  CHECK_FALSE(fs::exists(out + ".new"));

  const json shown = document_of(out)["runs"][0], recorded = run_synth({"lineage", run, "--json"}).json();
  REQUIRE(shown["networks"]["key"].size() == recorded["networks"].size());
  for (std::size_t i = 0; i < recorded["networks"].size(); ++i) {
    const json& network = recorded["networks"][i];
    CHECK(shown["networks"]["parameters"][i] == network["parameters"]);
    CHECK(shown["networks"]["generator"][i] == (network["generator"].is_null() ? json(-1) : network["generator"]));
    if (network["netscore"].is_null()) continue;
    CHECK(shown["networks"]["netscore"][i].get<double>() == Approx(network["netscore"].get<double>()).epsilon(1e-5));
  }
  CHECK(shown["generators"].size() == recorded["generators"].size());
  CHECK(shown["name"] == run);
}

TEST_CASE("a report compares runs in one file", "[cli][report]") {
  const TemporaryFolder folder;
  for (const char* name : {"one.db", "two.db"}) synth::test::make_run(folder / name, {.networks = 5});
  REQUIRE(run_synth({"report", folder / "one.db", folder / "two.db", "--out", folder / "r.html"}).exit_code == 0);
  CHECK(document_of(folder / "r.html")["runs"].size() == 2);
}

TEST_CASE("a report of a search at work says what is in flight and what is left", "[cli][report]") {
  const TemporaryFolder folder;
  const std::string run = folder / "run.db", out = folder / "report.html";
  {
    synth::test::RunMaker maker(run, {.networks = 5});
    maker.step();
    maker.begin_attempt(7);  // of a session that was killed
    maker.begin_attempt(2);
    REQUIRE(run_synth({"report", run, "--out", out}).exit_code == 0);
    const json shown = document_of(out)["runs"][0];
    CHECK(shown["state"] == "running");
    CHECK(shown["in_flight"] == json({2}));
    CHECK(shown["budget"] == json({{"seconds", 0}, {"evaluations", 0}, {"generators", 0}}));
  }
  REQUIRE(run_synth({"report", run, "--out", out}).exit_code == 0);
  const json shown = document_of(out)["runs"][0];
  CHECK(shown["state"] == "interrupted");
  CHECK(shown["in_flight"].empty());
}

TEST_CASE("a report that cannot be written or read for says so", "[cli][report]") {
  const TemporaryFolder folder;
  const std::string run = folder / "run.db";
  synth::test::make_run(run, {.networks = 3});
  const auto expect = [](const std::vector<std::string>& arguments, int code, const char* said) {
    const Outcome outcome = run_synth(arguments);
    CHECK(outcome.exit_code == code);
    CHECK_THAT(outcome.err, Catch::Contains(said));
  };
  expect({"report"}, 2, "RUN");
  expect({"report", folder / "no.db"}, 4, "does not exist");
  expect({"report", run, "--out", folder.path()}, 2, "is a directory");
  expect({"report", run, "--out", folder / "no/report.html"}, 4, "No such file or directory");
  write_text(folder / "text.db", "not a database, but long enough to be looked at as one; not a database at all");
  expect({"report", folder / "text.db"}, 4, "is not a run database");
  const std::string whole = read_text(run);
  write_text(folder / "cut.db", whole.substr(0, whole.size() / 3));
  expect({"report", folder / "cut.db"}, 4, "damaged");
}

TEST_CASE("a report that does not fit leaves the old one", "[cli][report]") {
  const TemporaryFolder folder;
  const std::string run = folder / "run.db", out = folder / "report.html";
  synth::test::make_run(run, {.networks = 3});
  write_text(out, "the old one");
  fs::create_symlink("/dev/full", out + ".new");
  const Outcome outcome = run_synth({"report", run, "--out", out});
  CHECK(outcome.exit_code == 4);
  CHECK_THAT(outcome.err, Catch::Contains("No space left"));
  CHECK(read_text(out) == "the old one");
}

TEST_CASE("a report to a device is written there, and replaces neither it nor a link to it", "[cli][report]") {
  const TemporaryFolder folder;
  const std::string run = folder / "run.db", full = folder / "full", sink = folder / "sink";
  synth::test::make_run(run, {.networks = 3});
  fs::create_symlink("/dev/full", full);
  fs::create_symlink("/dev/null", sink);
  const Outcome outcome = run_synth({"report", run, "--out", full});
  CHECK(outcome.exit_code == 4);
  CHECK_THAT(outcome.err, Catch::Contains("No space left"));
  CHECK(run_synth({"report", run, "--out", sink}).exit_code == 0);
  for (const std::string& link : {full, sink}) {
    CHECK(fs::is_symlink(link));
    CHECK(fs::is_character_file(link));
    CHECK_FALSE(fs::exists(link + ".new"));
  }
}
