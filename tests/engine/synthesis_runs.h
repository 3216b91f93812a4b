// The synthesis loop with the fake evaluator, as its tests run it.
#pragma once

#include <atomic>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "synth/engine/experiment.h"
#include "tests/support/fake_evaluator.h"

namespace test_engine {

using namespace synth::engine;

struct Log : Observer {
  std::vector<Record> records;
  std::vector<GeneratorRecord> generators;
  void on_evaluation(const Record& record) override { records.push_back(record); }
  void on_replay(const Record& record) override { records.push_back(record); }
  void on_generator(const GeneratorRecord& generator) override { generators.push_back(generator); }
};

struct Case {
  Config config;
  std::string requirements = "accuracy>=prototype-2%";
  double noise = 0.002;
  int samples = 5000;
  int diverge_every = 0;
  int slots = 4;
};

struct Result {
  std::string end;
  Log log;
};

inline Result search(const Case& input, Recorded recorded = {}, int stop_after = 0) {
  const support::FakeSpace space(input.slots);
  support::FakeEvaluator evaluator(space);
  evaluator.noise = input.noise;
  evaluator.samples = input.samples;
  evaluator.diverge_every = input.diverge_every;
  std::atomic<bool> stop = false;
  if (stop_after > 0)
    evaluator.hook = [&](const evaluators::Request&) {
      if (evaluator.calls >= stop_after) stop = true;
    };
  Result result;
  Experiment experiment(space, evaluator, Objective(NetScore{}, parse_requirements(input.requirements)), input.config,
                        {&result.log}, std::move(recorded), &stop);
  result.end = run(experiment);
  return result;
}

inline Case standard(std::uint64_t seed, int evaluations = 60) {
  Case input;
  input.config.seed = seed;
  input.config.evaluations = evaluations;
  return input;
}

inline Recorded recorded(const std::vector<Record>& records) {
  return {records, 1, [records](int id) { return records[id - 1].evaluation.weights; }};
}

inline std::string lineage(const Log& log) {
  std::ostringstream text;
  for (const GeneratorRecord& generator : log.generators) {
    text << generator.proposal << (generator.accepted ? " accepted" : " rejected");
    for (const int id : generator.networks) text << ' ' << log.records[id - 1].key.substr(0, 12);
    text << '\n';
  }
  return text.str();
}

}  // namespace test_engine
