// Pictures of the design.
#include "synth/export/formats.h"
#include "synth/report/network_picture.h"

namespace synth {

ExportFormat dot_format() {
  return {"dot",
          "dot",
          "picture for Graphviz",
          Needs::nothing,
          [](const ExportInput& input, const std::string& path) -> std::vector<ExportFile> {
            return {{path, report::network_dot(input.architecture, input.name)}};
          },
          [](const ExportInput& input, const std::string& path) { return compare_bytes(input, dot_format(), path); }};
}

ExportFormat svg_format() {
  return {"svg",
          "svg",
          "picture: module kinds in colour, widths inside",
          Needs::nothing,
          [](const ExportInput& input, const std::string& path) -> std::vector<ExportFile> {
            return {{path, report::network_svg(input.architecture, input.name)}};
          },
          [](const ExportInput& input, const std::string& path) { return compare_bytes(input, svg_format(), path); }};
}

}  // namespace synth
