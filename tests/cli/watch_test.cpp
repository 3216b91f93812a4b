// synth status --watch and synth lineage: what people read while a run grows.
#include <signal.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <thread>

#include "tests/cli/program.h"
#include "tests/support/made_run.h"

using namespace cli_test;
using namespace std::chrono_literals;
using synth::test::RunMaker;

namespace {

// Waits until the file holds the text; what comes instead is seen in the test's message.
bool comes(const std::string& file, const std::string& text) {
  for (int i = 0; i < 1200; ++i) {
    if (read_text(file).find(text) != std::string::npos) return true;
    std::this_thread::sleep_for(50ms);
  }
  return false;
}

}  // namespace

TEST_CASE("status --watch follows a run to its end", "[cli][watch]") {
  const TemporaryFolder folder;
  const std::string run = folder / "run.db", out = folder / "out";
  RunMaker maker(run, {.networks = 5});
  maker.step();
  Process watch({"status", run, "--watch"}, out, folder / "err");
  CHECK(comes(out, "running, 1 networks"));
  while (maker.step()) {
  }
  CHECK(comes(out, "running, 5 networks, "));
  maker.finish();
  CHECK(watch.wait() == 0);
  INFO(read_text(out));
  CHECK(comes(out, "done, 5 networks, "));
}

TEST_CASE("status --watch ends with Ctrl-C, and with a run that nobody works at", "[cli][watch]") {
  const TemporaryFolder folder;
  const std::string run = folder / "run.db", out = folder / "out";
  {
    RunMaker maker(run, {.networks = 5});
    maker.step();
    Process watch({"status", run, "--watch"}, out, folder / "err");
    CHECK(comes(out, "running"));
    watch.signal(SIGINT);
    CHECK(watch.wait() == 0);
  }
  const Outcome outcome = run_synth({"status", run, "--watch"});
  CHECK(outcome.exit_code == 0);
  CHECK_THAT(outcome.out, Catch::StartsWith("interrupted, 1 networks"));
  CHECK(run_synth({"status", run, "--watch", "--json"}).exit_code == 2);
  CHECK(run_synth({"status", folder / "no.db", "--watch"}).exit_code == 4);
}

TEST_CASE("lineage leads with what matters; --all prints every proposal", "[cli][watch]") {
  const TemporaryFolder folder;
  const std::string run = folder / "run.db";
  synth::test::make_run(run, {.networks = 200, .evidence = 5});
  const auto lines = [](const std::string& text) { return std::count(text.begin(), text.end(), '\n'); };
  const Outcome summary = run_synth({"lineage", run}), whole = run_synth({"lineage", run, "--all"});
  CHECK(summary.exit_code == 0);
  CHECK(lines(summary.out) < 20);
  CHECK_THAT(summary.out, Catch::Contains("--all"));
  CHECK(lines(whole.out) > 100);
  CHECK_THAT(whole.out, Catch::Contains("what drove the change") && Catch::Contains("rejected"));
  CHECK_THAT(run_on_terminal({"lineage", run}, 100).out, Catch::Contains("█"));
}

TEST_CASE("colours come on a terminal that wants them, and change nothing else", "[cli][watch]") {
  const TemporaryFolder folder;
  const std::string run = folder / "run.db";
  synth::test::make_run(run, {.networks = 40, .evidence = 5});
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"status", run}, {"lineage", run}, {"lineage", run, "--all"}}) {
    const std::string coloured = run_on_terminal(command, 100, true).out, plain = run_on_terminal(command, 100).out;
    CAPTURE(command[0]);
    CHECK_THAT(coloured, Catch::Contains("\033[1m") && Catch::Contains("\033[2m---"));
    std::string without;
    for (std::size_t i = 0; i < coloured.size(); ++i) {
      if (coloured[i] == '\033')
        i = coloured.find('m', i);
      else
        without += coloured[i];
    }
    CHECK(without == plain);
    CHECK(plain.find('\033') == std::string::npos);
    CHECK(run_synth(command).out.find('\033') == std::string::npos);
  }
  CHECK_THAT(run_on_terminal({"lineage", run}, 100, true).out, Catch::Contains("\033[34m█"));
  CHECK(run_on_terminal({"lineage", run, "--format", "dot"}, 100, true).out.find('\033') == std::string::npos);
  CHECK(run_on_terminal({"status", run, "--json"}, 100, true).out.find('\033') == std::string::npos);
}
