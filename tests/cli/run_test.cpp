// Whole runs of the real program on tiny settings: search, resume, family, export, interruption and determinism.
#include <signal.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "tests/cli/program.h"

using namespace cli_test;
using nlohmann::json;

namespace {

namespace fs = std::filesystem;

// Seconds per run: few, small images and a narrow prototype. Accuracies are near chance, so whatever was trained must
// do: of 30 validation images, none right is a matter of luck.
std::vector<std::string> tiny_search(const std::string& db, const std::vector<std::string>& more = {}) {
  std::vector<std::string> arguments = {"search",
                                        "--data",
                                        "shapes,limit=300",
                                        "--prototype",
                                        "residual9,width=0.25",
                                        "--require",
                                        "accuracy>=0%,weight_bits=8",
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
                                        db};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

json lineage(const std::string& db) {
  const Outcome outcome = run_synth({"lineage", db, "--json"});
  INFO(outcome.err);
  REQUIRE(outcome.exit_code == 0);
  return outcome.json();
}

void require_keys(const json& object, const std::vector<std::string>& keys) {
  for (const std::string& key : keys) {
    INFO(key);
    CHECK(object.contains(key));
  }
}

}  // namespace

TEST_CASE("a search ends in a family that can be inspected and exported", "[cli][run]") {
  const TemporaryFolder folder;
  const std::string db = folder / "run.db";
  const Outcome search = run_synth(tiny_search(db, {"--evaluations", "8", "--jobs", "2", "--json"}));
  INFO(search.err);
  REQUIRE(search.exit_code == 0);
  CHECK(search.json()["state"] == "done");
  CHECK_THAT(search.err, Catch::Contains("synth lineage") && Catch::Contains("synth family"));

  const json status = run_synth({"status", db, "--json"}).json();
  CHECK(status["schema"] == "synth/status/1");
  require_keys(status, {"state", "algorithm", "evaluations", "generators", "best", "config"});
  CHECK(status["evaluations"] == 8);
  REQUIRE(status["generators"].size() >= 2);
  require_keys(status["generators"][0], {"index", "accepted", "reason", "mean_netscore", "min_accuracy", "networks"});
  const std::string best = std::to_string(status["best"]["id"].get<int>());

  const json document = lineage(db);
  require_keys(document["generators"][0], {"parent", "kl", "evidence"});
  require_keys(document["networks"][0], {"id", "key", "generator", "seed", "parent", "accuracy", "accuracy_lower_bound",
                                         "parameters", "multiply_adds", "netscore", "feasible", "outcome"});
  for (const auto& network : document["networks"]) {
    CHECK(network["expected_full_accuracy"].get<double>() > 0);
    CHECK(network["expected_full_accuracy"].get<double>() < 1);
  }
  for (const char* format : {"text", "dot", "svg"}) {
    CHECK(run_synth({"lineage", db, "--format", format}).exit_code == 0);
    CHECK(run_synth({"lineage", db, best, "--format", format}).exit_code == 0);
  }
  CHECK(run_synth({"show", db + "#" + best, "--json"}).json()["key"] == status["best"]["key"]);
  CHECK(run_synth({"show", db + "@G0:s0", "--json"}).json()["key"] == document["networks"][0]["key"]);
  CHECK(run_synth({"diff", db + "#1", db + "#" + best}).exit_code == 0);
  CHECK(
      run_synth({"compare", "residual9,width=0.25", db + "#" + best, "--baseline", "residual9,width=0.25"}).exit_code ==
      0);

  // Without --data and --seed, on the images that the search validated it on.
  const json validated = run_synth({"evaluate", db + "#" + best, "--split", "validation", "--json"}).json();
  CHECK(validated["int8_accuracy"].get<double>() == Approx(status["best"]["accuracy"].get<double>()));

  const std::string out = folder / "family";
  const Outcome family = run_synth({"family", db, "--members", "2", "--epochs", "0.2", "--out", out, "--json"});
  INFO(family.err);
  REQUIRE(family.exit_code == 0);
  const json members = family.json()["members"];
  REQUIRE(members.size() == 2);
  for (const json& member : members) {
    require_keys(member, {"name", "id", "generator", "validation_accuracy", "test_accuracy", "int8_test_accuracy",
                          "parameters", "multiply_adds", "netscore", "files"});
    for (const auto& file : member["files"]) CHECK(fs::file_size(file.get<std::string>()) > 0);
    const std::string architecture = member["files"]["architecture"], weights = member["files"]["weights"];
    const json measured = run_synth({"evaluate", architecture, "--weights", weights, "--data", "shapes,limit=300",
                                     "--seed", "7", "--json"})
                              .json();
    require_keys(measured, {"accuracy", "int8_accuracy", "samples", "accuracy_lower_bound"});
    CHECK(measured["accuracy"].get<double>() == Approx(member["test_accuracy"].get<double>()));
    CHECK(measured["int8_accuracy"].get<double>() == Approx(member["int8_test_accuracy"].get<double>()));
  }
  // A member stands with its test accuracy after full training, the search's networks with their validation accuracy.
  const std::string prototype = "residual9,width=0.25";
  const json compared =
      run_synth({"compare", db + "@A", db + "#" + best, prototype, "--accuracy", prototype + "=90%", "--json"}).json();
  const json& networks = compared["networks"];
  CHECK(networks[0]["name"] == "run.db@A");
  CHECK(networks[0]["accuracy"] == family.json()["members"][0]["int8_test_accuracy"]);
  CHECK(networks[0]["accuracy_split"] == "test");
  CHECK(networks[1]["name"] == "run.db#" + best);
  CHECK(networks[1]["accuracy"] == status["best"]["accuracy"]);
  CHECK(networks[1]["accuracy_split"] == "validation");
  CHECK(networks[2]["accuracy"].get<double>() == Approx(0.9));
  CHECK(networks[2]["accuracy_split"] == "given");
  // The test split is measured once: what was recorded is shown instead, and no folder is written over.
  const Outcome again = run_synth({"family", db, "--members", "2", "--epochs", "0.2", "--out", out, "--json"});
  CHECK(again.exit_code == 2);
  CHECK_THAT(again.err, Catch::Contains("--overwrite"));
  CHECK(again.json() == family.json());
  const Outcome fewer = run_synth({"family", db, "--members", "1", "--overwrite"});
  CHECK(fewer.exit_code == 2);
  CHECK_THAT(fewer.err, Catch::Contains("2 are recorded"));
  CHECK(run_synth({"lineage", db, "A", "--json"}).json()["network"] == family.json()["members"][0]["id"]);
  CHECK(run_synth({"lineage", db, db + "@B", "--json"}).json()["network"] == family.json()["members"][1]["id"]);
  CHECK(run_synth({"lineage", db, "C"}).exit_code == 2);

  CHECK(family.json()["members"][0]["parameters"] >= family.json()["members"][1]["parameters"]);

  const std::string exported = folder / "best.json";
  CHECK(run_synth({"export", db + "#" + best, "--format", "architecture", "--out", exported, "--verify"}).exit_code ==
        0);
  CHECK(run_synth({"show", exported, "--json"}).json()["key"] == status["best"]["key"]);
  CHECK(run_synth({"export", db + "#" + best, "--format", "weights", "--out", folder / "w.safetensors", "--verify"})
            .exit_code == 0);
  CHECK(run_synth({"export", db + "#" + best, "--format", "architecture", "--out", exported}).exit_code == 2);
}

TEST_CASE("the next commands are ones that work", "[cli][run]") {
  const TemporaryFolder folder;
  const std::string db = folder / "run.db";
  const Outcome search = run_synth(tiny_search(db, {"--evaluations", "1"}));
  INFO(search.err);
  REQUIRE(search.exit_code == 0);
  // With the prototype alone there is no family, and more time would change nothing.
  CHECK_THAT(search.err, !Catch::Contains("synth family") && !Catch::Contains("--time"));
  CHECK_THAT(search.err, Catch::Contains("synth resume " + db + " --evaluations 2"));
  CHECK(run_synth({"family", db}).exit_code == 3);
  const Outcome member = run_synth({"lineage", db, "A"});
  CHECK(member.exit_code == 2);
  CHECK_THAT(member.err, Catch::Contains("no family yet") && Catch::Contains("synth family " + db));
  const Outcome foreign = run_synth({"lineage", db, "other.db#1"});
  CHECK(foreign.exit_code == 2);
  CHECK_THAT(foreign.err, Catch::Contains("other.db"));
  CHECK(run_synth({"resume", db, "--evaluations", "2"}).exit_code == 0);
  CHECK(run_synth({"status", db, "--json"}).json()["evaluations"] == 2);

  // A network that was found can be where another search starts.
  const json space = run_synth({"check", "residual9,width=0.25", "--json"}).json();
  const json from_found = run_synth({"check", db + "#2", "--json"}).json();
  CHECK(from_found["prototype"] != space["prototype"]);
  CHECK(from_found["log10_size"].get<double>() == Approx(space["log10_size"].get<double>()).margin(3));
  CHECK(run_synth({"search", "--prototype", db + "#2", "--data", "shapes,limit=300", "--require", "accuracy>=0%",
                   "--epochs", "0.1", "--evaluations", "1", "--db", folder / "next.db"})
            .exit_code == 0);
  CHECK(lineage(folder / "next.db")["networks"][0]["key"] == lineage(db)["networks"][1]["key"]);
}

TEST_CASE("equal seeds give equal runs, whatever the number of jobs", "[cli][run]") {
  const TemporaryFolder folder;
  REQUIRE(run_synth(tiny_search(folder / "one.db", {"--evaluations", "7", "--jobs", "1"})).exit_code == 0);
  REQUIRE(run_synth(tiny_search(folder / "two.db", {"--evaluations", "7", "--jobs", "2"})).exit_code == 0);
  CHECK(lineage(folder / "one.db") == lineage(folder / "two.db"));
}

TEST_CASE("a run killed at random moments and resumed is the same run", "[cli][run]") {
  const TemporaryFolder folder;
  REQUIRE(run_synth(tiny_search(folder / "whole.db", {"--evaluations", "7", "--jobs", "2"})).exit_code == 0);
  const std::string db = folder / "killed.db";
  // Moments differ from run to run of this test; whatever they are, the result must be the same.
  std::mt19937 moments(std::random_device{}());
  std::vector<std::string> arguments = tiny_search(db, {"--evaluations", "7", "--jobs", "2"});
  int kills = 0;
  for (; kills < 5; ++kills) {
    Process process(arguments, folder / "out", folder / "err");
    const auto patience = std::chrono::milliseconds(500 + moments() % 4000);
    const auto end = std::chrono::steady_clock::now() + patience;
    // First when two networks are recorded and others under way, however fast the machine is.
    const auto due = [&] {
      return kills == 0 ? read_text(folder / "err").find("#2 ") != std::string::npos
                        : std::chrono::steady_clock::now() >= end;
    };
    while (process.running() && !due()) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    if (!process.running()) break;
    process.signal(SIGKILL);
    CHECK(process.wait() == -SIGKILL);
    if (fs::exists(db)) arguments = {"resume", db};
  }
  INFO("killed " << kills << " times");
  REQUIRE(kills > 0);
  if (fs::exists(db)) arguments = {"resume", db};
  const Outcome end = run_synth(arguments);
  INFO(end.err);
  REQUIRE(end.exit_code == 0);
  CHECK(lineage(db) == lineage(folder / "whole.db"));
}

TEST_CASE("Ctrl-C records what is in flight and the run goes on later", "[cli][run]") {
  const TemporaryFolder folder;
  const std::string db = folder / "run.db";
  // More than any machine trains before the signal reaches it.
  Process process(tiny_search(db, {"--evaluations", "1000", "--jobs", "1"}), folder / "out", folder / "err");
  // The first evaluation's line says that the search is under way.
  while (process.running() && read_text(folder / "err").find("#1 ") == std::string::npos) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  process.signal(SIGINT);
  const int exit_code = process.wait();
  INFO(read_text(folder / "err"));
  REQUIRE(exit_code == 5);
  CHECK_THAT(read_text(folder / "err"), Catch::Contains("synth resume"));
  const json status = run_synth({"status", db, "--json"}).json();
  CHECK(status["state"] == "interrupted");
  const int recorded = status["evaluations"];
  CHECK(recorded >= 1);
  REQUIRE(run_synth({"resume", db, "--evaluations", std::to_string(recorded + 1)}).exit_code == 0);
  CHECK(run_synth({"status", db, "--json"}).json()["evaluations"] == recorded + 1);
}

TEST_CASE("a configuration file gives options and the command line wins", "[cli][run]") {
  const TemporaryFolder folder;
  write_text(folder / "config.json", R"({"data": "shapes,limit=300", "prototype": "residual9,width=0.25", "epochs": 0.1,
      "require": "accuracy>=0%", "evaluations": 5, "seed": 3, "tune-epochs": 0.1})");
  const std::string db = folder / "run.db";
  REQUIRE(run_synth({"search", "--config", folder / "config.json", "--evaluations", "1", "--db", db}).exit_code == 0);
  const json status = run_synth({"status", db, "--json"}).json();
  CHECK(status["config"]["seed"] == 3);
  CHECK(status["config"]["evaluations"] == 1);
  CHECK(status["evaluations"] == 1);
  // What a run stores is a configuration file itself.
  write_text(folder / "stored.json", status["config"].dump());
  CHECK(run_synth({"search", "--config", folder / "stored.json", "--db", folder / "again.db"}).exit_code == 0);
  CHECK(lineage(db) == lineage(folder / "again.db"));
}

