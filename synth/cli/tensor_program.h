// The commands that run networks are a program of their own, synth-tensors, which `synth` becomes when it needs them.
#pragma once

#include "synth/cli/command.h"

namespace synth::cli {

// Goes on as synth-tensors, which lies beside this program. EnvironmentError if it does not.
int run_with_tensors(const Command& self, const std::vector<std::string>& arguments);

}  // namespace synth::cli
