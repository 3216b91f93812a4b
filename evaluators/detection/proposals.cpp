// Anchors to proposals, and anchors to losses.
#include "evaluators/detection/proposals.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "evaluators/detection/boxes.h"
#include "evaluators/detection/nms.h"

namespace evaluators::detection {

using torch::Tensor;

namespace {

Tensor all_anchors(const std::vector<ProposalLevel>& levels) {
  std::vector<Tensor> anchors;
  for (const ProposalLevel& level : levels) anchors.push_back(level.anchors);
  return at::cat(anchors);
}

Tensor boxes_of_image(const std::vector<ProposalLevel>& levels, std::int64_t image, const ImageExtent& extent,
                      const ProposalSettings& settings) {
  constexpr double least_side = 1e-3;
  std::vector<Tensor> boxes, scores, groups;
  for (std::size_t i = 0; i < levels.size(); ++i) {
    const Tensor objectness = levels[i].objectness[image];
    const auto count = std::min<std::int64_t>(settings.before_suppression, objectness.size(0));
    const auto [best, index] = objectness.topk(count);
    boxes.push_back(
        proposal_coder.decode(levels[i].deltas[image].index_select(0, index), levels[i].anchors.index_select(0, index))
            .squeeze(1));
    scores.push_back(best);
    groups.push_back(at::full({count}, static_cast<std::int64_t>(i), torch::kInt64));
  }
  const Tensor clipped = clip_boxes(at::cat(boxes), extent.height, extent.width);
  const Tensor large = large_boxes(clipped, least_side);
  const Tensor kept = clipped.index_select(0, large);
  const Tensor order = grouped_nms(kept, at::sigmoid(at::cat(scores).index_select(0, large)),
                                   at::cat(groups).index_select(0, large), settings.overlap);
  return kept.index_select(0, order.slice(0, 0, settings.after_suppression));
}

}  // namespace

ProposalLevel proposal_level(const Tensor& objectness, const Tensor& deltas, const Tensor& anchors) {
  const auto n = objectness.size(0), a = objectness.size(1), h = objectness.size(2), w = objectness.size(3);
  return {objectness.permute({0, 2, 3, 1}).reshape({n, h * w * a}),
          deltas.reshape({n, a, 4, h, w}).permute({0, 3, 4, 1, 2}).reshape({n, h * w * a, 4}), anchors};
}

std::vector<Tensor> proposed_boxes(const std::vector<ProposalLevel>& levels, const std::vector<ImageExtent>& images,
                                   const ProposalSettings& settings) {
  at::NoGradGuard no_grad;
  std::vector<Tensor> result;
  for (std::size_t i = 0; i < images.size(); ++i)
    result.push_back(boxes_of_image(levels, static_cast<std::int64_t>(i), images[i], settings));
  return result;
}

ProposalLosses proposal_losses(const std::vector<ProposalLevel>& levels, const std::vector<Tensor>& boxes,
                               const ProposalSettings& settings, const Sampler::Permutation& permutation) {
  const Tensor anchors = all_anchors(levels);
  const std::int64_t count = anchors.size(0);
  std::vector<Tensor> objectness, deltas, labels, targets, positive, sampled;
  for (const ProposalLevel& level : levels) {
    objectness.push_back(level.objectness);
    deltas.push_back(level.deltas);
  }
  for (std::size_t image = 0; image < boxes.size(); ++image) {
    const Tensor matches = settings.matcher.match(box_iou(boxes[image], anchors));
    // 1 = object, 0 = background, -1 = neither.
    labels.push_back(at::where(matches >= 0, at::ones_like(matches), at::zeros_like(matches))
                         .masked_fill(matches.eq(Matcher::undecided), -1));
    targets.push_back(boxes[image].size(0) == 0
                          ? at::zeros_like(anchors)
                          : proposal_coder.encode(boxes[image].index_select(0, matches.clamp_min(0)), anchors));
    const Sampler::Sample sample = settings.sampler.sample(labels.back(), permutation);
    const auto first = static_cast<std::int64_t>(image) * count;
    positive.push_back(sample.positive + first);
    sampled.push_back(at::cat({sample.positive, sample.negative}) + first);
  }
  return proposal_losses(at::cat(objectness, 1).flatten(), at::cat(deltas, 1).reshape({-1, 4}),
                         at::cat(labels).to(torch::kFloat32), at::cat(targets), at::cat(positive), at::cat(sampled));
}

}  // namespace evaluators::detection
