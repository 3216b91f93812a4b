// Exported models against the networks they come from.
#pragma once

#include <string>

#include "synth/export/export.h"

namespace evaluators {
class Network;
}

namespace synth {

struct Runtime;

enum class ImageLayout { channels_first, channels_last };

// The float network of the input's weights. InputError: numbers that are not finite, tensors that do not fit.
evaluators::Network trained_network(const ExportInput& input);

// Logits of random and of test images in `runtime` against the float network's: differences up to `tolerance` of the
// largest logit pass. Needs data.
Verification compare_logits(const ExportInput& input, const Runtime& runtime, const std::string& path, double tolerance,
                            ImageLayout layout = ImageLayout::channels_first);

// Whether the class that `runtime` chooses for test images is one with the integer network's largest logit, for at
// least `share` of them. Needs integers and data.
Verification compare_decisions(const ExportInput& input, const Runtime& runtime, const std::string& path, double share);

// The same for a model that reads [height, width, channels] and writes logits in int8, as the integer network does.
Verification compare_integers(const ExportInput& input, const Runtime& runtime, const std::string& path, double share);

}  // namespace synth
