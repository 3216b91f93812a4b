// The program's version, recorded in every run.
#pragma once

namespace synth::cli {

inline constexpr const char* program_version = "0.1.0";

}  // namespace synth::cli
