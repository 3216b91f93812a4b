// The description as JSON in the metadata, checked like any user's file.
#include "evaluators/detection/detector_file.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "evaluators/weights.h"
#include "search_space/architecture_json.h"
#include "search_space/architecture_parts.h"
#include "search_space/errors.h"
#include "search_space/json_reader.h"

namespace evaluators::detection {

using nlohmann::json;
using nlohmann::ordered_json;
using search_space::InputError;
using search_space::JsonReader;

namespace {

constexpr const char* metadata_name = "synth/detector/1";

ordered_json to_json(const DetectorDescription& d) {
  const auto& task = d.settings.task;
  return {{"task", "mask-rcnn"},
          {"backbone", search_space::architecture_to_json(d.backbone)},
          {"image", {{"height", task.height}, {"width", task.width}, {"size", d.image_size}}},
          {"widths",
           {{"pyramid", task.pyramid_width},
            {"box", task.box_width},
            {"mask", task.mask_width},
            {"mask_layers", task.mask_layers}}},
          {"anchor_scale", d.settings.anchor_scale},
          {"proposals", d.settings.proposals.after_suppression},
          {"classes", d.class_names},
          {"category_ids", d.category_ids},
          {"mean", d.normalisation.mean},
          {"deviation", d.normalisation.deviation},
          {"data", d.data},
          {"seed", d.seed}};
}

double number(const JsonReader& json, double above, double most) {
  if (!json.value().is_number()) json.fail("is no number");
  const auto value = json.value().get<double>();
  if (!(value > above && value <= most))
    json.fail(fmt::format("found {}, allowed is above {} to {}", value, above, most));
  return value;
}

std::vector<float> three_numbers(const JsonReader& json, double above) {
  std::vector<float> result;
  for (const JsonReader& one : json.items()) result.push_back(static_cast<float>(number(one, above, 1)));
  if (result.size() != 3) json.fail(fmt::format("has {} numbers, expected 3", result.size()));
  return result;
}

DetectorDescription from_json(const json& value, const std::string& source) {
  const JsonReader document(value, source + ": metadata '" + metadata_name + "'");
  document.object({"task", "backbone", "image", "widths", "anchor_scale", "proposals", "classes", "category_ids",
                   "mean", "deviation", "data", "seed"});
  document.at("task").one_of({"mask-rcnn"});
  DetectorDescription d;
  d.backbone = search_space::architecture_from_json(document.at("backbone").value(), source + ": backbone");
  auto& task = d.settings.task;
  const JsonReader image = document.at("image"), widths = document.at("widths");
  constexpr int smallest = search_space::MaskRcnn::smallest_side;
  task.height = image.integer("height", smallest, search_space::largest_image);
  task.width = image.integer("width", smallest, search_space::largest_image);
  d.image_size = image.integer("size", 0, search_space::largest_image);
  task.pyramid_width = widths.integer("pyramid", 1, search_space::largest_width);
  task.box_width = widths.integer("box", 1, search_space::largest_width);
  task.mask_width = widths.integer("mask", 1, search_space::largest_width);
  task.mask_layers = widths.integer("mask_layers", 1, search_space::largest_layers);
  d.settings.anchor_scale = number(document.at("anchor_scale"), 0, 1000);
  constexpr int most_proposals = 100000;
  d.settings.proposals.before_suppression = d.settings.proposals.after_suppression =
      document.integer("proposals", 1, most_proposals);
  for (const JsonReader& name : document.at("classes").items()) d.class_names.push_back(name.text());
  for (const JsonReader& id : document.at("category_ids").items()) {
    if (!id.value().is_number_integer()) id.fail("is no whole number");
    d.category_ids.push_back(id.value().get<std::int64_t>());
  }
  if (d.class_names.empty()) document.at("classes").fail("is empty");
  if (d.category_ids.size() != d.class_names.size())
    document.at("category_ids")
        .fail(fmt::format("has {} numbers for {} classes", d.category_ids.size(), d.class_names.size()));
  task.classes = static_cast<int>(d.class_names.size()) + 1;
  d.normalisation = {three_numbers(document.at("mean"), -1), three_numbers(document.at("deviation"), 0)};
  d.data = document.at("data").text();
  d.seed = document.integer("seed", 0, std::numeric_limits<int>::max());
  return d;
}

std::string shape_text(const torch::Tensor& tensor) {
  return fmt::format("[{}]", fmt::join(tensor.sizes().vec(), ", "));
}

// Both ways: what the detector needs, and what the file holds beside it.
void copy_tensors(const std::map<std::string, torch::Tensor>& stored, Detector& detector, const std::string& source) {
  at::NoGradGuard no_grad;
  auto wanted = detector.named_tensors();
  for (auto& [name, tensor] : wanted) {
    const auto fail = [&name = name, &source](const std::string& what) {
      throw InputError(fmt::format("{}: tensor '{}' {}", source, name, what));
    };
    const auto found = stored.find(name);
    if (found == stored.end()) fail("is missing");
    const torch::Tensor& value = found->second;
    if (value.sizes() != tensor.sizes() || value.scalar_type() != torch::kFloat32)
      fail(fmt::format("is {} of {}; the architecture in the header needs {} of 32-bit floats",
                       c10::toString(value.scalar_type()), shape_text(value), shape_text(tensor)));
    if (!at::isfinite(value).all().item<bool>()) fail("holds numbers that are not finite");
    tensor.copy_(value);
  }
  for (const auto& [name, tensor] : stored)
    if (!wanted.contains(name))
      throw InputError(
          fmt::format("{}: tensor '{}' belongs to no layer of the architecture in the header", source, name));
}

}  // namespace

std::string detector_to_safetensors(const Detector& detector, const DetectorDescription& description) {
  return to_safetensors(detector.named_tensors(), {{metadata_name, to_json(description).dump()}});
}

bool holds_detector(const std::string& blob, const std::string& source) {
  return safetensors_metadata(blob, source).contains(metadata_name);
}

StoredDetector::StoredDetector(const std::string& blob, const std::string& source)
    : tensors_(from_safetensors(blob, source)) {
  const auto metadata = safetensors_metadata(blob, source);
  const auto found = metadata.find(metadata_name);
  if (found == metadata.end())
    throw InputError(source +
                     ": these weights are no detector's: 'synth train NETWORK --task mask-rcnn' writes such files");
  description_ = from_json(search_space::parse_json(found->second, source + ": metadata"), source);
  Detector checked(description_.backbone, description_.settings, 0);
  copy_tensors(tensors_, checked, source);
}

Detector StoredDetector::for_images(int height, int width) const {
  DetectorSettings settings = description_.settings;
  settings.task.height = whole_cells(height);
  settings.task.width = whole_cells(width);
  Detector detector(description_.backbone, settings, 0);
  copy_tensors(tensors_, detector, "detector");
  return detector;
}

}  // namespace evaluators::detection
