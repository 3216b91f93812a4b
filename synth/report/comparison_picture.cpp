// Accuracy over multiply-adds, one disc per network, its area in proportion to the parameters.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "synth/report/comparison.h"
#include "synth/report/svg.h"
#include "synth/report/table.h"

namespace synth::report {
namespace {

constexpr double left = 70, top = 88, plot_width = 640, plot_height = 380, largest_radius = 30, smallest_radius = 3;
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

struct Disc {
  double x = 0, y = 0, radius = 0;
};

// A line of text: its left end and its baseline.
struct Label {
  double x = 0, y = 0, width = 0;
  double top() const { return y - label_size * 0.8; }
  double bottom() const { return y + label_size * 0.25; }
};

bool overlap(const Label& label, const Disc& disc) {
  const double x = std::clamp(disc.x, label.x, label.x + label.width);
  const double y = std::clamp(disc.y, label.top(), label.bottom());
  return std::hypot(disc.x - x, disc.y - y) < disc.radius;
}

bool overlap(const Label& a, const Label& b) {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.top() < b.bottom() && b.top() < a.bottom();
}

// Beside its disc, above or below, where it covers least of other discs and labels.
Label place_label(const std::string& name, std::size_t own, const std::vector<Disc>& discs,
                  const std::vector<Label>& labels) {
  const Disc& disc = discs[own];
  const double width = text_width(name, label_size), aside = disc.radius + 5, middle = disc.y + 4;
  const Label candidates[] = {{disc.x + aside, middle, width},
                              {disc.x - aside - width, middle, width},
                              {disc.x - width / 2, disc.y - disc.radius - 6, width},
                              {disc.x - width / 2, disc.y + disc.radius + 13, width},
                              {disc.x + aside * 0.7, disc.y - aside * 0.7 - 3, width},
                              {disc.x + aside * 0.7, disc.y + aside * 0.7 + 9, width},
                              {disc.x - aside * 0.7 - width, disc.y - aside * 0.7 - 3, width},
                              {disc.x - aside * 0.7 - width, disc.y + aside * 0.7 + 9, width}};
  const Label* best = nullptr;
  int fewest = 0;
  for (const Label& label : candidates) {
    const bool outside = label.x < left || label.x + label.width > left + plot_width;
    int faults = outside ? 100 : 0;
    for (std::size_t i = 0; i < discs.size(); ++i) faults += i != own && overlap(label, discs[i]) ? 1 : 0;
    for (const Label& other : labels) faults += overlap(label, other) ? 1 : 0;
    if (best == nullptr || faults < fewest) {
      best = &label;
      fewest = faults;
    }
  }
  return *best;
}

}  // namespace

std::string comparison_svg(const Comparison& comparison) {
  Svg svg;
  svg.text(24, 30, "Accuracy over cost", {17, "start", "#111111", true});
  svg.text(24, 46, "area of a disc: parameters; networks without a measured accuracy are left out",
           {11, "start", "#555555"});
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
  std::vector<Label> labels;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const Label label = place_label(points[i].network->name, i, discs, labels);
    svg.text(label.x, label.y, points[i].network->name, {label_size, "start", "#222222", false, true});
    labels.push_back(label);
  }
  return svg.document(left + plot_width + 30, top + plot_height + 54, "Accuracy over cost");
}

}  // namespace synth::report
