// The region proposal network's training and its proposals, from what it says at every anchor.
#pragma once

#include <torch/types.h>

#include <vector>

#include "evaluators/detection/losses.h"
#include "evaluators/detection/matching.h"

namespace evaluators::detection {

// Of one level: objectness [N, anchors] and deltas [N, anchors, 4] over a batch, and the level's anchors [anchors, 4].
struct ProposalLevel {
  torch::Tensor objectness, deltas, anchors;
};

// From convolutional outputs [N, A, H, W] and [N, 4 A, H, W].
ProposalLevel proposal_level(const torch::Tensor& objectness, const torch::Tensor& deltas,
                             const torch::Tensor& anchors);

struct ProposalSettings {
  int before_suppression = 1000;  // per level, of highest objectness
  int after_suppression = 1000;   // over all levels
  double overlap = 0.7;
  Sampler sampler{256, 0.5};
  Matcher matcher{0.7, 0.3, true};
};

// What an image shows, within the batch's: pixels.
struct ImageExtent {
  int height = 0, width = 0;
};

// Per image [<= after_suppression, 4], by falling objectness; without gradients.
std::vector<torch::Tensor> proposed_boxes(const std::vector<ProposalLevel>& levels,
                                          const std::vector<ImageExtent>& images, const ProposalSettings& settings);

// boxes: per image [objects, 4].
ProposalLosses proposal_losses(const std::vector<ProposalLevel>& levels, const std::vector<torch::Tensor>& boxes,
                               const ProposalSettings& settings, const Sampler::Permutation& permutation);

}  // namespace evaluators::detection
