// `synth` alone: what stands in the folder, and the commands that most people want next.
#pragma once

#include <string>

namespace synth::cli {

// Looks at the newest runs of `folder`; files that are no runs, or cannot be read, are passed over and left to the commands.
std::string first_contact(const std::string& folder);

}  // namespace synth::cli
