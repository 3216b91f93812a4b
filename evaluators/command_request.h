// What a trainer of the user's own is asked about one network (docs/own_trainer.md). Free of tensors.
#pragma once

#include <string>

#include "evaluators/command_evaluator.h"
#include "search_space/architecture.h"

namespace evaluators {

// Schema "synth/evaluation-request/1", one line. `folder` is where the files that it names lie.
std::string request_text(const Request& request, const search_space::Architecture& architecture,
                         const CommandSettings& settings, const std::string& folder);

// Writes request.json, architecture.json and layers.json into the folder, which exists; returns the request's text.
// EnvironmentError where that fails.
std::string write_request(const Request& request, const search_space::Architecture& architecture,
                          const CommandSettings& settings, const std::string& folder);

// What answers depend on besides the network, as canonical text.
std::string answers_key(const CommandSettings& settings);

}  // namespace evaluators
