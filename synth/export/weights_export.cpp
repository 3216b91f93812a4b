// Trained weights as safetensors.
#include "evaluators/trained_evaluator.h"
#include "synth/export/formats.h"

namespace synth {
namespace {

std::vector<ExportFile> write(const ExportInput& input, const std::string& path) {
  return {{path, *input.weights}};
}

Verification verify(const ExportInput& input, const std::string& path) {
  const Verification found = compare_bytes(input, weights_format(), path);
  if (found.passed) evaluators::check_weights(input.architecture, *input.weights, path);
  return found;
}

}  // namespace

ExportFormat weights_format() {
  return {"weights",      "safetensors", "trained float weights by layer name, batch norm not folded",
          Needs::weights, write,         verify};
}

}  // namespace synth
