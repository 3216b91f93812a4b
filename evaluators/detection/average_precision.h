// COCO's average precision of boxes and masks (cocodataset.org, "detection evaluation"); free of LibTorch.
#pragma once

#include <vector>

#include "evaluators/data/masks.h"

namespace evaluators::detection {

// An object of the data. A crowd region is one that detections may lie in without being right or wrong.
struct Truth {
  int image = 0, category = 0;
  Box box;
  Mask mask;
  double area = 0;  // in pixels, as annotated; says whether the object is small, medium or large
  bool crowd = false;
};

struct Detection {
  int image = 0, category = 0;
  double score = 0;
  Box box;
  Mask mask;
};

// Mean over categories and the overlaps 0.50, 0.55, ... 0.95 (ap50, ap75: over that one), of precision at 101 recalls;
// small: areas up to 32^2, medium: up to 96^2. -1 where there are no such objects.
struct AveragePrecision {
  double ap = -1, ap50 = -1, ap75 = -1, small = -1, medium = -1, large = -1;
};

enum class Overlap { boxes, masks };  // what is compared; masks of one image are of one size

// At most 100 detections of an image and category count, those of the highest scores.
AveragePrecision average_precision(const std::vector<Truth>& truths, const std::vector<Detection>& detections,
                                   Overlap overlap);

}  // namespace evaluators::detection
