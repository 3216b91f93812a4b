// The configuration that `synth init` writes for a folder of data.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "evaluators/data/survey.h"

namespace synth::cli {

struct InitialConfig {
  std::string data, prototype, require, time, db;  // values of the options of these names
  int side = 0;                                    // of the images as they will be trained on
};

// What `synth search --dry-run` measured, in seconds on all cores.
struct TimeEstimate {
  double prototype = 0;  // training the prototype
  double candidate = 0;  // at most, for each network after it
  double networks_an_hour = 0;
};

// Size, prototype and requirement that go with the data; the time is what a search of this size usually needs.
InitialConfig initial_config(const std::string& folder, const evaluators::DataSurvey& survey);

// Time for the prototype and some sixty networks, rounded to what people would type.
std::string budget_for(const TimeEstimate& estimate);

nlohmann::ordered_json config_json(const InitialConfig& config);

// JSON with comments that say why; ends with a newline. `file` is its name, as a word of a command line.
std::string config_text(const InitialConfig& config, const evaluators::DataSurvey& survey,
                        const std::optional<TimeEstimate>& estimate, const std::vector<std::string>& advice,
                        const std::string& file);

}  // namespace synth::cli
