// Batches of normalised, augmented training images, in the layout that trains fastest.
#pragma once

#include <torch/types.h>

#include <array>
#include <utility>
#include <vector>

#include "evaluators/data/dataset.h"
#include "search_space/random.h"

namespace evaluators {

// Whether this processor multiplies bfloat16 natively; elsewhere it is emulated, slower than float32.
bool cpu_has_bf16();

// An endless sequence of full batches: every pass over the training split in a new order, drawn from `seed`.
class BatchStream {
 public:
  BatchStream(const DataSet& data, int batch_size, bool augment, std::uint64_t seed);
  // Images [batch, C, H, W], channels-last, of the given type, and labels (int64) [batch].
  std::pair<torch::Tensor, torch::Tensor> next(torch::ScalarType type, torch::Device device);

 private:
  int next_index();

  const DataSet& data_;
  int batch_size_;
  bool augment_;
  search_space::Random random_;
  std::vector<int> order_;
  std::size_t position_ = 0;
};

}  // namespace evaluators
