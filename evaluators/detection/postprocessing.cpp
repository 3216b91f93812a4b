// Every class of every proposal is a candidate; suppression is within a class.
#include "evaluators/detection/postprocessing.h"

#include <ATen/ATen.h>

#include "evaluators/detection/boxes.h"
#include "evaluators/detection/nms.h"

namespace evaluators::detection {

using torch::Tensor;

Detections detected(const Tensor& logits, const Tensor& deltas, const Tensor& proposals, const ImageExtent& image,
                    const DetectionSettings& settings) {
  constexpr double least_side = 1e-2;
  at::NoGradGuard no_grad;
  const std::int64_t classes = logits.size(1);
  // Without the background.
  const Tensor all_scores = at::softmax(logits, 1).slice(1, 1).reshape({-1});
  const Tensor all_boxes =
      clip_boxes(detection_coder.decode(deltas, proposals), image.height, image.width).slice(1, 1).reshape({-1, 4});
  const Tensor all_labels = at::arange(1, classes, torch::kInt64).repeat({logits.size(0)});
  Tensor chosen = (all_scores > settings.least_score).nonzero().squeeze(1);
  chosen = chosen.index_select(0, large_boxes(all_boxes.index_select(0, chosen), least_side));
  const Tensor order = grouped_nms(all_boxes.index_select(0, chosen), all_scores.index_select(0, chosen),
                                   all_labels.index_select(0, chosen), settings.overlap);
  const Tensor kept = chosen.index_select(0, order.slice(0, 0, settings.most));
  return {all_boxes.index_select(0, kept), all_scores.index_select(0, kept), all_labels.index_select(0, kept), {}};
}

}  // namespace evaluators::detection
