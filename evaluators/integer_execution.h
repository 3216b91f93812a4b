// Integer networks on many images: the very integers of IntegerNetwork::run, an order of magnitude faster.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <map>
#include <vector>

#include "evaluators/integer_network.h"

namespace evaluators {

// Convolutions are sums of products that LibTorch's kernels make in float32 where no sum, whatever the image, leaves the
// 2^24 that it carries exactly, else in float64; all else is IntegerNetwork's own code.
class IntegerExecution {
 public:
  explicit IntegerExecution(IntegerNetwork network);

  // Logits of each image, in int8.
  std::vector<std::vector<std::int8_t>> run(const std::vector<std::vector<std::int8_t>>& images) const;
  // The class of each image: of equal logits the first.
  std::vector<std::int32_t> predictions(const ImageSet& images, const DataSet& data) const;

  const IntegerNetwork& network() const { return network_; }

 private:
  std::vector<std::vector<std::int8_t>> layer(int node, const std::vector<std::vector<std::int8_t>>& inputs) const;

  IntegerNetwork network_;
  std::map<int, torch::Tensor> weights_;  // [out, in/groups, k, k], float32 or float64
};

}  // namespace evaluators
