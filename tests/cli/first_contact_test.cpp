// `synth` alone: the state of the folder, and the commands that fit it.
#include <catch2/catch.hpp>
#include <filesystem>
#include <string>

#include "tests/cli/program.h"
#include "tests/support/made_run.h"

using namespace cli_test;
using synth::test::RunMaker;

namespace {

// A folder that is the current one until the end of the test.
class CurrentFolder : public TemporaryFolder {
 public:
  CurrentFolder() { std::filesystem::current_path(path()); }
  ~CurrentFolder() { std::filesystem::current_path(before_); }

 private:
  std::filesystem::path before_ = std::filesystem::current_path();
};

// Scripts rely on the exit code, and on stdout without anything.
std::string said_alone() {
  const Outcome outcome = run_synth({});
  CHECK(outcome.exit_code == 2);
  CHECK(outcome.out.empty());
  return outcome.err;
}

}  // namespace

TEST_CASE("synth alone in a folder without runs leads to a first search", "[cli][first]") {
  const CurrentFolder folder;
  write_text(folder / "text.db", "not a run");
  const std::string said = said_alone();
  CHECK_THAT(said, Catch::Contains("synth search --data shapes") && Catch::Contains("imagefolder:DIR") &&
                       Catch::Contains("synth --help"));
  CHECK_THAT(said, !Catch::Contains("text.db"));
}

TEST_CASE("synth alone says where the folder's run stands and how to go on", "[cli][first]") {
  const CurrentFolder folder;
  {
    RunMaker maker(folder / "my run.db", {.networks = 5});
    maker.step();
    const std::string running = said_alone();
    CHECK_THAT(running, Catch::Contains("'my run.db': running, 1 network\n"));
    CHECK_THAT(running, Catch::Contains("synth status 'my run.db' --watch"));
    maker.step();
  }
  const std::string interrupted = said_alone();
  CHECK_THAT(interrupted,
             Catch::Contains("'my run.db': interrupted, 2 networks; resume with synth resume 'my run.db'"));
}

TEST_CASE("synth alone proposes a family of a run that is done, then one of its members", "[cli][first]") {
  const CurrentFolder folder;
  synth::test::make_run(folder / "run.db");
  CHECK_THAT(said_alone(), Catch::Contains("run.db: done, ") && Catch::Contains("synth family run.db --members 4"));
  {
    auto db = results_db::ResultsDb::open("run.db", results_db::Access::write);
    db.add(results_db::FamilyMember{"A", 1, 0, R"({"test_accuracy": 0.9})", "weights"});
  }
  CHECK_THAT(said_alone(), Catch::Contains("synth show run.db@A"));
}