TEST_CASE("a dry run writes nothing; impossible requirements are told before training", "[cli][run]") {
  const TemporaryFolder folder;
  const std::string db = folder / "run.db";
  const Outcome dry = run_synth(tiny_search(db, {"--dry-run", "--json"}));
  INFO(dry.err);
  CHECK(dry.exit_code == 0);
  require_keys(dry.json(), {"feasible_by_cost", "log10_size", "parameters", "multiply_adds", "estimated_seconds"});
  CHECK(fs::is_empty(folder.path()));
  for (const std::string& option : {std::string("--dry-run"), std::string("-q")}) {
    const Outcome impossible = run_synth(tiny_search(db, {"--require", "params<=10", option}));
    CHECK(impossible.exit_code == 2);  // the option is given twice
  }
  const Outcome perfect = run_synth(
      {"search", "--data", "shapes,limit=300", "--require", "accuracy>=100%", "--db", db, "--dry-run", "--json"});
  CHECK(perfect.exit_code == 3);
  CHECK(perfect.json()["feasible"] == false);
  CHECK(perfect.json()["feasible_by_cost"] == true);
  CHECK_THAT(perfect.json()["message"].get<std::string>(), Catch::Contains("30 validation images"));
  const Outcome impossible = run_synth({"search", "--data", "shapes,limit=300", "--require", "params<=10", "--db", db});
  CHECK(impossible.exit_code == 3);
  CHECK_THAT(impossible.err, Catch::Contains("parameters"));
  CHECK(fs::is_empty(folder.path()));
}

