// Trainers of the user's own: what they are given, every way in which they can fail, and that nothing of them stays.
#include <signal.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "tests/cli/program.h"

using namespace cli_test;
using Catch::Contains;
using nlohmann::json;

namespace {

namespace fs = std::filesystem;

// An accuracy that follows from the key alone, as a real trainer's follows from architecture and seed.
const std::string answer_by_key =
    "key=$(sed 's/.*\"key\":\"\\([0-9a-f]*\\)\".*/\\1/')\n"
    "echo \"{\\\"accuracy\\\": 0.9$(printf %d 0x$(echo $key | cut -c1-4)), \\\"samples\\\": 1000}\"\n";

std::string script(const TemporaryFolder& folder, const std::string& text, const std::string& name = "trainer.sh") {
  write_text(folder / name, "#!/bin/sh\n" + text);
  fs::permissions(folder / name, fs::perms::owner_all);
  return folder / name;
}

std::vector<std::string> search(const std::string& db, const std::string& evaluator,
                                const std::vector<std::string>& more = {}) {
  std::vector<std::string> arguments = {"search",
                                        "--data",
                                        "shapes,limit=300",
                                        "--prototype",
                                        "residual9,width=0.25",
                                        "--require",
                                        "accuracy>=1%",
                                        "--seeds",
                                        "2",
                                        "--seed",
                                        "7",
                                        "--db",
                                        db,
                                        "--evaluator",
                                        evaluator};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

json networks(const std::string& db) {
  const Outcome outcome = run_synth({"lineage", db, "--json"});
  INFO(outcome.err);
  REQUIRE(outcome.exit_code == 0);
  return outcome.json()["networks"];
}

// The second network is judged by `fault`, all others as usual; returns the second.
json with_fault(const std::string& fault, const std::vector<std::string>& more = {}) {
  const TemporaryFolder folder;
  const std::string trainer =
      script(folder, "if mkdir " + folder.path() + "/first 2>/dev/null || ! mkdir " + folder.path() +
                         "/second 2>/dev/null; then\n" + answer_by_key + "else\n" + fault + "\nfi\n");
  std::vector<std::string> arguments = {"--evaluations", "4", "--jobs", "1"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  const Outcome outcome = run_synth(search(folder / "run.db", "command:" + trainer, arguments));
  INFO(outcome.err);
  REQUIRE(outcome.exit_code == 0);
  const json found = networks(folder / "run.db");
  REQUIRE(found.size() == 4);
  for (const int other : {0, 2, 3}) CHECK(found[static_cast<std::size_t>(other)]["outcome"] == "trained");
  CHECK_FALSE(fs::exists(folder / "run.db.work"));
  return found[1];
}

bool alive(const std::string& pid_file) {
  const pid_t pid = static_cast<pid_t>(std::stoi(read_text(pid_file)));
  return kill(pid, 0) == 0 && read_text("/proc/" + std::to_string(pid) + "/stat").find(") Z ") == std::string::npos;
}

template <typename Condition>
bool soon(Condition condition, int seconds = 60) {
  for (int i = 0; i < 20 * seconds && !condition(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(50));
  return condition();
}

}  // namespace

TEST_CASE("an own trainer is given the network and its answer counts", "[cli][own_trainer]") {
  const TemporaryFolder folder;
  const std::string trainer =
      script(folder, "cp \"$2\"/*.json " + folder.path() + "\necho progress\n" +
                         "echo '{\"accuracy\": 0.875, \"samples\": 400, \"float_accuracy\": 0.9, \"epochs\": 2}'\n");
  const std::string evaluator = "command:" + trainer + " 'two words'";
  const Outcome outcome =
      run_synth(search(folder / "run.db", evaluator, {"--evaluations", "1", "--epochs", "2", "--jobs", "1"}));
  INFO(outcome.err);
  REQUIRE(outcome.exit_code == 0);
  const json network = networks(folder / "run.db")[0];
  CHECK(network["accuracy"] == 0.875);
  const json request = json::parse(read_text(folder / "request.json"));
  CHECK(request["schema"] == "synth/evaluation-request/1");
  CHECK(request["key"] == network["key"]);
  CHECK(request["budget"]["epochs"] == 2);
  const json architecture = json::parse(read_text(folder / "architecture.json"));
  CHECK(architecture["schema"] == "synth/architecture/1");
  const json layers = json::parse(read_text(folder / "layers.json"));
  CHECK(layers["layers"][0]["op"] == "input");
  CHECK(layers["layers"].back()["op"] == "softmax");
  CHECK_THAT(outcome.err, Contains("synth resume " + (folder / "run.db")) && Contains("--evaluator 'command:"));
  CHECK_THAT(outcome.err, !Contains("synth family"));
}

TEST_CASE("a trainer's faults are outcomes and the search goes on", "[cli][own_trainer]") {
  struct Fault {
    std::string script, outcome, message;
  };
  const std::vector<Fault> faults = {
      {"echo 'no \033[31mdata' >&2; exit 3", "failed", "exit code 3; its stderr ends: no \\x1b[31mdata"},
      {"kill -SEGV $$", "failed", "killed by signal 11"},
      {"kill -9 0", "failed", "killed by signal 9"},
      {"exit 0", "failed", "nothing on stdout"},
      {"echo garbage", "failed", "not valid JSON"},
      {"printf '\\377\\376\\n'", "failed", "not valid JSON"},
      {"echo '{\"accuracy\": NaN, \"samples\": 10}'", "diverged", "no finite number"},
      {"echo '{\"samples\": 10}'", "failed", "accuracy"},
      {"echo '{\"accuracy\": 0.5}'", "failed", "samples"},
      {"echo '{\"accuracy\": 95, \"samples\": 10}'", "failed", "allowed is a number from 0 to 1"},
      {"echo '{\"accuracy\": 0.5, \"samples\": 10, \"accuarcy\": 1}'", "failed", "accuarcy"},
      {"echo '{\"outcome\": \"out_of_memory\", \"message\": \"of 8 GiB\"}'", "out_of_memory", "of 8 GiB"},
      {"yes", "failed", "wrote too much"},
      {"yes >&2", "failed", "wrote too much"},
  };
  for (const Fault& fault : faults) {
    INFO(fault.script);
    const json network = with_fault(fault.script);
    CHECK(network["outcome"] == fault.outcome);
    CHECK_THAT(network["message"].get<std::string>(), Contains(fault.message));
    CHECK(network["message"].get<std::string>().size() < 2000);
    CHECK(network["parameters"].get<int>() > 0);
  }
  const json late =
      with_fault("echo waiting >&2; trap '' TERM; sleep 1000 & wait; sleep 1000", {"--candidate-time", "2s"});
  CHECK(late["outcome"] == "timed_out");
  CHECK_THAT(late["message"].get<std::string>(), Contains("waiting"));
}

TEST_CASE("children left behind are ended, in whatever session", "[cli][own_trainer]") {
  const TemporaryFolder folder;
  const std::string pid = folder / "pid";
  const std::string trainer =
      script(folder, "setsid sh -c 'echo $$ >" + pid + ".new; mv " + pid + ".new " + pid +
                         "; exec sleep 1000' &\nwhile ! [ -e " + pid + " ]; do sleep 0.05; done\n" + answer_by_key);
  REQUIRE(run_synth(search(folder / "run.db", "command:" + trainer, {"--evaluations", "1"})).exit_code == 0);
  CHECK_FALSE(alive(pid));
}

TEST_CASE("Ctrl-C and kill -9 end a trainer", "[cli][own_trainer]") {
  for (const int signal : {SIGINT, SIGKILL}) {
    const TemporaryFolder folder;
    const std::string pid = folder / "pid";
    const std::string trainer =
        script(folder, "echo $$ >" + pid + ".new; mv " + pid + ".new " + pid + "\nsleep 1000\n");
    Process process(search(folder / "run.db", "command:" + trainer, {"--evaluations", "1"}), folder / "out",
                    folder / "err");
    REQUIRE(soon([&] { return fs::exists(pid); }));
    process.signal(signal);
    if (signal == SIGINT) {
      REQUIRE(soon([&] { return read_text(folder / "err").find("once more") != std::string::npos; }));
      CHECK(alive(pid));  // what is in flight may finish
      process.signal(signal);
    }
    CHECK(process.wait() == (signal == SIGINT ? 5 : -SIGKILL));
    CHECK(soon([&] { return !alive(pid); }, 10));
  }
}

TEST_CASE("a command that cannot be started is an error before anything is recorded", "[cli][own_trainer]") {
  const TemporaryFolder folder;
  write_text(folder / "plain.txt", "text");
  for (const std::string& program : {std::string("no-such-program"), folder / "missing", folder / "plain.txt"}) {
    const Outcome outcome = run_synth(search(folder / "run.db", "command:" + program, {"--evaluations", "1"}));
    CHECK(outcome.exit_code == 4);
    CHECK_THAT(outcome.err, Contains("cannot start '" + program + "'"));
    CHECK_FALSE(fs::exists(folder / "run.db"));
  }
  for (const std::string evaluator : {"command:", "comand:x", "command", "command:open\\", "command:''"}) {
    INFO(evaluator);
    const Outcome outcome = run_synth(search(folder / "run.db", evaluator));
    CHECK(outcome.exit_code == 2);
    CHECK_THAT(outcome.err, Contains("--evaluator"));
  }
  // An executable file that the system then refuses is no candidate's fault either.
  write_text(folder / "odd", "#!/no/such/interpreter\n");
  fs::permissions(folder / "odd", fs::perms::owner_all);
  const Outcome odd = run_synth(search(folder / "odd.db", "command:" + (folder / "odd"), {"--evaluations", "1"}));
  CHECK(odd.exit_code == 4);
  CHECK(networks(folder / "odd.db").empty());
}

TEST_CASE("a run starts no command that the command line does not name", "[cli][own_trainer]") {
  const TemporaryFolder folder;
  const std::string trainer = script(folder, "touch " + folder.path() + "/started\n" + answer_by_key);
  const std::string db = folder / "run.db", evaluator = "command:" + trainer;
  REQUIRE(run_synth(search(db, evaluator, {"--evaluations", "2"})).exit_code == 0);
  fs::remove(folder / "started");
  const Outcome silent = run_synth({"resume", db, "--evaluations", "3"});
  CHECK(silent.exit_code == 2);
  CHECK_THAT(silent.err, Contains("--evaluator '" + evaluator + "'"));
  const Outcome other = run_synth({"resume", db, "--evaluations", "3", "--evaluator", "command:true"});
  CHECK(other.exit_code == 2);
  write_text(folder / "config.json", json{{"evaluator", evaluator}}.dump());
  const Outcome file = run_synth({"search", "--config", folder / "config.json", "--db", folder / "new.db"});
  CHECK(file.exit_code == 2);
  CHECK_THAT(file.err, Contains("command line only"));
  CHECK_FALSE(fs::exists(folder / "started"));
  CHECK(run_synth({"resume", db, "--evaluations", "3", "--evaluator", evaluator}).exit_code == 0);
  CHECK(fs::exists(folder / "started"));
}

TEST_CASE("runs of an own trainer are equal, whatever the jobs and however often killed", "[cli][own_trainer]") {
  const TemporaryFolder folder;
  const std::string one = script(folder, answer_by_key);
  const std::string kept = script(folder,
                                  "while read -r request; do\nkey=$(echo \"$request\" | sed "
                                  "'s/.*\"key\":\"\\([0-9a-f]*\\)\".*/\\1/')\n"
                                  "echo \"{\\\"key\\\": \\\"$key\\\", \\\"accuracy\\\": 0.9$(printf %d 0x$(echo $key "
                                  "| cut -c1-4)), \\\"samples\\\": 1000}\"\ndone\n",
                                  "kept.sh");
  for (const std::string& evaluator : {"command:" + one, "command-server:" + kept}) {
    const std::string name = folder / (evaluator.substr(0, evaluator.find(':')));
    REQUIRE(run_synth(search(name + "1.db", evaluator, {"--evaluations", "9", "--jobs", "1"})).exit_code == 0);
    REQUIRE(run_synth(search(name + "4.db", evaluator, {"--evaluations", "9", "--jobs", "4"})).exit_code == 0);
    CHECK(networks(name + "1.db") == networks(name + "4.db"));
    const std::string killed = name + "-killed.db";
    Process process(search(killed, evaluator, {"--evaluations", "9", "--jobs", "2"}), folder / "out", folder / "err");
    REQUIRE(soon([&] { return fs::exists(killed) || !process.running(); }));
    process.signal(SIGKILL);
    process.wait();
    const Outcome resumed = run_synth({"resume", killed, "--evaluator", evaluator});
    INFO(resumed.err);
    REQUIRE(resumed.exit_code == 0);
    CHECK(networks(name + "1.db") == networks(killed));
  }
  CHECK(networks(folder / "command1.db") == networks(folder / "command-server1.db"));
}

TEST_CASE("a kept trainer that fails is replaced", "[cli][own_trainer]") {
  for (const std::string fault : {"exit 7", "echo '{\"key\": \"another\", \"accuracy\": 1, \"samples\": 1}'",
                                  "echo '{\"accuracy\": 1, \"samples\": 1}'", "kill -9 $$"}) {
    INFO(fault);
    const TemporaryFolder folder;
    const std::string trainer =
        script(folder, "while read -r request; do\necho x >>" + (folder / "count") + "\nif [ $(wc -l <" +
                           (folder / "count") + ") = 2 ]; then " + fault +
                           "; continue; fi\nkey=$(echo \"$request\" | sed "
                           "'s/.*\"key\":\"\\([0-9a-f]*\\)\".*/\\1/')\n"
                           "echo \"{\\\"key\\\": \\\"$key\\\", \\\"accuracy\\\": 0.9, \\\"samples\\\": "
                           "1000}\"\ndone\n");
    const Outcome outcome =
        run_synth(search(folder / "run.db", "command-server:" + trainer, {"--evaluations", "4", "--jobs", "1"}));
    INFO(outcome.err);
    REQUIRE(outcome.exit_code == 0);
    const json found = networks(folder / "run.db");
    CHECK(found[1]["outcome"] == "failed");
    CHECK(found[2]["outcome"] == "trained");
    CHECK(found[3]["outcome"] == "trained");
  }
}

TEST_CASE("the shell example answers", "[cli][own_trainer]") {
  const TemporaryFolder folder;
  const std::string counts =
      script(folder, "test -s \"$1\" && test -s \"$2\" && test \"$3\" -ge 0 && test \"$4\" = 2\necho 45 50\n");
  const std::string example = std::string(SYNTH_SOURCE_DIR) + "/docs/examples/own_trainer.sh";
  const Outcome outcome = run_synth(
      search(folder / "run.db", "command:sh " + example + " " + counts, {"--evaluations", "1", "--epochs", "2"}));
  INFO(outcome.err);
  REQUIRE(outcome.exit_code == 0);
  CHECK(networks(folder / "run.db")[0]["accuracy"] == 0.9);
}

// Ten shades of grey, as portable pixmaps, which need no library to write.
TEST_CASE("the Python example builds what is proposed and trains it, as command and as server", "[cli][own_trainer]") {
  const TemporaryFolder folder;
  for (const std::string split : {"train", "val"}) {
    for (int label = 0; label < 10; ++label) {
      const std::string place = folder.path() + "/photos/" + split + "/" + std::to_string(label);
      fs::create_directories(place);
      for (int i = 0; i < 4; ++i)
        write_text(place + "/" + std::to_string(i) + ".ppm",
                   "P6 8 8 255\n" + std::string(8 * 8 * 3, static_cast<char>(25 * label + i)));
    }
  }
  const std::string words = "/usr/bin/python3 " + std::string(SYNTH_SOURCE_DIR) + "/docs/examples/own_trainer.py " +
                            folder.path() + "/photos";
  for (const std::string prototype :
       {"residual9,width=0.25", "attendnet_seed,width=0.25", "shufflenet_v2,width=0.25"}) {
    INFO(prototype);
    const std::string name = folder / prototype.substr(0, 6);
    for (const std::string kind : {"command", "command-server"}) {
      const Outcome outcome = run_synth({"search", "--prototype", prototype, "--data", "shapes,limit=300", "--require",
                                         "accuracy>=1%", "--epochs", "2", "--evaluations", "2", "--jobs", "1", "--db",
                                         name + kind, "--evaluator", kind + ":" + words});
      INFO(outcome.err);
      CHECK((outcome.exit_code == 0 || outcome.exit_code == 3));
    }
    const json found = networks(name + "command");
    for (const json& network : found) {
      INFO(network.dump());
      CHECK(network["outcome"] == "trained");
    }
    CHECK(found == networks(name + "command-server"));
  }
}
