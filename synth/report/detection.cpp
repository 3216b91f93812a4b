// Mask R-CNN costs as tables and JSON.
#include "synth/report/detection.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "prototypes/embedded.h"
#include "prototypes/library.h"
#include "synth/report/table.h"

namespace synth::report {

// Generated from data/*.json.
const std::vector<prototypes::EmbeddedFile>& embedded_files();

namespace {

using nlohmann::ordered_json;
using search_space::Cost;
using Variant = search_space::MaskRcnn::Variant;

using Figure = std::int64_t (*)(const Cost&);

std::int64_t parameters(const Cost& cost) {
  return cost.parameters();
}

std::int64_t multiply_adds(const Cost& cost) {
  return cost.multiply_adds;
}

ordered_json published() {
  for (const auto& file : embedded_files()) {
    if (file.name == "atto_mask_rcnn") return ordered_json::parse(file.text);
  }
  throw std::logic_error("atto_mask_rcnn.json is not embedded");
}

bool has_part(const DetectionComparison& comparison, std::string_view name) {
  // Without a feature pyramid its part is there, and empty.
  return name != "FPN" || comparison.task.variant == Variant::fpn;
}

// With the memory of the weights, where `figure` is their number.
std::string figure_table(const DetectionComparison& comparison, const std::string& what, Figure figure, int columns) {
  const bool weights = figure == parameters;
  std::vector<Column> titles = {{what, Align::left}};
  for (const auto& part : comparison.networks.front().cost.parts) {
    if (has_part(comparison, part.name)) titles.push_back({std::string(part.name)});
  }
  titles.push_back({"total"});
  if (comparison.baseline >= 0) titles.push_back({"fewer"});
  if (weights) titles.push_back({"weights"});
  Table table(titles);
  for (const auto& row : comparison.networks) {
    std::vector<std::string> cells = {row.name};
    for (const auto& part : row.cost.parts) {
      if (has_part(comparison, part.name)) cells.push_back(format_count(static_cast<double>(figure(part.cost))));
    }
    const auto total = static_cast<double>(figure(row.cost.total()));
    cells.push_back(format_count(total));
    if (comparison.baseline >= 0) {
      const auto most = static_cast<double>(figure(comparison.networks.at(comparison.baseline).cost.total()));
      cells.push_back(fmt::format("{:.2f}x", most / total));
    }
    if (weights) cells.push_back(format_bytes(row.cost.total().weight_bytes(row.weight_bits)));
    table.add(std::move(cells));
  }
  return table.text(columns);
}

std::string reported_words() {
  const ordered_json paper = published();
  const auto number = [&](const char* key) { return paper.at(key).get<double>(); };
  const double parameters = number("parameters"), multiply_adds = number("multiply_adds");
  const double fewer_parameters = number("fewer_parameters"), fewer_multiply_adds = number("fewer_multiply_adds");
  return fmt::format(
      "Reported ({}): {} has {} parameters and {} multiply-adds, about {:g}x and {:g}x fewer than {}, which is thus "
      "near {} and {}. Not said: {}. The figures above can be held against these, but not be matched to them.\n",
      paper.at("source").get<std::string>(), paper.at("name").get<std::string>(), format_count(parameters),
      format_count(multiply_adds), fewer_parameters, fewer_multiply_adds, paper.at("baseline").get<std::string>(),
      format_count(parameters * fewer_parameters), format_count(multiply_adds * fewer_multiply_adds),
      paper.at("not_said").get<std::string>());
}

std::string precision_words(const DetectionComparison& comparison) {
  const int bits = comparison.networks.front().weight_bits;
  const bool equal = std::all_of(comparison.networks.begin(), comparison.networks.end(),
                                 [&](const DetectionComparison::Row& row) { return row.weight_bits == bits; });
  return equal ? fmt::format("weights of {} bits (biases 32)", bits) : "weights at each network's precision";
}

std::string settings_words(const DetectionComparison& comparison) {
  const auto& task = comparison.task;
  return fmt::format(
      "Mask R-CNN, {}; images of {} x {}, {} classes with the background, {} regions judged, {} masks; {}; {}.\n\n",
      task.variant == Variant::fpn ? "with a feature pyramid (FPN)" : "without a feature pyramid (C4)", task.height,
      task.width, task.classes, task.proposals, task.detections,
      comparison.counting == search_space::Counting::folded ? "batch norm folded"
                                                            : "batch norm counted as scale and shift",
      precision_words(comparison));
}

ordered_json ratios_json(const DetectionComparison& comparison, const DetectionComparison::Row& row) {
  if (comparison.baseline < 0) return nullptr;
  const auto& baseline = comparison.networks.at(comparison.baseline);
  const auto times = [](std::int64_t first, std::int64_t second) {
    return static_cast<double>(first) / static_cast<double>(second);
  };
  const Cost most = baseline.cost.total(), own = row.cost.total();
  return {{"baseline", baseline.name},
          {"parameters_ratio", times(most.parameters(), own.parameters())},
          {"multiply_adds_ratio", times(most.multiply_adds, own.multiply_adds)},
          {"weight_bytes_ratio", times(most.weight_bytes(baseline.weight_bits), own.weight_bytes(row.weight_bits))}};
}

}  // namespace

DetectionBackbones published_backbones() {
  const ordered_json paper = published();
  return {paper.at("baseline_backbone"), paper.at("backbones")};
}

std::vector<DetectionClaim> detection_claims() {
  const ordered_json paper = published();
  const DetectionBackbones backbones = published_backbones();
  std::vector<DetectionClaim> claims;
  for (const auto& [quantity, figure] : {std::pair{"parameters", &parameters}, {"multiply_adds", &multiply_adds}}) {
    claims.push_back({paper.at("name"),
                      paper.at("baseline"),
                      quantity,
                      fmt::format("{:g}", paper.at(std::string("fewer_") + quantity).get<double>()),
                      paper.at("source"),
                      {}});
    for (const Variant variant : {Variant::fpn, Variant::c4}) {
      search_space::MaskRcnn task;
      task.variant = variant;
      const auto figure_of = [&, figure = figure](const std::string& backbone) {
        return static_cast<double>(
            figure(search_space::mask_rcnn_cost(prototypes::load(backbone).design, task).total()));
      };
      const double most = figure_of(backbones.baseline);
      for (const std::string& backbone : backbones.others) {
        claims.back().readings.push_back({variant, backbone, most / figure_of(backbone)});
      }
    }
  }
  return claims;
}

std::string_view task_name(Variant variant) {
  return variant == Variant::fpn ? "mask-rcnn" : "mask-rcnn-c4";
}

std::string detection_text(const DetectionComparison& comparison, int columns) {
  std::string text = prose(settings_words(comparison), columns);
  text += figure_table(comparison, "parameters", parameters, columns) + "\n";
  text += figure_table(comparison, "multiply-adds", multiply_adds, columns) + "\n";
  std::string words;
  if (comparison.baseline >= 0) words += "Ratios to " + comparison.networks.at(comparison.baseline).name + ".\n";
  if (comparison.task.variant == Variant::c4) {
    words += "The backbone's last stage belongs to the box head: it runs on every region.\n";
  }
  return text + prose(words + reported_words(), columns);
}

ordered_json detection_json(const DetectionComparison& comparison) {
  const auto& task = comparison.task;
  ordered_json networks = ordered_json::array();
  for (const auto& row : comparison.networks) {
    ordered_json parts = ordered_json::array();
    for (const auto& part : row.cost.parts) {
      if (!has_part(comparison, part.name)) continue;
      parts.push_back(
          {{"name", part.name}, {"parameters", part.cost.parameters()}, {"multiply_adds", part.cost.multiply_adds}});
    }
    const Cost total = row.cost.total();
    networks.push_back({{"name", row.name},
                        {"accuracy", nullptr},
                        {"parameters", total.parameters()},
                        {"multiply_adds", total.multiply_adds},
                        {"weight_bits", row.weight_bits},
                        {"weight_bytes", total.weight_bytes(row.weight_bits)},
                        {"netscore", nullptr},
                        {"reported", nullptr},
                        {"parts", std::move(parts)},
                        {"vs_baseline", ratios_json(comparison, row)}});
  }
  return {{"schema", "synth/compare/1"},
          {"task", task_name(task.variant)},
          {"image", {{"height", task.height}, {"width", task.width}}},
          {"classes", task.classes},
          {"proposals", task.proposals},
          {"detections", task.detections},
          {"counting", comparison.counting == search_space::Counting::folded ? "folded" : "published"},
          {"networks", std::move(networks)},
          {"published", published()}};
}

}  // namespace synth::report
