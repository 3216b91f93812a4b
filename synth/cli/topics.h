// Pages of `synth help TOPIC` that belong to no command.
#pragma once

#include <string>
#include <vector>

namespace synth::cli {

struct Topic {
  std::string name, summary, text;  // paragraphs; lines that begin with two spaces are kept as they are
};

const std::vector<Topic>& topics();

}  // namespace synth::cli
