// A network as DOT and SVG, in the manner of AttendNets Figure 2.
#include "synth/report/network_picture.h"

#include <fmt/format.h>

#include <algorithm>

#include "search_space/module.h"
#include "synth/report/network_boxes.h"
#include "synth/report/svg.h"
#include "synth/report/table.h"

namespace synth::report {
namespace {

using Bypass = NetworkBox::Bypass;

constexpr double box_gap = 26, column_gap = 46, margin = 24, top = 118;
constexpr double title_size = 12, widths_size = 11, details_size = 10, line_height = 15;

std::string totals(const NetworkBoxes& boxes) {
  return fmt::format("{} parameters, {} multiply-adds", format_count(static_cast<double>(boxes.cost.parameters())),
                     format_count(static_cast<double>(boxes.cost.multiply_adds)));
}

bool has_details(const NetworkBoxes& boxes) {
  return std::any_of(boxes.columns.begin(), boxes.columns.end(), [](const NetworkColumn& column) {
    return std::any_of(column.boxes.begin(), column.boxes.end(),
                       [](const NetworkBox& box) { return !box.details.empty(); });
  });
}

// All boxes of a picture have one height, for two lines or three.
double height_of(const NetworkBoxes& boxes) {
  return has_details(boxes) ? 52 : 40;
}

double column_width(const NetworkColumn& column) {
  double width = std::max(text_width(column.title, 13), text_width(column.detail, 11));
  for (const NetworkBox& box : column.boxes) {
    width = std::max({width, text_width(box.title, title_size) + 40, text_width(box.widths, widths_size) + 20,
                      text_width(box.details, details_size) + 20});
  }
  return std::max(100.0, width);
}

void draw_box(Svg& svg, const NetworkBox& box, double x, double y, double width, double height) {
  const bool absent = box.kind == "skip";
  svg.box(x, y, width, height, {colour_of(box.kind), absent ? "#999999" : "#555555", absent, 5}, box.tooltip);
  const double middle = x + width / 2;
  struct Line {
    const std::string& text;
    double size;
    bool bold;
  };
  const Line lines[] = {
      {box.title, title_size, !absent}, {box.widths, widths_size, false}, {box.details, details_size, false}};
  const auto count =
      std::count_if(std::begin(lines), std::end(lines), [](const Line& line) { return !line.text.empty(); });
  double baseline = y + height / 2 + 4 - (static_cast<double>(count) - 1) * line_height / 2;
  for (const Line& line : lines) {
    if (line.text.empty()) continue;
    svg.text(middle, baseline, line.text, {line.size, "middle", absent ? "#777777" : "#222222", line.bold});
    baseline += line_height;
  }
  if (box.stride != 1) svg.text(x + width - 5, y + 12, fmt::format("/{}", box.stride), {10, "end", "#a00000", true});
  // The shortcut runs round the box from the arrow above to the arrow below; a dot on it is the 1x1 convolution.
  if (box.bypass == Bypass::none) return;
  const double side = x + width + 12;
  svg.path(fmt::format("M{0:.1f},{1:.1f} H{2:.1f} V{3:.1f} H{0:.1f}", middle, y - box_gap / 2, side,
                       y + height + box_gap / 2 - 5),
           "#888888", 1, false);
  if (box.bypass == Bypass::projection) svg.disc(side, y + height / 2, 4, "#d9d9d9", "#555555", "1x1 convolution");
}

void draw_column(Svg& svg, const NetworkColumn& column, double x, double width, double height) {
  svg.text(x + width / 2, top - 38, column.title, {13, "middle", "#222222", true});
  svg.text(x + width / 2, top - 23, column.detail, {11, "middle", "#666666"});
  double y = top;
  for (std::size_t i = 0; i < column.boxes.size(); ++i) {
    if (i > 0) {
      const double middle = x + width / 2;
      svg.path(fmt::format("M{0:.1f},{1:.1f} V{2:.1f}", middle, y - box_gap, y - 2), "#555555", 1.4, true);
    }
    draw_box(svg, column.boxes[i], x, y, width, height);
    y += height + box_gap;
  }
}

// From the bottom of one column to the top of the next, through the gap between them.
void draw_turn(Svg& svg, double from_x, double from_y, double to_x, double gap_x) {
  svg.path(fmt::format("M{:.1f},{:.1f} v{:.1f} H{:.1f} V{:.1f} H{:.1f} V{:.1f}", from_x, from_y, box_gap - 7, gap_x,
                       top - 16, to_x, top - 2),
           "#555555", 1.4, true);
}

std::vector<std::string> kinds_in(const NetworkBoxes& boxes) {
  std::vector<std::string> kinds;
  for (const auto* type : search_space::module_registry()) {
    for (const NetworkColumn& column : boxes.columns) {
      for (const NetworkBox& box : column.boxes) {
        const std::string name(type->name());
        if (box.kind == name && (kinds.empty() || kinds.back() != name)) kinds.push_back(name);
      }
    }
  }
  return kinds;
}

bool has_bypass(const NetworkBoxes& boxes, Bypass bypass) {
  for (const NetworkColumn& column : boxes.columns) {
    for (const NetworkBox& box : column.boxes) {
      if (box.bypass == bypass) return true;
    }
  }
  return false;
}

// Returns the right edge of the legend.
double draw_legend(Svg& svg, const NetworkBoxes& boxes, double y) {
  double x = margin;
  const auto entry = [&](const std::string& text) {
    svg.text(x, y + 11, text, {11, "start", "#444444"});
    x += text_width(text, 11) + 22;
  };
  for (const std::string& kind : kinds_in(boxes)) {
    svg.box(x, y, 18, 14, {colour_of(kind), kind == "skip" ? "#999999" : "#555555", kind == "skip", 3});
    x += 24;
    entry(kind == "skip" ? "skip (module absent)" : kind);
  }
  const bool projection = has_bypass(boxes, Bypass::projection);
  if (projection || has_bypass(boxes, Bypass::identity)) {
    svg.line(x, y + 7, x + 22, y + 7, "#888888");
    if (projection) svg.disc(x + 11, y + 7, 4, "#d9d9d9", "#555555");
    x += 28;
    entry(projection ? "shortcut, dot: 1x1 convolution" : "shortcut");
  }
  entry(std::string("numbers: output channels of the convolutions in order, /2: stride") +
        (has_details(boxes) ? ", activation: ReLU unless named" : ""));
  return x;
}

}  // namespace

std::string network_svg(const search_space::Architecture& architecture, const std::string& title) {
  const NetworkBoxes boxes = boxes_of(architecture);
  Svg svg;
  svg.text(margin, 30, title, {17, "start", "#111111", true});
  svg.text(margin, 48, totals(boxes), {12, "start", "#555555"});
  const double height = height_of(boxes);
  double x = margin, lowest = 0;
  for (std::size_t c = 0; c < boxes.columns.size(); ++c) {
    const NetworkColumn& column = boxes.columns[c];
    const double width = column_width(column);
    draw_column(svg, column, x, width, height);
    const double bottom = top + static_cast<double>(column.boxes.size()) * (height + box_gap) - box_gap;
    lowest = std::max(lowest, bottom);
    if (c + 1 < boxes.columns.size()) {
      const double next = x + width + column_gap;
      draw_turn(svg, x + width / 2, bottom, next + column_width(boxes.columns[c + 1]) / 2, next - 16);
    }
    x += width + column_gap;
  }
  const double legend = lowest + box_gap + 14;
  const double right = draw_legend(svg, boxes, legend);
  return svg.document(std::max(x - column_gap, right - 22) + margin, legend + 14 + margin, title);
}

std::string network_dot(const search_space::Architecture& architecture, const std::string& title) {
  const NetworkBoxes boxes = boxes_of(architecture);
  std::string out = fmt::format(
      "digraph network {{\n  label=\"{}\\n{}\";\n  labelloc=t;\n  fontname=Helvetica;\n"
      "  node [shape=box, style=\"filled,rounded\", fontname=Helvetica, fontsize=11];\n",
      escape_dot(title), totals(boxes) + (has_details(boxes) ? "\\nactivation: ReLU unless named" : ""));
  std::string edges;
  int node = 0;
  for (std::size_t c = 0; c < boxes.columns.size(); ++c) {
    const NetworkColumn& column = boxes.columns[c];
    // The title is a node beside the first box: a label of the cluster would stand where the arrow comes in, and without
    // an empty one it would inherit the graph's.
    out += fmt::format(
        "  subgraph cluster_{0} {{\n    label=\"\";\n    color=\"#cccccc\";\n"
        "    t{0} [shape=plaintext, style=\"\", label=\"{1}\\n{2}\"];\n"
        "    {{ rank=same; t{0}; n{3}; }}\n    t{0} -> n{3} [style=invis];\n",
        c, escape_dot(column.title), escape_dot(column.detail), node);
    for (const NetworkBox& box : column.boxes) {
      std::string label = box.title + (box.stride != 1 ? fmt::format(" /{}", box.stride) : "");
      if (!box.widths.empty()) label += "\n" + box.widths;
      if (!box.details.empty()) label += "\n" + box.details;
      if (box.bypass != Bypass::none) label += box.bypass == Bypass::identity ? "\n+ input" : "\n+ 1x1 conv of input";
      out += fmt::format("    n{} [label=\"{}\", fillcolor=\"{}\", tooltip=\"{}\"{}];\n", node, escape_dot(label),
                         colour_of(box.kind), escape_dot(box.tooltip),
                         box.kind == "skip" ? ", style=\"filled,rounded,dashed\"" : "");
      if (node > 0) edges += fmt::format("  n{} -> n{} [weight=10];\n", node - 1, node);
      ++node;
    }
    out += "  }\n";
  }
  return out + edges + "}\n";
}

}  // namespace synth::report
