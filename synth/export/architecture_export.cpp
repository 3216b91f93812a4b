// The design as JSON.
#include <fstream>
#include <nlohmann/json.hpp>

#include "search_space/architecture_json.h"
#include "synth/export/formats.h"

namespace synth {
namespace {

std::vector<ExportFile> write(const ExportInput& input, const std::string& path) {
  return {{path, search_space::architecture_to_json(input.architecture, input.name).dump(2) + "\n"}};
}

Verification verify(const ExportInput& input, const std::string& path) {
  std::ifstream file(path);
  const auto read = search_space::architecture_from_json(nlohmann::json::parse(file), path);
  if (read.key() != input.architecture.key()) return {false, "the file describes another network"};
  return compare_bytes(input, architecture_format(), path);
}

}  // namespace

ExportFormat architecture_format() {
  return {"architecture", "json", "the design, schema synth/architecture/1: input of every other command",
          Needs::nothing, write,  verify};
}

}  // namespace synth
