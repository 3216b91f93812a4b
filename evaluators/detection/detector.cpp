// The parts put together.
#include "evaluators/detection/detector.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>

#include <algorithm>
#include <cmath>

#include "evaluators/detection/anchors.h"
#include "evaluators/detection/roi_align.h"
#include "search_space/random.h"

namespace evaluators::detection {

using search_space::MaskRcnnGraphs;
using torch::Tensor;

namespace {

std::uint64_t seed_of(std::uint64_t seed, const char* part) {
  return search_space::stream_seed(seed, "detector", part);
}

// The pyramid keeps the size of its input's values, and the first objectness is near nothing: the other networks' start
// is for layers with batch norm.
void start_pyramid(Network& network, std::uint64_t seed) {
  at::NoGradGuard no_grad;
  auto generator = at::make_generator<at::CPUGeneratorImpl>(seed);
  for (auto& [name, tensor] : network.named_tensors()) {
    if (tensor.dim() != 4) continue;
    const auto inputs = static_cast<double>(tensor.numel() / tensor.size(0));
    if (name.starts_with("fpn.")) tensor.normal_(0, 1 / std::sqrt(inputs), generator);
    if (name.starts_with("rpn.")) tensor.normal_(0, 0.01, generator);
  }
}

std::vector<Tensor> anchors_of(const MaskRcnnGraphs& graphs, const DetectorSettings& settings) {
  std::vector<Tensor> anchors;
  for (std::size_t level = 0; level < graphs.maps.size(); ++level) {
    const auto& map = graphs.features.nodes[graphs.maps[level]].output;
    const AnchorShapes shapes{{settings.anchor_scale * (MaskRcnnGraphs::finest_stride << level)}};
    anchors.push_back(level_anchors(shapes, {settings.task.height, settings.task.width}, {map.height, map.width}));
  }
  return anchors;
}

}  // namespace

int whole_cells(int side) {
  constexpr int coarsest_stride = MaskRcnnGraphs::finest_stride << (MaskRcnnGraphs::pooled_levels - 1);
  return std::max((side + coarsest_stride - 1) / coarsest_stride * coarsest_stride,
                  search_space::MaskRcnn::smallest_side);
}

Detector::Detector(const search_space::Architecture& backbone, const DetectorSettings& settings, std::uint64_t seed)
    : settings_(settings),
      graphs_(search_space::mask_rcnn_graphs(backbone, settings.task)),
      features_(graphs_.features, seed_of(seed, "features")),
      proposals_(graphs_.proposals, seed_of(seed, "proposals")),
      box_head_(graphs_, seed_of(seed, "box")),
      mask_head_(graphs_, seed_of(seed, "mask")),
      anchors_(anchors_of(graphs_, settings)) {
  start_pyramid(features_, seed_of(seed, "pyramid"));
  start_pyramid(proposals_, seed_of(seed, "rpn"));
  features_.set_memory_format_channels_last();
  proposals_.set_memory_format_channels_last();
}

std::vector<Tensor> Detector::feature_maps(const Tensor& images, bool training) {
  std::vector<Tensor> maps(graphs_.maps.size());
  features_.forward_observed(images, training, {graphs_.maps.begin(), graphs_.maps.end()},
                             [&](int node, Tensor& value) {
                               for (std::size_t i = 0; i < maps.size(); ++i)
                                 if (graphs_.maps[i] == node) maps[i] = value;
                             });
  return maps;
}

std::vector<ProposalLevel> Detector::proposal_levels(const std::vector<Tensor>& maps, bool training) {
  std::vector<ProposalLevel> levels;
  for (std::size_t i = 0; i < maps.size(); ++i) {
    Tensor objectness, deltas;
    proposals_.forward_observed(maps[i], training, {graphs_.objectness, graphs_.proposal_deltas},
                                [&](int node, Tensor& value) {
                                  if (node == graphs_.objectness) objectness = value;
                                  if (node == graphs_.proposal_deltas) deltas = value;
                                });
    levels.push_back(proposal_level(objectness, deltas, anchors_[i]));
  }
  return levels;
}

Tensor Detector::regions(const std::vector<Tensor>& maps, const std::vector<Tensor>& boxes, int side) const {
  constexpr int samples = 2;
  const std::vector<Tensor> pooled(maps.begin(), maps.begin() + MaskRcnnGraphs::pooled_levels);
  return align_from_pyramid(pooled, boxes, MaskRcnnGraphs::finest_stride, {side, samples});
}

DetectorLosses Detector::losses(const Tensor& images, const std::vector<ImageExtent>& extents,
                                const std::vector<Target>& targets, const Sampler::Permutation& permutation) {
  const std::vector<Tensor> maps = feature_maps(images, /*training=*/true);
  const std::vector<ProposalLevel> levels = proposal_levels(maps, /*training=*/true);
  ProposalSettings settings = settings_.proposals;
  settings.before_suppression = settings.after_suppression = settings_.training_proposals;
  std::vector<Tensor> object_boxes, boxes, labels, box_targets, positive_boxes, positive_labels, masks;
  for (const Target& target : targets) object_boxes.push_back(target.boxes);
  const ProposalLosses proposal = proposal_losses(levels, object_boxes, settings, permutation);
  const std::vector<Tensor> proposed = proposed_boxes(levels, extents, settings);
  for (std::size_t i = 0; i < targets.size(); ++i) {
    const HeadSample sample = head_sample(proposed[i], targets[i], settings_.matcher, settings_.sampler, permutation);
    boxes.push_back(sample.boxes);
    labels.push_back(sample.labels);
    box_targets.push_back(sample.targets);
    const Tensor positive = (sample.labels > 0).nonzero().squeeze(1);
    positive_boxes.push_back(sample.boxes.index_select(0, positive));
    positive_labels.push_back(sample.labels.index_select(0, positive));
    masks.push_back(mask_targets(targets[i].masks(sample.objects.index_select(0, positive)), positive_boxes.back(),
                                 at::arange(positive.size(0), torch::kInt64), 2 * MaskRcnnGraphs::mask_side));
  }
  const BoxHead::Output output = box_head_.forward(regions(maps, boxes, MaskRcnnGraphs::box_side), /*training=*/true);
  const DetectionLosses detection =
      detection_losses(output.logits, output.deltas, at::cat(labels), at::cat(box_targets));
  const Tensor some = at::cat(positive_labels);
  const Tensor mask =
      some.size(0) == 0 ? at::zeros({})
                        : mask_loss(mask_head_.forward(regions(maps, positive_boxes, MaskRcnnGraphs::mask_side), true),
                                    some, at::cat(masks));
  return {proposal.objectness, proposal.boxes, detection.classes, detection.boxes, mask};
}

std::vector<Detections> Detector::detect(const Tensor& images, const std::vector<ImageExtent>& extents) {
  at::NoGradGuard no_grad;
  const std::vector<Tensor> maps = feature_maps(images, /*training=*/false);
  const std::vector<Tensor> proposed = proposed_boxes(proposal_levels(maps, false), extents, settings_.proposals);
  std::vector<Detections> result;
  const BoxHead::Output output = box_head_.forward(regions(maps, proposed, MaskRcnnGraphs::box_side), false);
  std::vector<Tensor> boxes;
  std::int64_t first = 0;
  for (std::size_t i = 0; i < proposed.size(); ++i) {
    const std::int64_t last = first + proposed[i].size(0);
    result.push_back(detected(output.logits.slice(0, first, last), output.deltas.slice(0, first, last), proposed[i],
                              extents[i], settings_.detections));
    boxes.push_back(result.back().boxes);
    first = last;
  }
  const Tensor labels = [&] {
    std::vector<Tensor> all;
    for (const Detections& one : result) all.push_back(one.labels);
    return at::cat(all);
  }();
  const std::int64_t side = 2 * MaskRcnnGraphs::mask_side;
  const Tensor masks = labels.size(0) == 0
                           ? at::zeros({0, side, side})
                           : at::sigmoid(mask_head_.forward(regions(maps, boxes, MaskRcnnGraphs::mask_side), false)
                                             .index({at::arange(labels.size(0), torch::kInt64), labels}));
  first = 0;
  for (Detections& one : result) {
    one.masks = masks.slice(0, first, first + one.labels.size(0));
    first += one.labels.size(0);
  }
  return result;
}

std::vector<Tensor> Detector::parameters() const {
  std::vector<Tensor> result;
  for (const auto& part :
       {features_.parameters(), proposals_.parameters(), box_head_.network().parameters(), mask_head_.parameters()})
    result.insert(result.end(), part.begin(), part.end());
  return result;
}

std::map<std::string, Tensor> Detector::named_tensors() const {
  std::map<std::string, Tensor> result = features_.named_tensors();
  result.merge(proposals_.named_tensors());
  result.merge(box_head_.network().named_tensors());
  result.merge(mask_head_.named_tensors());
  return result;
}

}  // namespace evaluators::detection
