// Files that users name.
#pragma once

#include <string>

namespace synth::cli {

// The whole file. InputError naming it, after `option` ("--config "), if it cannot be read.
std::string read_file(const std::string& path, const std::string& option = {});

}  // namespace synth::cli
