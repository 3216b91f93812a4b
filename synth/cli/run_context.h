// An opened run with everything that is needed to read or continue it.
#pragma once

#include <memory>
#include <string>

#include "results_db/results_db.h"
#include "search_space/search_space.h"
#include "synth/cli/search_config.h"
#include "synth/engine/training_age.h"
#include "synth/report/run_view.h"

namespace synth::cli {

// The space, objective and configuration of a stored run.
struct RunContext {
  std::string path;
  results_db::ResultsDb db;
  results_db::Run run;
  SearchOptions options;
  std::unique_ptr<search_space::SearchSpace> space;
  engine::Objective objective;

  // Records without weights, generators and family, for reports; refers to this context. Sets the objective's
  // prototype.
  report::RunView view();
  // The same with what each network may be expected to reach in full training, which takes a moment to infer.
  report::RunView view_with_expectations();
  engine::TrainingEpochs training_epochs() const;  // that its search gave networks
  // EnvironmentError if the recorded design is none of the recorded prototype's space.
  search_space::Architecture architecture(const results_db::Record& record) const;
};

// EnvironmentError if there is no such run, or `access` is refused.
RunContext open_run(const std::string& path, results_db::Access access);

// EnvironmentError where another revision of the engine began the run: it would take other steps than those recorded.
void require_same_engine(const RunContext& context);

// The record that "12" or a unique prefix of a key means. InputError otherwise.
results_db::Record find_network(const RunContext& context, const std::string& id_or_key, bool with_weights);
// The record that `place` means: "#12", "#" and a prefix of a key, "@G2:s3", or "@A", a family's member, which brings
// its final weights instead of the search's. InputError otherwise.
results_db::Record find_place(const RunContext& context, const std::string& place, bool with_weights);
// The record that generator `generator` (index of an accepted one) makes of seed index `seed`.
results_db::Record find_generated(const RunContext& context, int generator, int seed, bool with_weights);

}  // namespace synth::cli
