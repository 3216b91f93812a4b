// Boxes as rows (x1, y1, x2, y2) of float tensors, in pixels, and their coding relative to other boxes.
#pragma once

#include <torch/types.h>

#include <array>

namespace evaluators::detection {

torch::Tensor box_areas(const torch::Tensor& boxes);  // [N, 4] -> [N]

// Intersection over union, [N, 4] x [M, 4] -> [N, M]; 0 where both boxes are empty.
torch::Tensor box_iou(const torch::Tensor& first, const torch::Tensor& second);

// Cut to the image; [..., 4], any leading sizes.
torch::Tensor clip_boxes(const torch::Tensor& boxes, double height, double width);

// Indices (int64) of the boxes [N, 4] with both sides >= least pixels.
torch::Tensor large_boxes(const torch::Tensor& boxes, double least);

// Centre offsets and log sizes relative to reference boxes, times weights (Girshick et al. 2014, appendix C).
struct BoxCoder {
  std::array<double, 4> weights = {1, 1, 1, 1};

  // boxes, references: [N, 4], both with positive sides -> [N, 4].
  torch::Tensor encode(const torch::Tensor& boxes, const torch::Tensor& references) const;
  // deltas: [N, 4 K], references: [N, 4] -> [N, K, 4]. A box grows by at most 1000/16 times a side.
  torch::Tensor decode(const torch::Tensor& deltas, const torch::Tensor& references) const;
};

// Of proposals, relative to anchors, and of detections, relative to proposals.
inline constexpr BoxCoder proposal_coder{};
inline constexpr BoxCoder detection_coder{{10, 10, 5, 5}};

}  // namespace evaluators::detection
