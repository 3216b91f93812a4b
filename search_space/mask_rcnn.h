// A Mask R-CNN (He et al. 2017) over any network here as backbone: its parts as graphs, and what they cost.
//
// Conventions. Feature maps are the last ones at each resolution of stem and slots; pooling, dense layers and the
// convolutions of the head are removed. RoIAlign, upsampling and decoding of boxes have no multiply-adds. Convolutions
// of the added parts have biases and no batch norm. `classes` counts the background, also for box deltas and masks.
//
// With a feature pyramid (fpn): four last resolutions, of strides 4, 8, 16 and 32 -> lateral 1x1 and output 3x3
// convolutions of 256 channels, a fifth level by subsampling; RPN 3x3 of 256 with 3 anchors, its weights shared by the
// five levels; box head of two dense layers of 1024 on 7x7; mask head of four 3x3 convolutions of 256 on 14x14, 2x2
// deconvolution, 1x1. Without (c4): RPN 3x3 of the width of the second last resolution, of stride 16, with 15 anchors;
// the last stage runs on 14x14 regions of that map, for boxes (mean, dense) and again for masks (2x2 deconvolution of
// 256, 1x1), with the same weights.
#pragma once

#include <string_view>
#include <vector>

#include "search_space/architecture.h"
#include "search_space/cost.h"

namespace search_space {

struct MaskRcnn {
  enum class Variant { fpn, c4 };
  Variant variant = Variant::fpn;
  static constexpr int smallest_side = 64;  // two cells of the coarsest map that a region is judged on, of stride 32
  int height = 800, width = 1333;           // of the image
  int classes = 81;                         // COCO's 80 and the background
  int proposals = 1000;                     // regions that the box head judges
  int detections = 100;                     // regions that get a mask
  // Of the form with a pyramid; the other one has the published widths.
  int pyramid_width = 256, box_width = 1024, mask_width = 256, mask_layers = 4;
};

// The parts with a feature pyramid, for whoever runs them. Deconvolution (2x2, stride 2, with bias) between `masks` and
// `mask_logits` is no primitive.
struct MaskRcnnGraphs {
  static constexpr int box_side = 7, mask_side = 14, finest_stride = 4, levels = 5, pooled_levels = 4;
  Graph features;         // image -> backbone and pyramid
  std::vector<int> maps;  // nodes of `features`, from stride 4 to 64; the first four are what regions are read from
  Graph proposals;        // map of any size -> objectness, deltas, with the same weights on every level
  int objectness = 0, proposal_deltas = 0;  // nodes of `proposals`
  Graph boxes;                              // region 7x7 -> classes, deltas
  int classes = 0, box_deltas = 0;          // nodes of `boxes`
  Graph masks;                              // region 14x14 -> hidden
  Graph mask_logits;                        // hidden 28x28 -> one mask per class
};

struct MaskRcnnCost {
  struct Part {
    std::string_view name;  // "backbone", "FPN", "RPN", "box head", "mask head"
    Cost cost;              // weights that several places share are counted once; peak_activations is 0
  };
  std::vector<Part> parts;
  Cost total() const;
};

// InputError if the network's last resolutions have other strides than the published form's (the cost of its heads
// would be another's), or a side of the image is below smallest_side.
MaskRcnnCost mask_rcnn_cost(const Architecture& backbone, const MaskRcnn& task, Counting counting = Counting::folded);

// The same errors; `task` is of the form with a pyramid.
MaskRcnnGraphs mask_rcnn_graphs(const Architecture& backbone, const MaskRcnn& task);

}  // namespace search_space
