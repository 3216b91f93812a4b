// The JSON files of prototypes/data, compiled into the program.
#pragma once

#include <string_view>
#include <vector>

namespace prototypes {

struct EmbeddedFile {
  std::string_view name;  // file name without extension, e.g. "residual9"
  std::string_view text;
};

const std::vector<EmbeddedFile>& embedded_files();

}  // namespace prototypes
