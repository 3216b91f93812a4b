// Lineage as DOT and SVG: generators left to right, U rising; rejected proposals small and grey.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "synth/report/lineage.h"
#include "synth/report/spread.h"
#include "synth/report/svg.h"
#include "synth/report/table.h"

namespace synth::report {
namespace {

using results_db::GeneratorRecord;

constexpr double left = 112, right = 40, top = 96, plot_height = 300, accepted_step = 56, rejected_step = 16;
constexpr const char* accepted_colour = "#2f6fb5";
constexpr const char* rejected_colour = "#b5b5b5";

struct Placed {
  const GeneratorRecord* generator = nullptr;
  Spread spread;
  double x = 0;
  bool scored() const { return spread.trained > 0 && std::isfinite(generator->mean_performance); }
};

struct Scale {
  double low = 0, high = 1;
  double y(double value) const { return top + plot_height * (1 - (std::clamp(value, low, high) - low) / (high - low)); }
};

std::vector<Placed> place(const RunView& view) {
  std::vector<Placed> placed;
  double x = left;
  for (const auto& generator : view.generators) {
    x += generator.accepted ? accepted_step : rejected_step;
    placed.push_back({&generator, spread_of(view, generator), x});
  }
  return placed;
}

// Accepted generators set the scale's lower end: one rejected network that learned nothing must not flatten the rest.
// Its upper end is above every generator: what was rejected in spite of a high U is what one looks for.
Scale scale_of(const std::vector<Placed>& placed) {
  double low = INFINITY, high = -INFINITY;
  for (const bool accepted : {true, false}) {
    for (const Placed& place : placed) {
      if (!place.scored() || place.generator->accepted != accepted) continue;
      const auto& spread = place.spread;
      low = std::min(low, std::isfinite(spread.lowest_performance) ? spread.lowest_performance
                                                                   : place.generator->mean_performance);
    }
    if (std::isfinite(low)) break;
  }
  for (const Placed& place : placed) {
    if (!place.scored()) continue;
    high = std::max({high, place.generator->mean_performance,
                     place.generator->accepted ? place.spread.highest_performance : -INFINITY});
  }
  if (!std::isfinite(low) || !std::isfinite(high)) return {};
  const double room = std::max(0.5, 0.08 * (high - low));
  return {low - room, high + room};
}

// A step of 1, 2 or 5 times a power of ten that gives about six ticks.
double tick_step(double range) {
  const double rough = range / 6, power = std::pow(10, std::floor(std::log10(rough)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= rough) return factor * power;
  }
  return 10 * power;
}

void draw_axis(Svg& svg, const Scale& scale, double width) {
  const double step = tick_step(scale.high - scale.low);
  for (double value = std::ceil(scale.low / step) * step; value <= scale.high; value += step) {
    svg.line(left, scale.y(value), width - right, scale.y(value), "#e6e6e6");
    svg.text(left - 8, scale.y(value) + 4, fmt::format("{:g}", std::round(value / step) * step),
             {11, "end", "#555555"});
  }
  svg.text(left - 8, top - 14, "U (NetScore)", {11, "end", "#555555"});
}

std::string tooltip_of(const Placed& place) {
  const auto& generator = *place.generator;
  std::string text = fmt::format("proposal {}, G{} {}: {}", generator.proposal, generator.index,
                                 generator.accepted ? "accepted" : "rejected", generator.reason);
  for (const auto& sentence : generator.evidence) text += "\n" + sentence;
  return text;
}

void draw_generator(Svg& svg, const Placed& place, double y, const Scale& scale) {
  const auto& generator = *place.generator;
  if (!generator.accepted) {
    svg.disc(place.x, y, 3.5, rejected_colour, "#8a8a8a", tooltip_of(place));
    return;
  }
  if (place.spread.distinct > 1) {
    svg.line(place.x, scale.y(place.spread.lowest_performance), place.x, scale.y(place.spread.highest_performance),
             "#9dbde0", 5);
  }
  svg.disc(place.x, y, 8, accepted_colour, "#1d4a7c", tooltip_of(place));
  svg.text(place.x, y - 26, fmt::format("G{}", generator.index), {12, "middle", "#1d4a7c", true, true});
  svg.text(place.x, y - 13, format_score(generator.mean_performance), {10, "middle", "#444444", false, true});
  const double below = top + plot_height + 18;
  svg.text(place.x, below, format_count(static_cast<double>(place.spread.fewest_parameters)),
           {10, "middle", "#444444"});
  svg.text(place.x, below + 15, format_count(static_cast<double>(place.spread.fewest_multiply_adds)),
           {10, "middle", "#444444"});
}

void draw_legend(Svg& svg, double y) {
  svg.disc(left + 8, y, 8, accepted_colour, "#1d4a7c");
  svg.text(left + 22, y + 4, "accepted: mean U over the seeds", {11});
  svg.line(left + 216, y - 8, left + 216, y + 8, "#9dbde0", 5);
  svg.text(left + 226, y + 4, "its networks' U, lowest to highest", {11});
  svg.disc(left + 432, y, 3.5, rejected_colour, "#8a8a8a");
  svg.text(left + 442, y + 4, "rejected (at the bottom edge: below the scale)", {11});
}

}  // namespace

std::string lineage_svg(const RunView& view) {
  const std::vector<Placed> placed = place(view);
  const Scale scale = scale_of(placed);
  const double width = std::max(left + 720, (placed.empty() ? left : placed.back().x) + accepted_step / 2) + right;
  const double bottom = top + plot_height;
  Svg svg;
  const std::string title = "Lineage of " + view.name;
  svg.text(24, 30, title, {17, "start", "#111111", true});
  const auto accepted =
      std::count_if(placed.begin(), placed.end(), [](const Placed& p) { return p.generator->accepted; });
  svg.text(24, 48,
           fmt::format("{} proposals, {} accepted, {} networks evaluated; {}", placed.size(), accepted,
                       view.records.size(), view.run.state),
           {12, "start", "#555555"});
  draw_axis(svg, scale, width);
  std::map<int, std::pair<double, double>> at;  // by proposal
  const auto y_of = [&](const Placed& p) { return p.scored() ? scale.y(p.generator->mean_performance) : bottom; };
  for (const Placed& p : placed) at[p.generator->proposal] = {p.x, y_of(p)};
  for (const bool wanted : {false, true}) {  // what was accepted is drawn over what was not
    for (const Placed& p : placed) {
      const auto parent = at.find(p.generator->parent);
      if (p.generator->accepted != wanted || parent == at.end()) continue;
      svg.line(parent->second.first, parent->second.second, p.x, y_of(p), wanted ? accepted_colour : "#dddddd",
               wanted ? 2 : 1);
    }
  }
  for (const Placed& p : placed) draw_generator(svg, p, y_of(p), scale);
  svg.line(left, bottom, width - right, bottom, "#999999");
  svg.text(left - 8, bottom + 18, "parameters from", {10, "end", "#555555"});
  svg.text(left - 8, bottom + 33, "MACs from", {10, "end", "#555555"});
  draw_legend(svg, bottom + 60);
  return svg.document(width, bottom + 84, title);
}

std::string lineage_dot(const RunView& view) {
  std::string out = fmt::format(
      "digraph lineage {{\n  rankdir=LR;\n  label=\"Lineage of {}\";\n  labelloc=t;\n  fontname=Helvetica;\n"
      "  node [shape=box, style=\"filled,rounded\", fontname=Helvetica, fontsize=11];\n",
      escape_dot(view.name));
  for (const auto& generator : view.generators) {
    const Spread spread = spread_of(view, generator);
    std::string label = fmt::format("G{}", generator.index);
    if (generator.accepted) {
      label += fmt::format("\nmean U {}\naccuracy from {}\n{} parameters", format_score(generator.mean_performance),
                           format_percent(minimum_accuracy(view, generator)),
                           format_range(spread.fewest_parameters, spread.most_parameters));
    }
    out += fmt::format("  p{} [label=\"{}\", tooltip=\"{}\"{}];\n", generator.proposal, escape_dot(label),
                       escape_dot(generator.reason),
                       generator.accepted
                           ? ", fillcolor=\"#cfe2f3\""
                           : ", fillcolor=\"#eeeeee\", fontcolor=\"#888888\", color=\"#bbbbbb\", fontsize=8");
    if (generator.parent >= 0) {
      out += fmt::format("  p{} -> p{}{};\n", generator.parent, generator.proposal,
                         generator.accepted ? "" : " [color=\"#cccccc\"]");
    }
  }
  return out + "}\n";
}

}  // namespace synth::report
