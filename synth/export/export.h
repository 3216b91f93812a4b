// A network written to files in the format another tool reads. A format is one file of this folder and one line of
// export.cpp.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "evaluators/data/dataset.h"
#include "evaluators/integer_network.h"
#include "search_space/architecture.h"

namespace synth {

// Images as the integer network reads them, and what it makes of them.
struct GoldenVectors {
  std::vector<std::vector<std::int8_t>> images;  // [height, width, channels]
  std::vector<std::vector<std::int8_t>> logits;  // [classes]
};

// What an exporter may use.
struct ExportInput {
  std::string name;
  search_space::Architecture architecture;
  std::optional<std::string> weights;                    // safetensors blob, where the network has been trained
  std::optional<evaluators::IntegerNetwork> integers{};  // where the format needs them
  std::shared_ptr<const evaluators::DataSet> data{};     // with integers, and where verification needs images
  std::map<std::string, std::string> facts{};            // "requirements", "data", ...: told on to formats that can
  std::optional<std::string> lineage{};                  // JSON: how a run came to it
  std::optional<GoldenVectors> golden{};                 // images instead of the data's; with integers
};

// What a format reads beside the architecture. Integers come from weights and data.
enum class Needs { nothing, weights, integers };

struct ExportFile {
  std::string path;
  std::string bytes;
};

struct Verification {
  bool passed = false;
  std::string statement;  // what was compared, with what, and what was found
};

struct ExportFormat {
  std::string name;         // "architecture"
  std::string extension;    // "json"
  std::string description;  // one line, for `synth export --help` and the documentation
  Needs needs = Needs::nothing;
  // The files, the first at `path`, others beside it. InputError: a network or path that the format cannot express,
  // with the nearest remedy.
  std::vector<ExportFile> (*write)(const ExportInput& input, const std::string& path) = nullptr;
  // Runs or reads back what stands at `path`. EnvironmentError: a tool is missing, with what to install.
  Verification (*verify)(const ExportInput& input, const std::string& path) = nullptr;
  bool verifies_on_images = false;  // `verify` reads input.data
  bool tells_lineage = false;       // `write` reads input.lineage
};
const std::vector<ExportFormat>& export_formats();

// InputError: unknown, with a suggestion.
const ExportFormat& find_export_format(const std::string& name);

// InputError where `input` lacks what the format needs, else what the format writes.
std::vector<ExportFile> export_files(const ExportInput& input, const ExportFormat& format, const std::string& path);

// The same, written as write_files does.
void export_network(const ExportInput& input, const ExportFormat& format, const std::string& path,
                    bool overwrite = false);

// Whether the files at `path` are those that the format writes, byte for byte.
Verification compare_bytes(const ExportInput& input, const ExportFormat& format, const std::string& path);

// Images of the test split, evenly spread, or the input's own golden vectors.
GoldenVectors golden_vectors(const ExportInput& input, int count);

}  // namespace synth
