// Small networks over every module kind, and data for them.
#pragma once

#include <string>
#include <vector>

#include "evaluators/data/dataset.h"
#include "evaluators/network.h"
#include "search_space/architecture.h"
#include "search_space/random.h"

namespace fixtures {

// Four slots in two stages on 12 x 12 x 3 images; the slots hold `kind` with parameters drawn from its domains wherever
// the kind can stand, else a convolution.
search_space::Architecture architecture_of(const std::string& kind, search_space::Random& random);
std::vector<std::string> all_kinds();

// Random bytes with random labels, in all four splits.
evaluators::DataSet random_data(int images, std::uint64_t seed);
// The embedded data set, cut down.
const evaluators::DataSet& shapes();

// A network whose batch norms have non-trivial statistics, weights and biases, as after training.
evaluators::Network settled_network(const search_space::Graph& graph, std::uint64_t seed);
torch::Tensor random_images(const search_space::Graph& graph, int count, std::uint64_t seed);

}  // namespace fixtures
