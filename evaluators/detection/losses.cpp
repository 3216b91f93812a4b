// Losses over sampled anchors and proposals.
#include "evaluators/detection/losses.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "evaluators/detection/roi_align.h"

namespace evaluators::detection {

using torch::Tensor;

namespace {

Tensor box_loss(const Tensor& deltas, const Tensor& targets, std::int64_t count) {
  constexpr double turn = 1.0 / 9;
  return at::smooth_l1_loss(deltas, targets, at::Reduction::Sum, turn) / std::max<std::int64_t>(count, 1);
}

// Element labels[i] of row i of [N, K, ...].
Tensor of_label(const Tensor& values, const Tensor& labels) {
  return values.index({at::arange(labels.size(0), labels.options()), labels});
}

}  // namespace

ProposalLosses proposal_losses(const Tensor& objectness, const Tensor& deltas, const Tensor& labels,
                               const Tensor& targets, const Tensor& positive, const Tensor& sampled) {
  ProposalLosses losses;
  losses.boxes = box_loss(deltas.index_select(0, positive), targets.index_select(0, positive), sampled.size(0));
  // Without a sample the mean would be no number.
  losses.objectness = sampled.size(0) == 0 ? objectness.sum() * 0
                                           : at::binary_cross_entropy_with_logits(objectness.index_select(0, sampled),
                                                                                  labels.index_select(0, sampled));
  return losses;
}

DetectionLosses detection_losses(const Tensor& logits, const Tensor& deltas, const Tensor& labels,
                                 const Tensor& targets) {
  const Tensor positive = (labels > 0).nonzero().squeeze(1);
  const Tensor chosen = of_label(deltas.reshape({deltas.size(0), deltas.size(1) / 4, 4}).index_select(0, positive),
                                 labels.index_select(0, positive));
  DetectionLosses losses;
  losses.boxes = box_loss(chosen, targets.index_select(0, positive), labels.size(0));
  losses.classes = labels.size(0) == 0 ? logits.sum() * 0 : at::cross_entropy_loss(logits, labels);
  return losses;
}

Tensor mask_targets(const Tensor& masks, const Tensor& boxes, const Tensor& objects, int side) {
  const Tensor regions = at::cat({objects.to(boxes.scalar_type()).unsqueeze(1), boxes}, 1);
  return RoiAlign{side, 0}(masks.unsqueeze(1), regions, 1.0).squeeze(1);
}

Tensor mask_loss(const Tensor& logits, const Tensor& labels, const Tensor& targets) {
  if (labels.size(0) == 0) return logits.sum() * 0;
  return at::binary_cross_entropy_with_logits(of_label(logits, labels), targets);
}

}  // namespace evaluators::detection
