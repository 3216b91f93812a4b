// Exported models against the networks they come from.
#pragma once

#include <string>

#include "synth/export/export.h"

namespace evaluators {
class Network;
}

namespace synth {

struct Runtime;

// The float network of the input's weights. InputError: numbers that are not finite, tensors that do not fit.
evaluators::Network trained_network(const ExportInput& input);

// Logits of random and of test images in `runtime`, which reads them as [channels, height, width], against the float
// network's: differences up to `tolerance` of the largest logit pass. Needs data.
Verification compare_logits(const ExportInput& input, const Runtime& runtime, const std::string& path,
                            double tolerance);

// Whether the class that `runtime` chooses for test images is one with the integer network's largest logit, for at
// least `share` of them. Needs integers and data.
Verification compare_decisions(const ExportInput& input, const Runtime& runtime, const std::string& path, double share);

}  // namespace synth
