// What this program is: version, commit, libraries, formats.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace synth::cli {

// Lines of "synth --version"; the first is "synth VERSION (commit ...)".
std::string about();
nlohmann::ordered_json about_json();

}  // namespace synth::cli
