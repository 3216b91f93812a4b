// Accuracy over multiply-adds, one disc per network, its area in proportion to the parameters.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <sstream>

#include "synth/report/comparison.h"
#include "synth/report/label_placement.h"
#include "synth/report/svg.h"
#include "synth/report/table.h"

namespace synth::report {
namespace {

constexpr double left = 70, top = 100, plot_width = 640, plot_height = 380, largest_radius = 30, smallest_radius = 3;
constexpr double label_size = 11;

struct Point {
  const ComparedNetwork* network = nullptr;
  double x = 0, y = 0;  // log10 of multiply-adds; accuracy in percent
};

struct Range {
  double low = INFINITY, high = -INFINITY;
  void include(double value) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
  void widen(double by) {
    low -= by;
    high += by;
  }
  double part(double value) const { return (value - low) / (high - low); }
};

void draw_axes(Svg& svg, const Range& costs, const Range& accuracies) {
  for (int power = static_cast<int>(std::floor(costs.low)); power <= static_cast<int>(costs.high); ++power) {
    for (const int factor : {1, 2, 5}) {
      const double value = power + std::log10(factor);
      if (value < costs.low || value > costs.high) continue;
      const double x = left + plot_width * costs.part(value);
      svg.line(x, top, x, top + plot_height, "#ececec");
      svg.text(x, top + plot_height + 16, format_count(factor * std::pow(10, power)), {11, "middle", "#555555"});
    }
  }
  const double span = accuracies.high - accuracies.low;
  const double step = span > 40 ? 10 : span > 16 ? 5 : span > 6 ? 2 : span > 3 ? 1 : 0.5;
  for (double value = std::ceil(accuracies.low / step) * step; value <= accuracies.high; value += step) {
    const double y = top + plot_height * (1 - accuracies.part(value));
    svg.line(left, y, left + plot_width, y, "#ececec");
    svg.text(left - 8, y + 4, fmt::format("{:g}", value), {11, "end", "#555555"});
  }
  svg.box(left, top, plot_width, plot_height, {"none", "#999999", false, 0});
  svg.text(left + plot_width / 2, top + plot_height + 36, "multiply-adds", {12, "middle"});
  svg.text(left - 8, top - 12, "top-1, %", {12, "end"});
}

// "NAME,option=value,..." of every network that is drawn, without the options that all of them share.
struct ShortNames {
  std::vector<std::string> names;
  std::string shared;  // "stem=small, classes=50"; empty where there are none, or one name only
};

std::vector<std::string> parts_of(const std::string& name) {
  std::vector<std::string> parts;
  std::istringstream stream(name);
  for (std::string part; std::getline(stream, part, ',');) parts.push_back(part);
  if (parts.empty()) parts.emplace_back();
  return parts;
}

ShortNames short_names(const std::vector<Point>& points) {
  std::vector<std::vector<std::string>> all;
  for (const Point& point : points) all.push_back(parts_of(point.network->name));
  const auto shared = [&](const std::string& part) {
    return all.size() > 1 && part.find('=') != std::string::npos &&
           std::all_of(all.begin(), all.end(), [&](const auto& parts) {
             return std::find(parts.begin() + 1, parts.end(), part) != parts.end();
           });
  };
  ShortNames result;
  for (const auto& parts : all) {
    std::string name = parts.front();
    for (auto part = parts.begin() + 1; part != parts.end(); ++part) {
      if (!shared(*part)) name += "," + *part;
    }
    result.names.push_back(name);
  }
  for (const std::string& part : all.front()) {
    if (shared(part)) result.shared += (result.shared.empty() ? "" : ", ") + part;
  }
  return result;
}

// Returns what the labels take.
Rectangle draw_labels(Svg& svg, const std::vector<std::string>& names, const std::vector<Disc>& discs) {
  std::vector<double> widths;
  for (const std::string& name : names) widths.push_back(text_width(name, label_size));
  const auto labels = place_labels({left, top, left + plot_width, top + plot_height}, discs, widths, 1.05 * label_size);
  Rectangle edges;
  for (const Label& label : labels) {
    edges.right = std::max(edges.right, label.box.right);
    edges.bottom = std::max(edges.bottom, label.box.bottom);
    if (!label.leader) continue;
    svg.line(label.leader->x1, label.leader->y1, label.leader->x2, label.leader->y2, "#1d4a7c", 0.8);
    svg.disc(label.leader->x2, label.leader->y2, 1.8, "#1d4a7c", "none");
  }
  for (std::size_t i = 0; i < names.size(); ++i) {
    const Rectangle& box = labels[i].box;
    const char end = labels[i].anchor[0];
    const double x = end == 's' ? box.left : end == 'e' ? box.right : (box.left + box.right) / 2;
    svg.text(x, box.top + 0.8 * label_size, names[i], {label_size, labels[i].anchor, "#222222", false, true});
  }
  return edges;
}

}  // namespace

std::string comparison_svg(const Comparison& comparison, const std::string& note) {
  Svg svg;
  svg.text(24, 30, "Accuracy over cost", {17, "start", "#111111", true});
  std::vector<Point> points;
  Range costs, accuracies;
  double most = 1;
  for (const ComparedNetwork& network : comparison.networks) {
    if (!network.accuracy || network.cost.multiply_adds <= 0) continue;
    points.push_back({&network, std::log10(static_cast<double>(network.cost.multiply_adds)), *network.accuracy * 100});
    costs.include(points.back().x);
    accuracies.include(points.back().y);
    most = std::max(most, static_cast<double>(network.cost.parameters()));
  }
  if (points.empty()) {
    svg.text(left, top + 30, "No network here has a measured accuracy.", {13});
    return svg.document(left + plot_width + 30, top + 80, "Accuracy over cost");
  }
  const bool all = points.size() == comparison.networks.size();
  std::string caption = "area of a disc: parameters";
  if (!note.empty()) caption += "; " + note;
  if (!all) caption += "; networks without a measured accuracy are left out";
  svg.text(24, 46, caption, {11, "start", "#555555"});
  costs.widen(0.25);
  accuracies.widen(std::max(1.0, 0.15 * (accuracies.high - accuracies.low)));
  accuracies.low = std::max(accuracies.low, 0.0);
  accuracies.high = std::min(accuracies.high, 100.0);
  draw_axes(svg, costs, accuracies);
  // Large discs first, so that none hides a smaller one.
  std::stable_sort(points.begin(), points.end(), [](const Point& a, const Point& b) {
    return a.network->cost.parameters() > b.network->cost.parameters();
  });
  std::vector<Disc> discs;
  for (const Point& point : points) {
    const double share = static_cast<double>(point.network->cost.parameters()) / most;
    discs.push_back({left + plot_width * costs.part(point.x), top + plot_height * (1 - accuracies.part(point.y)),
                     std::max(smallest_radius, largest_radius * std::sqrt(share))});
    svg.disc(discs.back().x, discs.back().y, discs.back().radius, "#9fc5e8", "#1d4a7c",
             fmt::format("{}: {:.2f} %, {} parameters", point.network->name, point.y,
                         format_count(static_cast<double>(point.network->cost.parameters()))));
  }
  const ShortNames names = short_names(points);
  const std::string shared = names.shared.empty() ? "" : "all with " + names.shared;
  if (!shared.empty()) svg.text(24, 60, shared, {11, "start", "#555555"});
  const Rectangle edges = draw_labels(svg, names.names, discs);
  const double captions = 24 + std::max(text_width(caption, 11), text_width(shared, 11));
  return svg.document(std::max({left + plot_width, edges.right, captions}) + 30,
                      std::max(top + plot_height + 54, edges.bottom + 24), "Accuracy over cost");
}

}  // namespace synth::report
