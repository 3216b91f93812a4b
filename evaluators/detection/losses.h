// The losses of Mask R-CNN (He et al. 2017, section 3), as scalars with gradients.
#pragma once

#include <torch/types.h>

#include <vector>

namespace evaluators::detection {

struct ProposalLosses {
  torch::Tensor objectness, boxes;
};
// objectness: [N], deltas and targets: [N, 4], labels: [N] float, 1 = object; positive, sampled: indices (int64) of
// what counts. Smooth L1 turns at 1/9.
ProposalLosses proposal_losses(const torch::Tensor& objectness, const torch::Tensor& deltas,
                               const torch::Tensor& labels, const torch::Tensor& targets, const torch::Tensor& positive,
                               const torch::Tensor& sampled);

struct DetectionLosses {
  torch::Tensor classes, boxes;
};
// logits: [N, K], deltas: [N, 4 K], labels: [N] int64 with 0 = background, targets: [N, 4].
DetectionLosses detection_losses(const torch::Tensor& logits, const torch::Tensor& deltas, const torch::Tensor& labels,
                                 const torch::Tensor& targets);

// Masks of the objects as the heads should see them: [P, M, M] in [0, 1]. masks: [G, H, W] float, boxes: [P, 4],
// objects: [P] int64 indices of masks.
torch::Tensor mask_targets(const torch::Tensor& masks, const torch::Tensor& boxes, const torch::Tensor& objects,
                           int side);
// logits: [P, K, M, M], labels: [P] int64, targets: [P, M, M]; 0 where P = 0.
torch::Tensor mask_loss(const torch::Tensor& logits, const torch::Tensor& labels, const torch::Tensor& targets);

}  // namespace evaluators::detection
