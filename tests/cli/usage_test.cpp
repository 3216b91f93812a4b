// Wrong input: exit codes and messages that name the place, what was found and what is allowed.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <string>
#include <vector>

#include "tests/cli/program.h"

using namespace cli_test;

namespace {

struct Wrong {
  std::vector<std::string> arguments;
  int exit_code;
  std::vector<std::string> said;  // each must occur on stderr
};

void check(const Wrong& wrong) {
  std::string typed = "synth";
  for (const std::string& argument : wrong.arguments) typed += " " + argument;
  const Outcome outcome = run_synth(wrong.arguments);
  INFO(typed << "\n" << outcome.out << outcome.err);
  CHECK(outcome.exit_code == wrong.exit_code);
  CHECK(outcome.out.empty());
  for (const std::string& words : wrong.said) CHECK_THAT(outcome.err, Catch::Contains(words));
  CHECK_THAT(outcome.err, !Catch::Contains("terminate called"));
  CHECK_THAT(outcome.err, !Catch::Contains("internal error"));
}

}  // namespace

TEST_CASE("mistyped commands and options are answered with the nearest", "[cli]") {
  check({{"serach"}, 2, {"serach", "search"}});
  check({{"frobnicate"}, 2, {"frobnicate"}});
  check({{"search", "--generaters", "4"}, 2, {"--generaters", "--generators"}});
  check({{"score", "--acuracy", "70"}, 2, {"--acuracy", "--accuracy"}});
  check({{"list", "module"}, 2, {"modules"}});
  check({{"show", "residual8"}, 2, {"residual8", "residual9"}});
  check({{"search", "--algorithm", "nsga"}, 2, {"nsga2"}});
  check({{"search", "--prototype", "residual6"}, 2, {"residual6"}});
  check({{"search", "--data", "shape"}, 2, {"shape", "shapes"}});
  check({{"show", "residual9", "--format", "svgg"}, 2, {"svgg", "svg"}});
  check({{"export", "residual9", "--format", "architectur", "--out", "x"}, 2, {"architecture"}});
}

TEST_CASE("missing and malformed arguments are named", "[cli]") {
  check({{"score"}, 2, {"--accuracy"}});
  check({{"score", "--accuracy", "70", "--params", "x", "--macs", "1"}, 2, {"--params", "x"}});
  check({{"score", "--accuracy", "170", "--params", "1", "--macs", "1"}, 2, {"170", "100"}});
  check({{"score", "--accuracy", "70", "--params", "0", "--macs", "1"}, 2, {"params", "0"}});
  check({{"score", "--accuracy", "nan", "--params", "1", "--macs", "1"}, 2, {"accuracy", "nan"}});
  check(
      {{"score", "--accuracy", "70", "--params", "1", "--macs", "1", "--alpha", "inf"}, 2, {"--alpha", "inf", "100"}});
  check({{"score", "--accuracy", "70", "--params", "2.9Q", "--macs", "1"}, 2, {"--params", "Q", "M"}});
  check({{"show"}, 2, {"NETWORK"}});
  check({{"show", "residual9", "extra"}, 2, {"extra"}});
  check({{"show", "residual9", "--bits", "7"}, 2, {"--bits", "7", "8"}});
  for (const char* picture : {"svg", "dot"}) {
    check({{"show", "residual9", "--format", picture, "--bits", "8"}, 2, {"--bits", picture, "text, json"}});
    check({{"show", "residual9", "--format", picture, "--count", "folded"}, 2, {"--count", picture, "text, json"}});
    check({{"show", "residual9", "--format", picture, "--all"}, 2, {"--all", picture, "text, json"}});
  }
  check({{"show", "no-such-file.json"}, 2, {"no-such-file.json"}});
  check({{"show", "residual9,clases=3"}, 2, {"clases", "classes"}});
  check({{"show", "run.db#1,width=0.5"}, 2, {"',width=0.5'", "run.db#1", "synth export"}});
  check({{"show", "residual9,size=4"}, 2, {"4"}});
  check({{"show", "run.db"}, 2, {"run.db#12"}});
  check({{"diff", "residual9"}, 2, {"TO"}});
  check({{"list"}, 2, {"WHAT"}});
  check({{"lineage"}, 2, {"RUN"}});
  check({{"search", "--seeds"}, 2, {"--seeds"}});
  check({{"search", "--seeds", "0"}, 2, {"seeds", "0", "1"}});
  check({{"search", "--seeds", "many"}, 2, {"--seeds", "many", "whole number"}});
  check({{"search", "--seeds="}, 2, {"--seeds", "missing"}});
  check({{"search", "--epochs", "x"}, 2, {"--epochs: found 'x', allowed is a number"}});
  check({{"search", "--jobs", "-1"}, 2, {"--jobs", "-1", "0 to 1024"}});
  check({{"search", "--evaluations", "-1"}, 2, {"--evaluations", "-1", "at least 0"}});
  check({{"search", "--time", "0"}, 2, {"--time", "'0'"}});
  check({{"lineage", "run.db", "--json", "--format", "svg"}, 2, {"--json", "--format svg"}});
  check({{"train", "residual9,classes=5", "--data", "shapes,limit=100", "--out", "never-written"},
         2,
         {"residual9,classes=5: ", "classes=5", "10"}});
  check({{"search", "--seed", "-1"}, 2, {"seed"}});
  check({{"search", "--time", "soon"}, 2, {"soon", "30m"}});
  check({{"search", "--device", "gpu"}, 2, {"gpu", "cuda"}});
  check({{"search", "--confidence", "2"}, 2, {"confidence", "2"}});
  check({{"search", "--judge", "later"}, 2, {"judge", "later", "full, measured"}});
  check({{"family", "run.db", "--distinct", "colours"}, 2, {"distinct", "kinds"}});
  check({{"search", "--epochs", "nan"}, 2, {"epochs"}});
  check({{"search", "-v", "-q"}, 2, {"--verbose", "--quiet"}});
  check({{"train", "residual9"}, 2, {"--out"}});
  check({{"evaluate", "residual9"}, 2, {"weights"}});
}

