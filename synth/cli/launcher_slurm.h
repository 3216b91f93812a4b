// Whether Slurm would take the workers.
#pragma once

#include "synth/cli/launcher.h"

namespace synth::cli {

// Asks `sbatch --test-only`. EnvironmentError with Slurm's words where it refuses.
void check_slurm(const Words& options);

}  // namespace synth::cli
