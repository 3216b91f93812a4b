// Reading files that users name.
#include "synth/cli/files.h"

#include <filesystem>
#include <fstream>
#include <iterator>

#include "search_space/errors.h"

namespace synth::cli {

std::string read_file(const std::string& path, const std::string& option) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw search_space::InputError(option + path + ": cannot be read");
  if (std::filesystem::is_directory(path))
    throw search_space::InputError(option + path + ": is a directory; a file is needed");
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace synth::cli
