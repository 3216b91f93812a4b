// Regions of feature maps as small maps of one size (He et al. 2017, section 3), differentiable.
#pragma once

#include <torch/types.h>

#include <vector>

namespace evaluators::detection {

struct RoiAlign {
  int side = 7;      // of the result
  int sampling = 2;  // samples per side of a bin; 0 = as many as the bin has pixels

  // features: [N, C, H, W] float32 on the CPU; regions: [R, 5], rows (image, x1, y1, x2, y2), image whole within [0,
  // N), coordinates finite in pixels of the image, `scale` map pixels each. Returns [R, C, side, side] channels-last,
  // with a gradient to features alone. InputError for a region of another image or without finite coordinates.
  torch::Tensor operator()(const torch::Tensor& features, const torch::Tensor& regions, double scale) const;
};

// The pyramid level that each region [R, 4] is read from, as int64 indices: a region of 224 x 224 belongs to the level
// of stride 16, half as large ones one level finer (Lin et al. 2017, eq. 1). Strides rise by factors of two.
torch::Tensor level_of(const torch::Tensor& boxes, int finest_stride, int levels);

// RoIAlign from the level that suits each region. features: one map per level; boxes: per image [R_i, 4]. Returns
// [sum R_i, C, side, side] in the order of the boxes.
torch::Tensor align_from_pyramid(const std::vector<torch::Tensor>& features, const std::vector<torch::Tensor>& boxes,
                                 int finest_stride, const RoiAlign& align);

}  // namespace evaluators::detection