TEST_CASE("malformed requirements are refused before any work", "[cli]") {
  check({{"search", "--require", "accuracy>=90"}, 2, {"90", "%"}});
  check({{"search", "--require", "acuracy>=90%"}, 2, {"acuracy", "accuracy"}});
  check({{"search", "--require", "params>=5"}, 2, {"params"}});
  check({{"search", "--require", "weight_bits=7"}, 2, {"weight_bits", "7"}});
  check({{"search", "--require", "accuracy>=90%,,"}, 2, {"--require"}});
}

TEST_CASE("missing data and runs are environment errors", "[cli]") {
  check({{"search", "--data", "idx:/no/such/folder", "--db", "/tmp/never-created.db"}, 4, {"/no/such/folder"}});
  check({{"search", "--data", "cifar10:/no/such/folder", "--db", "/tmp/never-created.db"}, 4, {"/no/such/folder"}});
  check({{"status", "/no/such/run.db"}, 4, {"/no/such/run.db"}});
  check({{"resume", "/no/such/run.db"}, 4, {"/no/such/run.db"}});
  check({{"lineage", "/no/such/run.db"}, 4, {"/no/such/run.db"}});
  check({{"show", "/no/such/run.db#3"}, 4, {"/no/such/run.db"}});
  check({{"show", "residual9", "--log-file", "/no/such/folder/log"}, 4, {"/no/such/folder/log"}});
  check({{"train", "residual9", "--out", "/no/such/folder/weights"}, 4, {"/no/such/folder"}});
}

