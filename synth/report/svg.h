// The few SVG elements that the pictures need. Internal to reports.
#pragma once

#include <string>

namespace synth::report {

// Escapes text for SVG, HTML and XML.
std::string escape_xml(const std::string& text);
// Escapes text for a double-quoted string of DOT; line breaks become "\n".
std::string escape_dot(const std::string& text);

struct TextStyle {
  double size = 12;
  const char* anchor = "start";  // "start", "middle", "end"
  const char* colour = "#222222";
  bool bold = false;
  bool halo = false;  // white around the letters, where they stand over lines
};

struct BoxStyle {
  std::string fill = "#ffffff";
  std::string stroke = "#555555";
  bool dashed = false;
  double radius = 4;
};

class Svg {
 public:
  void box(double x, double y, double width, double height, const BoxStyle& style, const std::string& tooltip = {});
  void disc(double x, double y, double radius, const std::string& fill, const std::string& stroke,
            const std::string& tooltip = {});
  void text(double x, double y, const std::string& text, const TextStyle& style);
  void line(double x1, double y1, double x2, double y2, const std::string& colour, double width = 1.0);
  // `path` in SVG's path syntax, not filled; `arrow` puts a head at its end.
  void path(const std::string& path, const std::string& colour, double width, bool arrow);
  std::string document(double width, double height, const std::string& title) const;

 private:
  std::string body_;
};

// A width that surely holds `text` at the given size, in a sans-serif font.
double text_width(const std::string& text, double size);

}  // namespace synth::report
