// Where the names of a plot's discs stand. Internal to reports.
#pragma once

#include <optional>
#include <vector>

namespace synth::report {

struct Disc {
  double x = 0, y = 0, radius = 0;
};

struct Rectangle {
  double left = 0, top = 0, right = 0, bottom = 0;  // top < bottom, as in SVG
};

struct Segment {
  double x1 = 0, y1 = 0, x2 = 0, y2 = 0;
};

struct Label {
  Rectangle box;
  const char* anchor = "start";   // at which end of the box the text stands: "start", "middle", "end"
  std::optional<Segment> leader;  // from the text into its disc
};

double gap(const Rectangle& box, const Disc& disc);  // between their edges; negative where they overlap
bool overlap(const Rectangle& a, const Rectangle& b);

// One label per disc, for texts of these widths and one height. Discs are drawn in their order, each over those before.
// No label lies on a disc or on another label. One without a leader is nearer to its own disc than to any other, and no
// other disc within `level_reach` to its left or right stands as much on its level, both by `clear_lead` or more. A
// leader ends where only its own disc is seen, if there is such a place. Labels for which the frame has no room stand
// in a column to its right, which may reach below it.
constexpr double clear_lead = 8, level_reach = 40;
std::vector<Label> place_labels(const Rectangle& frame, const std::vector<Disc>& discs,
                                const std::vector<double>& widths, double height);

}  // namespace synth::report
