// A network written to a file in the format another tool reads.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "search_space/architecture.h"

namespace synth {

// What an exporter may use.
struct ExportInput {
  std::string name;
  search_space::Architecture architecture;
  std::optional<std::string> weights;  // safetensors blob, where the network has been trained
};

struct ExportFormat {
  std::string name;         // "architecture"
  std::string extension;    // "json"
  std::string description;  // one line, for `synth export --help` and the documentation
  bool needs_weights = false;
};
const std::vector<ExportFormat>& export_formats();

// The file's content. InputError: unknown format (with a suggestion), or weights needed that the network does not have.
std::string export_bytes(const ExportInput& input, const std::string& format);

// Writes through a temporary file in the same folder, flushed and renamed: at any moment there is either the old file,
// none, or the whole new one. Without `overwrite` an existing file is an InputError, even one that appears meanwhile.
// EnvironmentError: missing folder, no permission, full disk.
void write_file(const std::string& path, const std::string& bytes, bool overwrite);

void export_network(const ExportInput& input, const std::string& format, const std::string& path,
                    bool overwrite = false);

}  // namespace synth
