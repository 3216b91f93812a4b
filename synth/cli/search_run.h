// What `search` and `resume` share: fitting a prototype to data, and conducting a run to its end.
#pragma once

#include <memory>
#include <set>
#include <string>

#include "evaluators/data/dataset.h"
#include "evaluators/evaluator.h"
#include "results_db/results_db.h"
#include "search_space/prototype.h"
#include "search_space/search_space.h"
#include "synth/cli/console.h"
#include "synth/cli/launcher.h"
#include "synth/cli/search_config.h"

namespace synth::cli {

// Loads a prototype (any NETWORK) and adapts to the data what its specification left open. InputError where both
// disagree; `place` begins the message.
search_space::Prototype load_prototype_for(const std::string& spec, const evaluators::DataSet& data,
                                           const std::string& place);

// "shapes: 7200 training, 900 validation, ... images of 3x32x32, 10 classes"
std::string describe_data(const evaluators::DataSet& data);

// Everything but the database that a run works with; refers to its owner's values.
struct RunParts {
  const SearchOptions& options;
  const search_space::SearchSpace& space;
  const evaluators::DataSet& data;
  bool other_processor = false;   // goes on where results round differently, by the user's word
  std::set<int> given_up = {};    // networks to record as crashed without another try
  LauncherOptions launcher = {};  // who else is started to evaluate
  bool evaluates = true;          // itself, too; workers do anyway
};

// Who judges candidates; own trainers' files lie in `folder`.
std::unique_ptr<evaluators::Evaluator> make_evaluator(const RunParts& parts, const std::string& folder);

// The evaluator's name and settings, as stored with the run. EnvironmentError where its program cannot be executed.
std::string evaluator_identity(const RunParts& parts);

// Searches until the budget ends or the user interrupts, recording every step; prints the table of generators and the
// next commands (or, with `json`, the run's status). Goes on where the database stops. Returns an Exit.
// With a `json_schema` the end is one JSON document on stdout, else a table.
int conduct(const RunParts& parts, results_db::ResultsDb db, const std::string& path, Console& console,
            const std::string& json_schema);

}  // namespace synth::cli
