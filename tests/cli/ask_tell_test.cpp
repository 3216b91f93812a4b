// Networks evaluated by the user's own loop: the same run as with a program that synth starts, however it is told.
#include <signal.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "tests/cli/program.h"

using namespace cli_test;
using Catch::Contains;
using nlohmann::json;

namespace {

namespace fs = std::filesystem;

// An accuracy that follows from the key alone.
const std::string answer_by_key =
    "#!/bin/sh\nkey=$(sed 's/.*\"key\":\"\\([0-9a-f]*\\)\".*/\\1/')\n"
    "echo \"{\\\"accuracy\\\": 0.9$(printf %d 0x$(echo $key | cut -c1-4)), \\\"samples\\\": 1000}\"\n";

std::string trainer_in(const TemporaryFolder& folder) {
  write_text(folder / "trainer.sh", answer_by_key);
  fs::permissions(folder / "trainer.sh", fs::perms::owner_all);
  return folder / "trainer.sh";
}

Outcome begin(const std::string& db, const std::string& evaluator, int evaluations,
              const std::vector<std::string>& more = {}) {
  std::vector<std::string> words = {"search",
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
                                    db,
                                    "--evaluator",
                                    evaluator,
                                    "--evaluations",
                                    std::to_string(evaluations)};
  words.insert(words.end(), more.begin(), more.end());
  return run_synth(words);
}

json lineage(const std::string& db) {
  const Outcome outcome = run_synth({"lineage", db, "--json"});
  INFO(outcome.err);
  REQUIRE(outcome.exit_code == 0);
  return {outcome.json()["networks"], outcome.json()["generators"]};
}

// Thrown, not checked: Catch2's assertions belong to one thread.
Outcome successful(const std::vector<std::string>& words) {
  Outcome outcome = run_synth(words);
  if (outcome.exit_code != 0) throw std::runtime_error(words[0] + ": " + outcome.err);
  return outcome;
}

json ask(const std::string& db, const std::vector<std::string>& more = {}) {
  std::vector<std::string> words = {"ask", db};
  words.insert(words.end(), more.begin(), more.end());
  return successful(words).json();
}

Outcome tell(const TemporaryFolder& folder, const std::string& db, const std::string& id, const std::string& answer) {
  write_text(folder / "result.json", answer);
  return run_synth({"tell", db, id, folder / "result.json"});
}

// What the trainer says of a candidate whose files were written.
std::string judged(const std::string& trainer, const json& candidate) {
  const std::string folder = candidate["folder"].get<std::string>();
  const std::string command = trainer + " " + folder + " <" + folder + "/request.json >" + folder + "/result.json";
  if (std::system(command.c_str()) != 0) throw std::runtime_error(command);
  return folder + "/result.json";
}

// Starts the command again and again, ended by SIGKILL ever later, until it comes to its end; its output.
std::string in_spite_of_kills(const TemporaryFolder& folder, const std::vector<std::string>& words) {
  for (int delay = 1;; delay *= 2) {
    Process process(words, folder / "out", folder / "err");
    for (int waited = 0; waited < delay && process.running(); ++waited)
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    process.signal(SIGKILL);
    if (const int code = process.wait(); code >= 0) return read_text(folder / "out");
  }
}

}  // namespace

TEST_CASE("an asked run takes the steps of a search with the same trainer, in whatever order it is told",
          "[cli][ask_tell]") {
  const TemporaryFolder folder;
  const std::string trainer = trainer_in(folder);
  REQUIRE(begin(folder / "searched.db", "command:" + trainer, 11).exit_code == 0);
  const std::string db = folder / "asked.db";
  const Outcome began = begin(db, "ask", 11, {"--json"});
  REQUIRE(began.exit_code == 0);
  CHECK(began.json()["state"] == "interrupted");
  int largest = 0;
  json asked = ask(db, {"--count", "9", "--out", folder / "work"});
  for (; asked["state"] == "running"; asked = ask(db, {"--count", "9", "--out", folder / "work"})) {
    json candidates = asked["candidates"];
    REQUIRE(!candidates.empty());
    largest = std::max(largest, static_cast<int>(candidates.size()));
    CHECK(ask(db)["candidates"].empty());  // nothing is given out twice
    for (auto candidate = candidates.rbegin(); candidate != candidates.rend(); ++candidate) {
      CHECK((*candidate)["architecture"]["schema"] == "synth/architecture/1");
      successful({"tell", db, std::to_string((*candidate)["id"].get<int>()), judged(trainer, *candidate)});
    }
  }
  CHECK(largest > 1);
  CHECK(asked["state"] == "done");
  CHECK(ask(db)["state"] == "done");
  CHECK(lineage(db) == lineage(folder / "searched.db"));
  const json status = run_synth({"status", db, "--json"}).json();
  CHECK(status["state"] == "done");
  CHECK_THAT(status["evaluator"].get<std::string>(), Contains("ask/1"));
}

