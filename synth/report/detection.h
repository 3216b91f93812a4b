// What a Mask R-CNN costs over several backbones, part by part, beside what AttoNets section 4.2 reports.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "search_space/mask_rcnn.h"

namespace synth::report {

struct DetectionComparison {
  struct Row {
    std::string name;  // of the backbone
    search_space::MaskRcnnCost cost;
    int weight_bits = 32;
  };
  search_space::MaskRcnn task;
  search_space::Counting counting = search_space::Counting::folded;
  std::vector<Row> networks;
  int baseline = -1;  // index into networks; -1 = no ratios
};

std::string detection_text(const DetectionComparison& comparison, int columns = 0);
nlohmann::ordered_json detection_json(const DetectionComparison& comparison);  // schema synth/compare/1, with "task"

std::string_view task_name(search_space::MaskRcnn::Variant variant);  // "mask-rcnn", "mask-rcnn-c4"

}  // namespace synth::report
