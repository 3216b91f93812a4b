// Mask R-CNN with a feature pyramid over any network: trained, and asked for detections.
#pragma once

#include <torch/types.h>

#include <map>
#include <string>
#include <vector>

#include "evaluators/detection/heads.h"
#include "evaluators/detection/postprocessing.h"
#include "evaluators/detection/proposals.h"
#include "search_space/architecture.h"
#include "search_space/mask_rcnn.h"

namespace evaluators::detection {

struct DetectorSettings {
  search_space::MaskRcnn task;    // image, classes with the background, widths
  double anchor_scale = 8;        // an anchor's size by its level's stride
  ProposalSettings proposals;     // where nothing is trained
  int training_proposals = 2000;  // before and after suppression, where something is
  Matcher matcher{0.5, 0.5, false};
  Sampler sampler{512, 0.25};
  DetectionSettings detections;
};

// A side in whole cells of the coarsest map that the backbone makes.
int whole_cells(int side);

struct DetectorLosses {
  torch::Tensor objectness, proposal_boxes, classes, boxes, masks;
  torch::Tensor total() const { return objectness + proposal_boxes + classes + boxes + masks; }
};

class Detector {
 public:
  // InputError where the network cannot be the backbone (mask_rcnn.h).
  Detector(const search_space::Architecture& backbone, const DetectorSettings& settings, std::uint64_t seed);

  // images: [N, 3, task.height, task.width], normalised, channels-last recommended, on the CPU; smaller ones fill the
  // upper left corner, as `extents` say.
  DetectorLosses losses(const torch::Tensor& images, const std::vector<ImageExtent>& extents,
                        const std::vector<Target>& targets, const Sampler::Permutation& permutation);
  std::vector<Detections> detect(const torch::Tensor& images, const std::vector<ImageExtent>& extents);

  std::vector<torch::Tensor> parameters() const;
  // As a network's, with those of "fpn", "rpn", "box" and "mask"; "mask.deconv.weight" is [in, out, 2, 2].
  std::map<std::string, torch::Tensor> named_tensors() const;
  const DetectorSettings& settings() const { return settings_; }

 private:
  std::vector<torch::Tensor> feature_maps(const torch::Tensor& images, bool training);
  std::vector<ProposalLevel> proposal_levels(const std::vector<torch::Tensor>& maps, bool training);
  torch::Tensor regions(const std::vector<torch::Tensor>& maps, const std::vector<torch::Tensor>& boxes,
                        int side) const;

  DetectorSettings settings_;
  search_space::MaskRcnnGraphs graphs_;
  Network features_, proposals_;
  BoxHead box_head_;
  MaskHead mask_head_;
  std::vector<torch::Tensor> anchors_;  // per level
};

}  // namespace evaluators::detection
