// What the pictures and tables of a run are made from: recorded values and the space they live in, nothing else.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "results_db/results_db.h"
#include "search_space/design_space.h"
#include "synth/engine/objective.h"

namespace synth::report {

struct RunView {
  std::string name;  // for titles: the database's path
  results_db::Run run;
  std::vector<results_db::Record> records;              // by id; weights are not needed
  std::vector<results_db::GeneratorRecord> generators;  // by proposal
  std::vector<results_db::FamilyMember> family;         // weights are not needed
  std::vector<results_db::Session> sessions;            // by id
  std::vector<results_db::Crash> crashes;
  const search_space::DesignSpace* space = nullptr;     // required; a SearchSpace gives slot-by-slot differences
  const engine::Objective* objective = nullptr;         // required; with the prototype set where it is evaluated
  std::vector<double> expected_full;  // engine::expected_full_accuracies, per record; empty where nobody asked for it

  const results_db::Record& record(int id) const;  // std::out_of_range if the run has none
  const results_db::Record* best() const;          // feasible with the highest U, the earliest of equals; null if none
  // The first accepted generator (else the first proposal) that generates the network; null if none does.
  const results_db::GeneratorRecord* generator_making(int id) const;
  int generator_of(int id) const;  // its k; -1 if there is none
};

// "generators[...]" of `status` and `lineage` (cli.md), without what only `lineage` tells.
nlohmann::ordered_json generator_json(const RunView& view, const results_db::GeneratorRecord& generator);
// "networks[...]" of `lineage`, also `best` of `status`. No timings: equal runs give equal documents.
nlohmann::ordered_json network_json(const RunView& view, const results_db::Record& record);
// Lowest validation accuracy among the generator's trained networks; 0 if there is none.
double minimum_accuracy(const RunView& view, const results_db::GeneratorRecord& generator);

}  // namespace synth::report