TEST_CASE("an asked run goes on whenever ask or tell was killed", "[cli][ask_tell]") {
  const TemporaryFolder folder;
  const std::string trainer = trainer_in(folder), db = folder / "asked.db";
  REQUIRE(begin(folder / "searched.db", "command:" + trainer, 5).exit_code == 0);
  REQUIRE(begin(db, "ask", 5).exit_code == 0);
  const auto asked = [&](const std::vector<std::string>& more) {
    std::vector<std::string> words = {"ask", db, "--out", folder / "work"};
    words.insert(words.end(), more.begin(), more.end());
    return json::parse(in_spite_of_kills(folder, words));
  };
  for (;;) {
    const json fresh = asked({});
    if (fresh["state"] == "done") break;
    // Of an `ask` that was killed after it had given a network out, --again knows.
    const json open = fresh["candidates"].empty() ? asked({"--again"}) : fresh;
    for (const json& candidate : open["candidates"])
      in_spite_of_kills(folder, {"tell", db, std::to_string(candidate["id"].get<int>()), judged(trainer, candidate)});
  }
  CHECK(lineage(db) == lineage(folder / "searched.db"));
}

TEST_CASE("wrong answers are refused with what is allowed, and change nothing", "[cli][ask_tell]") {
  const TemporaryFolder folder;
  const std::string db = folder / "asked.db";
  REQUIRE(begin(db, "ask", 5).exit_code == 0);
  CHECK_THAT(tell(folder, db, "1", "{}").err, Contains("never given out") && Contains("'synth ask " + db + "'"));
  REQUIRE(ask(db)["candidates"][0]["id"] == 1);
  struct Wrong {
    std::string id, answer, message;
  };
  const std::string good = R"({"accuracy": 0.9, "samples": 100})";
  const std::vector<Wrong> wrongs = {
      {"2", good, "in flight: 1"},
      {"one", good, "is no number"},
      {"1", R"({"accuracy": NaN, "samples": 100})", R"({"outcome": "diverged"})"},
      {"1", R"({"accuracy": 90, "samples": 100})", "allowed is a number from 0 to 1"},
      {"1", R"({"accuracy": 0.9})", "samples"},
      {"1", R"({"accuracy": 0.9, "samples": 100, "key": "f"})", "the request's"},
      {"1", R"({"accuracy": 0.9, "samples": 100, "acuracy": 1})", "acuracy"},
      {"1", "garbage", "result.json"},
      {"1", std::string(2 << 20, ' ') + good, "1 MiB"},
  };
  for (const Wrong& wrong : wrongs) {
    INFO(wrong.answer.substr(0, 100));
    const Outcome outcome = tell(folder, db, wrong.id, wrong.answer);
    CHECK(outcome.exit_code == 2);
    CHECK_THAT(outcome.err, Contains(wrong.message));
  }
  CHECK(ask(db, {"--again"})["candidates"][0]["id"] == 1);
  REQUIRE(tell(folder, db, "1", good).exit_code == 0);
  const Outcome twice = tell(folder, db, "1", good);
  CHECK(twice.exit_code == 2);
  CHECK_THAT(twice.err, Contains("recorded already"));
  REQUIRE(ask(db, {"--count", "2"})["candidates"].size() == 2);
  REQUIRE(tell(folder, db, "3", R"({"outcome": "diverged", "message": "NaN loss"})").exit_code == 0);
  CHECK_THAT(tell(folder, db, "3", good).err, Contains("was told already") && Contains("in flight: 2"));
  REQUIRE(tell(folder, db, "2", good).exit_code == 0);
  const json networks = lineage(db)[0];
  REQUIRE(networks.size() == 3);
  CHECK(networks[2]["outcome"] == "diverged");
}

TEST_CASE("ask and search keep to runs of their own", "[cli][ask_tell]") {
  const TemporaryFolder folder;
  const std::string trainer = trainer_in(folder), searched = folder / "searched.db", asked = folder / "asked.db";
  REQUIRE(begin(searched, "command:" + trainer, 2).exit_code == 0);
  REQUIRE(begin(asked, "ask", 2).exit_code == 0);
  const Outcome other = run_synth({"ask", searched});
  CHECK(other.exit_code == 2);
  CHECK_THAT(other.err, Contains("--evaluator ask"));
  const Outcome resumed = run_synth({"resume", asked});
  CHECK(resumed.exit_code == 2);
  CHECK_THAT(resumed.err, Contains("synth ask " + asked));
  CHECK(run_synth({"ask", folder / "missing.db"}).exit_code == 4);
  const Outcome timed = begin(folder / "timed.db", "ask", 2, {"--time", "5m"});
  CHECK(timed.exit_code == 2);
  CHECK_THAT(timed.err, Contains("--time") && Contains("--evaluations"));
}

TEST_CASE("several loops may ask and tell at the same time", "[cli][ask_tell]") {
  const TemporaryFolder folder;
  const std::string trainer = trainer_in(folder), db = folder / "asked.db";
  REQUIRE(begin(folder / "searched.db", "command:" + trainer, 9).exit_code == 0);
  REQUIRE(begin(db, "ask", 9).exit_code == 0);
  const auto loop = [&](const std::string& work) {
    for (json answer = ask(db, {"--out", work}); answer["state"] == "running"; answer = ask(db, {"--out", work})) {
      for (const json& candidate : answer["candidates"])
        successful({"tell", db, std::to_string(candidate["id"].get<int>()), judged(trainer, candidate)});
      if (answer["candidates"].empty()) std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  };
  std::future<void> other = std::async(std::launch::async, [&] { loop(folder / "other"); });
  loop(folder / "work");
  other.get();
  CHECK(lineage(db) == lineage(folder / "searched.db"));
}