TEST_CASE("files that are not what they should be are refused with the place", "[cli]") {
  const TemporaryFolder folder;
  write_text(folder / "text.db", "not a database");
  check({{"status", folder / "text.db"}, 4, {"text.db"}});
  check({{"search", "--db", folder / "text.db"}, 4, {"text.db", "synth resume"}});
  write_text(folder / "broken.json", "{\"schema\": ");
  check({{"check", folder / "broken.json"}, 2, {"broken.json"}});
  check({{"show", folder / "broken.json"}, 2, {"broken.json"}});
  check({{"search", "--config", folder / "broken.json"}, 2, {"broken.json"}});
  check({{"search", "--config", folder / "none.json"}, 2, {"none.json"}});
  write_text(folder / "unknown.json", R"({"generaters": 4})");
  check({{"search", "--config", folder / "unknown.json"}, 2, {"unknown.json", "generaters", "generators"}});
  write_text(folder / "type.json", R"({"seeds": "four"})");
  check({{"search", "--config", folder / "type.json"}, 2, {"type.json", "seeds", "four"}});
  write_text(folder / "range.json", R"({"seeds": -4})");
  check({{"search", "--config", folder / "range.json"}, 2, {"range.json", "seeds", "-4"}});
  check({{"search", "--config", folder / "range.json"}, 2, {"1 to 1000"}});
  write_text(folder / "wide.json", R"({"tune_epochs": -1})");
  check({{"search", "--config", folder / "wide.json"}, 2, {"wide.json: tune_epochs: found -1"}});
  write_text(folder / "huge.json", R"({"seeds": 18446744073709551615})");
  check({{"search", "--config", folder / "huge.json"}, 2, {"huge.json", "seeds", "18446744073709551615"}});
  write_text(folder / "twice.json", R"({"seeds": 4, "seeds": 5})");
  check({{"search", "--config", folder / "twice.json"}, 2, {"twice.json", "seeds", "twice"}});
  write_text(folder / "require.json", R"({"require": "accuracy>=90"})");
  check({{"search", "--config", folder / "require.json"}, 2, {"require.json: require", "90%"}});
  write_text(folder / "list.json", "[]");
  check({{"search", "--config", folder / "list.json"}, 2, {"list.json"}});
}

TEST_CASE("networks without bound are refused before they are built", "[cli]") {
  const TemporaryFolder folder;
  const std::string file = folder / "network.json";
  REQUIRE(run_synth({"export", "residual9", "--format", "architecture", "--out", file}).exit_code == 0);
  const nlohmann::json network = nlohmann::json::parse(read_text(file));
  for (const char* part : {"slots", "stem"}) {
    nlohmann::json many = network;
    many[part] = std::vector<nlohmann::json>(5000, network[part].back());
    write_text(folder / "many.json", many.dump());
    check({{"show", folder / "many.json"}, 2, {"many.json", part, "5000", "at most"}});
  }
}

TEST_CASE("a file that exists is taken whatever its name holds", "[cli]") {
  const TemporaryFolder folder;
  const std::string file = folder / "a,width=2 #1@G2.json";
  REQUIRE(run_synth({"export", "residual9", "--format", "architecture", "--out", file}).exit_code == 0);
  const nlohmann::json built_in = run_synth({"show", "residual9", "--json"}).json();
  CHECK(run_synth({"show", file, "--json"}).json()["key"] == built_in["key"]);
  CHECK(run_synth({"show", file + ",classes=7", "--json"}).json()["classes"] == 7);
}

TEST_CASE("help and version go to stdout", "[cli]") {
  CHECK(run_synth({}).exit_code == 2);
  const Outcome help = run_synth({"--help"});
  CHECK(help.exit_code == 0);
  for (const char* name : {"search", "resume", "status", "lineage", "diff", "family", "show", "compare", "score",
                           "train", "evaluate", "export", "bench", "list", "check"}) {
    CHECK_THAT(help.out, Catch::Contains(name));
    const Outcome own = run_synth({name, "--help"});
    INFO(name);
    CHECK(own.exit_code == 0);
    CHECK_THAT(own.out, Catch::Contains("Usage: synth " + std::string(name)));
    CHECK(own.err.empty());
    CHECK(run_synth({"help", name}).out == own.out);
  }
  CHECK(run_synth({"help"}).out == help.out);
  CHECK_THAT(run_synth({"--version"}).out, Catch::StartsWith("synth "));
}

TEST_CASE("a kernel level that is none is refused before any work", "[cli]") {
  ::setenv("SYNTH_CPU", "pentium", 1);
  check({{"search", "--dry-run"}, 2, {"SYNTH_CPU", "pentium", "baseline"}});
  ::unsetenv("SYNTH_CPU");
}

TEST_CASE("what a message quotes is shown without control characters", "[cli]") {
  const Outcome outcome = run_synth({"show", "a\x1b[31mb\x07"});
  CHECK(outcome.exit_code == 2);
  CHECK_THAT(outcome.err, Catch::Contains("a\\x1b[31mb\\x07"));
  CHECK(outcome.err.find('\x1b') == std::string::npos);
}
