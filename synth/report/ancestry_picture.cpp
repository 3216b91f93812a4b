// One network's ancestry as DOT and SVG: networks top to bottom, between them what changed.
#include <fmt/format.h>

#include <algorithm>

#include "synth/report/ancestry.h"
#include "synth/report/lineage.h"
#include "synth/report/svg.h"
#include "synth/report/table.h"

namespace synth::report {
namespace {

constexpr double left = 24, box_width = 250, box_height = 58, line_height = 15, top = 66;

std::string name_of(const RunView& view, const results_db::Record& record) {
  const int generator = view.generator_of(record.id);
  return generator < 0 ? fmt::format("#{}", record.id) : fmt::format("#{} of G{}", record.id, generator);
}

std::string figures(const results_db::Record& record) {
  const auto& cost = record.evaluation.cost;
  return fmt::format("{}, {} parameters, {} MACs", format_percent(record.evaluation.accuracy),
                     format_count(static_cast<double>(cost.parameters())),
                     format_count(static_cast<double>(cost.multiply_adds)));
}

std::string effect(const results_db::Record& from, const results_db::Record& to) {
  const auto &a = from.evaluation, &b = to.evaluation;
  return fmt::format(
      "{:+.2f} points, parameters {}, MACs {}", (b.accuracy - a.accuracy) * 100,
      format_change(static_cast<double>(a.cost.parameters()), static_cast<double>(b.cost.parameters())),
      format_change(static_cast<double>(a.cost.multiply_adds), static_cast<double>(b.cost.multiply_adds)));
}

}  // namespace

std::string ancestry_svg(const RunView& view, int id) {
  const std::string title = fmt::format("Ancestry of network {} of {}", id, view.name);
  Svg svg;
  svg.text(left, 30, title, {17, "start", "#111111", true});
  const auto steps = ancestry_of(view, id);
  const double middle = left + box_width / 2;
  double y = top, width = left + std::max(box_width, text_width(title, 17));
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const auto& record = *steps[i].network;
    if (i > 0) {
      const double height = line_height * static_cast<double>(steps[i].changes.size() + 1) + 22;
      svg.path(fmt::format("M{:.1f},{:.1f} V{:.1f}", middle, y, y + height - 3), "#555555", 1.4, true);
      double line = y + 22;
      const auto write = [&](const std::string& text, bool bold) {
        svg.text(middle + 16, line, text, {11, "start", bold ? "#1d4a7c" : "#333333", bold});
        width = std::max(width, middle + 16 + text_width(text, 11));
        line += line_height;
      };
      write(effect(*steps[i - 1].network, record), true);
      for (const Difference& change : steps[i].changes) {
        write(fmt::format("{}: {}", change.place, change_text(change)), false);
      }
      y += height;
    }
    svg.box(left, y, box_width, box_height, {record.feasible ? "#cfe2f3" : "#eeeeee", "#555555", false, 5},
            "key " + record.key);
    svg.text(middle, y + 18, name_of(view, record), {12, "middle", "#222222", true});
    svg.text(middle, y + 34, figures(record), {11, "middle"});
    svg.text(middle, y + 49,
             fmt::format("U {}{}", format_score(record.performance), record.feasible ? "" : ", misses a requirement"),
             {11, "middle", "#555555"});
    y += box_height;
  }
  return svg.document(width + left, y + 24, title);
}

std::string ancestry_dot(const RunView& view, int id) {
  std::string out = fmt::format(
      "digraph ancestry {{\n  label=\"Ancestry of network {} of {}\";\n  labelloc=t;\n  fontname=Helvetica;\n"
      "  node [shape=box, style=\"filled,rounded\", fontname=Helvetica, fontsize=11];\n"
      "  edge [fontname=Helvetica, fontsize=10];\n",
      id, escape_dot(view.name));
  const results_db::Record* before = nullptr;
  for (const Step& step : ancestry_of(view, id)) {
    const auto& record = *step.network;
    out += fmt::format("  n{} [label=\"{}\", fillcolor=\"{}\"];\n", record.id,
                       escape_dot(fmt::format("{}\n{}\nU {}", name_of(view, record), figures(record),
                                              format_score(record.performance))),
                       record.feasible ? "#cfe2f3" : "#eeeeee");
    if (before != nullptr) {
      std::string label = escape_dot(effect(*before, record)) + "\\l";
      for (const Difference& change : step.changes) {
        label += escape_dot(fmt::format("{}: {}", change.place, change_text(change))) + "\\l";
      }
      out += fmt::format("  n{} -> n{} [label=\"{}\"];\n", before->id, record.id, label);
    }
    before = &record;
  }
  return out + "}\n";
}

}  // namespace synth::report