TEST_CASE("a bound that few validation images make hard to meet is said before training", "[cli][run]") {
  const auto dry = [](const std::string& data, const std::string& requirement) {
    return run_synth({"search", "--data", data, "--require", requirement, "--dry-run"}).err;
  };
  CHECK_THAT(dry("shapes,limit=500", "accuracy>=95%"),
             Catch::Contains("with 50 validation images accuracy>=95%") && Catch::Contains("use more images"));
  CHECK_THAT(dry("shapes,limit=500", "params<=1M"), !Catch::Contains("note:"));
  CHECK_THAT(dry("shapes", "accuracy>=95%"), !Catch::Contains("note:"));  // 800 images
}

TEST_CASE("two processes never write one run", "[cli][run]") {
  const TemporaryFolder folder;
  const std::string db = folder / "run.db";
  Process process(tiny_search(db, {"--evaluations", "200", "--jobs", "1"}), folder / "out", folder / "err");
  while (process.running() && read_text(folder / "err").find("#1 ") == std::string::npos) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  const Outcome second = run_synth({"resume", db});
  CHECK(second.exit_code == 4);
  CHECK_THAT(second.err, Catch::Contains("run.db"));
  CHECK(run_synth({"status", db}).exit_code == 0);
  process.signal(SIGINT);
  process.signal(SIGINT);
  const int exit_code = process.wait();
  CHECK(exit_code == 5);
}
