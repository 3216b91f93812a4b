// Weights that other tools have written, as this one reads them.
#pragma once

#include <string>

#include "search_space/architecture.h"

namespace synth {

// Safetensors in, safetensors out, in float32 and by the layers' names. Names may be those of a PyTorch state_dict of
// the exported Python file, also behind "module." or "_orig_mod."; float16, bfloat16 and float64 are converted;
// num_batches_tracked is left out. InputError naming `source`, the tensor and its shape: what is missing, unknown, of
// another shape, or not finite.
std::string import_weights(const search_space::Architecture& architecture, const std::string& blob,
                           const std::string& source);

}  // namespace synth
