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

// What AttoNets section 4.2 compares: names of built-in networks.
struct DetectionBackbones {
  std::string baseline;
  std::vector<std::string> others;
};
DetectionBackbones published_backbones();

// A ratio that the paper states, and what every reading of it gives: it does not say which AttoNet, nor which form.
struct DetectionClaim {
  struct Reading {
    search_space::MaskRcnn::Variant variant = search_space::MaskRcnn::Variant::fpn;
    std::string backbone;
    double ratio = 0;  // of the baseline's figure to its own, counted with the default MaskRcnn
  };
  std::string network, baseline, quantity, claimed, paper;  // quantity: "parameters", "multiply_adds"
  std::vector<Reading> readings;
};
std::vector<DetectionClaim> detection_claims();

std::string_view task_name(search_space::MaskRcnn::Variant variant);  // "mask-rcnn", "mask-rcnn-c4"

}  // namespace synth::report
