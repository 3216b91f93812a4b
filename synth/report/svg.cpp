// The few SVG elements that the pictures need.
#include "synth/report/svg.h"

#include <fmt/format.h>

#include "synth/report/table.h"

namespace synth::report {
namespace {

std::string with_tooltip(const std::string& element, const std::string& tooltip) {
  if (tooltip.empty()) return element + "/>\n";
  return element + "><title>" + escape_xml(tooltip) + "</title></" + element.substr(1, element.find(' ') - 1) + ">\n";
}

}  // namespace

std::string escape_xml(const std::string& text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        // Control characters are not allowed in XML at all.
        if (static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\t') out += c;
    }
  }
  return out;
}

std::string escape_dot(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
  return out;
}

void Svg::box(double x, double y, double width, double height, const BoxStyle& style, const std::string& tooltip) {
  body_ += with_tooltip(
      fmt::format(R"(<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" rx="{:.1f}" fill="{}" stroke="{}"{})",
                  x, y, width, height, style.radius, style.fill, style.stroke,
                  style.dashed ? R"( stroke-dasharray="4 3")" : ""),
      tooltip);
}

void Svg::disc(double x, double y, double radius, const std::string& fill, const std::string& stroke,
               const std::string& tooltip) {
  body_ += with_tooltip(
      fmt::format(R"(<circle cx="{:.1f}" cy="{:.1f}" r="{:.1f}" fill="{}" stroke="{}")", x, y, radius, fill, stroke),
      tooltip);
}

void Svg::text(double x, double y, const std::string& text, const TextStyle& style) {
  body_ += fmt::format(R"(<text x="{:.1f}" y="{:.1f}" font-size="{:.1f}" text-anchor="{}" fill="{}"{}{}>{}</text>)", x, y,
                       style.size, style.anchor, style.colour, style.bold ? R"( font-weight="bold")" : "",
                       style.halo ? R"( stroke="#ffffff" stroke-width="3" paint-order="stroke")" : "",
                       escape_xml(text)) +
           "\n";
}

void Svg::line(double x1, double y1, double x2, double y2, const std::string& colour, double width) {
  body_ += fmt::format(R"(<line x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}" stroke="{}" stroke-width="{:.1f}"/>)",
                       x1, y1, x2, y2, colour, width);
  body_ += "\n";
}

void Svg::path(const std::string& path, const std::string& colour, double width, bool arrow) {
  body_ += fmt::format(R"(<path d="{}" fill="none" stroke="{}" stroke-width="{:.1f}"{}/>)", path, colour, width,
                       arrow ? R"svg( marker-end="url(#arrow)")svg" : "");
  body_ += "\n";
}

std::string Svg::document(double width, double height, const std::string& title) const {
  return fmt::format(R"(<svg xmlns="http://www.w3.org/2000/svg" width="{0:.0f}" height="{1:.0f}" )"
                     R"(viewBox="0 0 {0:.0f} {1:.0f}" font-family="Helvetica, Arial, 'DejaVu Sans', sans-serif">)",
                     width, height) +
         "\n<title>" + escape_xml(title) + "</title>\n" +
         R"(<defs><marker id="arrow" markerWidth="8" markerHeight="8" refX="6" refY="3" orient="auto">)"
         R"(<path d="M0,0 L6,3 L0,6 z" fill="#555555"/></marker></defs>)"
         "\n" +
         R"(<rect width="100%" height="100%" fill="#ffffff"/>)"
         "\n" +
         body_ + "</svg>\n";
}

double text_width(const std::string& text, double size) {
  return 0.56 * size * display_width(text);
}

}  // namespace synth::report
