// Integer networks with random constants, tensor-free: any graph can be exported and run.
#pragma once

#include <cstdint>
#include <memory>

#include "evaluators/data/dataset.h"
#include "evaluators/integer_network.h"
#include "search_space/graph.h"

namespace export_test {

// `odd`: a few layers have factors that are zero, large or tiny, as training never makes them.
enum class Factors { usual, odd };

// Constants that keep values spread over the int8 range.
evaluators::IntegerNetwork random_integers(search_space::Graph graph, std::uint64_t seed,
                                           Factors factors = Factors::odd);

// Random test images that fit.
std::shared_ptr<evaluators::DataSet> random_images(const search_space::Graph& graph, int count, std::uint64_t seed);

}  // namespace export_test
