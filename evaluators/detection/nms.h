// Greedy non-maximum suppression.
#pragma once

#include <torch/types.h>

namespace evaluators::detection {

// Indices (int64) of the boxes that stay, by falling score (equal scores in their order): each drops those of its group
// that overlap it by more than `threshold`. boxes: [N, 4], scores: [N], groups: [N] int64; on any device, result there.
torch::Tensor grouped_nms(const torch::Tensor& boxes, const torch::Tensor& scores, const torch::Tensor& groups,
                          double threshold);

}  // namespace evaluators::detection
