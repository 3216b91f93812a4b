// The inquisitor's probing: stimuli from the probe split in, responses of the graph's vertices out (design: algorithm,
// 2).
#pragma once

#include "evaluators/data/dataset.h"
#include "evaluators/evaluation.h"
#include "evaluators/network.h"

namespace evaluators {

Evidence probe(Network& network, const DataSet& data);

}  // namespace evaluators
