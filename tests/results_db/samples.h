// Runs, records and folders for the database's tests.
#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "results_db/results_db.h"
#include "tests/support/postgresql.h"

namespace results_db::test {

// An empty folder that disappears with the test.
class Folder {
 public:
  explicit Folder(std::string parent = std::filesystem::temp_directory_path().string()) {
    std::string pattern = parent + "/synth_db_XXXXXX";
    path_ = ::mkdtemp(pattern.data());
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// Where a test keeps its runs: a folder of files, or names of its own in a database.
class Place {
 public:
  explicit Place(const std::string& engine) : postgresql_(engine == "postgresql") {
    static int places = 0;
    number_ = ++places;
  }
  std::string operator/(const std::string& name) const {
    if (!postgresql_) return folder_ / name;
    return synth::test::PostgresServer::running().url("p" + std::to_string(number_) + "." + name);
  }

 private:
  const bool postgresql_;
  int number_ = 0;
  Folder folder_;
};

inline Run sample_run() {
  Run run;
  run.config = R"({"algorithm":"generative-synthesis","seed":7})";
  run.config_hash = "0123456789abcdef0123456789abcdef";
  run.prototype = R"({"schema":"synth/prototype/1"})";
  run.data = "shapes,limit=500";
  run.data_fingerprint = "fedcba9876543210fedcba9876543210";
  run.evaluator = "trained epochs=2";
  run.versions = R"({"synth":"0.1.0"})";
  return run;
}

// Figures whose decimal spelling is long, so that anything but an exact round trip shows.
inline Record sample_record(int id, std::size_t weight_bytes = 1000) {
  Record record;
  record.id = id;
  record.key = "key" + std::to_string(id);
  record.design = {id, 0, 3, 17};
  record.parent = id > 1 ? 1 : 0;
  record.performance = 81.0 / id + 1.0 / 3;
  record.accuracy_lower_bound = 0.9 - 1e-17 * id;
  record.feasible = id % 2 == 0;
  auto& evaluation = record.evaluation;
  evaluation.message = "";
  evaluation.accuracy = 0.1 + 0.2;
  evaluation.float_accuracy = 1.0 / 7;
  evaluation.samples = 10'000;
  evaluation.latency_ms = 5e-324;
  evaluation.cost = {3'000'000'000'000, 51, 577'700'000, 999};
  evaluation.seconds = 1.25;
  evaluation.evidence.probe_loss = 0.7 / 3;
  evaluation.evidence.layers.push_back({"stage1.slot1.vac.down", 0, 2.0 / 3, 31.4159265358979, {0.1F, 1e-30F, 3.0F}});
  evaluation.evidence.slots.push_back({0, -1.0 / 3});
  evaluation.weights.assign(weight_bytes, static_cast<char>(id));
  if (!evaluation.weights.empty()) evaluation.weights[0] = '\0';
  return record;
}

inline GeneratorRecord sample_generator(int proposal, std::vector<int> networks) {
  GeneratorRecord generator;
  generator.proposal = proposal;
  generator.index = proposal;
  generator.parent = proposal - 1;
  generator.accepted = true;
  generator.reason = "mean U 81.2 > 80.9";
  generator.theta = {{1.0 / 3, 2.0 / 3}, {1}, {}};
  generator.kl = 0.1 + 0.7;
  generator.trust_region = 1.5;
  generator.mean_performance = 81.2 / 3;
  generator.networks = std::move(networks);
  generator.outcomes.assign(generator.networks.size(), "trained");
  if (!generator.outcomes.empty()) generator.outcomes.back() = "duplicate";
  generator.seeds = {0, 0xffffffffffffffffULL, 42};
  generator.evidence = {"slot 7: vac -> pepe, bypass costs 0.01", "ünïcode \"quoted\""};
  return generator;
}

}  // namespace results_db::test
