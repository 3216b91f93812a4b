// Runs the generated C. Internal to the format `c`.
#pragma once

#include <string>

#include "synth/export/export.h"

namespace synth::c_export {

// The prefix of a program's functions: the file's name without extension, as a C identifier.
std::string c_name(const std::string& stem);
std::string c_prefix(const std::string& name);  // of its macros

// Compiles NAME.c with every host compiler that is there, and for Cortex-M4 and M7 where compiler and emulator are, and
// compares its answers with the integer network's. EnvironmentError: no compiler at all.
Verification verify(const ExportInput& input, const std::string& path);

}  // namespace synth::c_export
