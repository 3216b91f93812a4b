// Benchmark curves as SVG.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "synth/report/bench.h"

namespace synth::report {

using engine::AlgorithmResult;
using engine::BenchResult;

namespace {

// Colours that people with any colour vision tell apart (Okabe and Ito).
constexpr const char* colours[] = {"#D55E00", "#0072B2", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#555555"};
constexpr double left = 70, right = 660, top = 50, bottom = 420;  // of the plot, in pixels
constexpr double width = 920, height = 480;

// Evaluations (logarithmic) and NetScores to pixels.
struct Axes {
  double last = 10;          // evaluations at the right end
  double low = 0, high = 1;  // NetScores at the bottom and the top

  double x(double evaluations) const {
    return left + (right - left) * std::log10(std::max(1.0, evaluations)) / std::log10(last);
  }
  double y(double score) const { return bottom - (bottom - top) * (score - low) / (high - low); }
};

Axes axes_of(const BenchResult& result) {
  Axes axes;
  axes.low = axes.high = result.target;
  for (const AlgorithmResult& algorithm : result.algorithms) {
    for (const auto& run : algorithm.runs) axes.last = std::max<double>(axes.last, run.evaluations);
    if (algorithm.curve.empty()) continue;
    axes.low = std::min(axes.low, algorithm.curve.front().performance);
    axes.high = std::max(axes.high, algorithm.curve.back().performance);
  }
  if (result.optimum) axes.high = std::max(axes.high, result.optimum->performance);
  const double margin = std::max(0.5, 0.05 * (axes.high - axes.low));
  axes.low -= margin;
  axes.high += margin;
  return axes;
}

std::string text_at(double x, double y, const std::string& anchor, const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '<')
      escaped += "&lt;";
    else if (c == '>')
      escaped += "&gt;";
    else if (c == '&')
      escaped += "&amp;";
    else
      escaped += c;
  }
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\">{}</text>\n", x, y, anchor, escaped);
}

std::string line(double x1, double y1, double x2, double y2, const std::string& style) {
  return fmt::format("<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" {}/>\n", x1, y1, x2, y2, style);
}

std::string frame(const Axes& axes) {
  const std::string grid = "stroke=\"#ddd\"";
  std::string svg;
  for (double decade = 1; decade <= axes.last; decade *= 10) {
    for (const double factor : {1, 2, 5}) {
      if (factor * decade > axes.last) break;
      svg += line(axes.x(factor * decade), top, axes.x(factor * decade), bottom, grid);
      svg += text_at(axes.x(factor * decade), bottom + 18, "middle", fmt::format("{:g}", factor * decade));
    }
  }
  // About six round steps.
  const double raw = (axes.high - axes.low) / 6, magnitude = std::pow(10, std::floor(std::log10(raw)));
  const double step = magnitude * (raw / magnitude < 2 ? 2 : raw / magnitude < 5 ? 5 : 10);
  for (double score = std::ceil(axes.low / step) * step; score <= axes.high; score += step) {
    svg += line(left, axes.y(score), right, axes.y(score), grid);
    svg += text_at(left - 8, axes.y(score) + 4, "end", fmt::format("{:g}", std::round(score / step) * step));
  }
  svg += text_at((left + right) / 2, bottom + 42, "middle", "distinct evaluations");
  return svg + text_at(left - 8, top - 12, "start", "NetScore of the best feasible network so far (median)");
}

// A step function; the dot marks the median of evaluations to the target.
std::string curve(const Axes& axes, const AlgorithmResult& algorithm, double target, const char* colour) {
  if (algorithm.curve.empty()) return {};
  std::string path;
  double y = 0;
  int last = 0;
  for (const auto& point : algorithm.curve) {
    const double x = axes.x(point.evaluations);
    path += path.empty() ? fmt::format("M{:.1f} {:.1f}", x, axes.y(point.performance))
                         : fmt::format("L{:.1f} {:.1f}L{:.1f} {:.1f}", x, y, x, axes.y(point.performance));
    y = axes.y(point.performance);
  }
  for (const auto& run : algorithm.runs) last = std::max(last, run.evaluations);
  path += fmt::format("L{:.1f} {:.1f}", axes.x(last), y);
  std::string svg = fmt::format("<path d=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"2\"/>\n", path, colour);
  if (algorithm.success_rate >= 0.5) {
    svg += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4.5\" fill=\"{}\" stroke=\"white\"/>\n",
                       axes.x(algorithm.to_target.median), axes.y(target), colour);
  }
  return svg;
}

}  // namespace

std::string bench_svg(const BenchResult& result) {
  const Axes axes = axes_of(result);
  std::string svg = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" height=\"{1}\" "
      "font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n",
      width, height);
  const std::string part =
      result.interrupted() ? fmt::format(" (interrupted: {} of {} runs)", result.finished_runs, result.runs) : "";
  svg += text_at(left - 8, 20, "start", fmt::format("{}: {}{}", result.table, result.requirements, part));
  svg += frame(axes);
  svg += line(left, axes.y(result.target), right, axes.y(result.target), "stroke=\"#333\" stroke-dasharray=\"5 4\"");
  svg += text_at(right + 8, axes.y(result.target) + 4, "start", fmt::format("target {:.2f}", result.target));
  double legend = axes.y(result.target) > (top + bottom) / 2 ? top + 10 : axes.y(result.target) + 36;
  for (std::size_t i = 0; i < result.algorithms.size(); ++i, legend += 34) {
    const AlgorithmResult& algorithm = result.algorithms[i];
    const char* colour = colours[i % std::size(colours)];
    svg += curve(axes, algorithm, result.target, colour);
    svg += line(right + 8, legend - 4, right + 30, legend - 4, fmt::format("stroke=\"{}\" stroke-width=\"3\"", colour));
    svg += text_at(right + 36, legend, "start", algorithm.name);
    svg += text_at(right + 36, legend + 14, "start",
                   fmt::format("median {:g}, success {:.2f}", algorithm.to_target.median, algorithm.success_rate));
  }
  return svg + "</svg>\n";
}

}  // namespace synth::report
