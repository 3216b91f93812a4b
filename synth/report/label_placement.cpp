// Candidates around each disc, near and far; then each label in turn takes the best, given the others, until all stay.
#include "synth/report/label_placement.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <numeric>

namespace synth::report {
namespace {

constexpr double beside = 4;  // from a disc to the label that stands directly at it
constexpr std::array<double, 13> distances = {12, 20, 30, 42, 56, 72, 90, 110, 140, 180, 230, 290, 360};
constexpr int near_directions = 16, far_directions = 24;
constexpr int most_passes = 8;
// What is avoided, in units of a pixel of a leader's length.
constexpr double leader_cost = 40, foreign_disc_cost = 30, crossed_leader_cost = 150, crossed_label_cost = 300,
                 overlap_cost = 1000;

struct Point {
  double x = 0, y = 0;
};

struct Candidate {
  Label label;
  double cost = 0;
};

double distance(const Segment& line, const Disc& disc) {
  const double dx = line.x2 - line.x1, dy = line.y2 - line.y1, square = dx * dx + dy * dy;
  const double along = square == 0 ? 0 : ((disc.x - line.x1) * dx + (disc.y - line.y1) * dy) / square;
  const double t = std::clamp(along, 0.0, 1.0);
  return std::hypot(line.x1 + t * dx - disc.x, line.y1 + t * dy - disc.y);
}

bool cross(const Segment& a, const Segment& b) {
  const auto side = [](const Segment& line, double x, double y) {
    return (line.x2 - line.x1) * (y - line.y1) - (line.y2 - line.y1) * (x - line.x1) > 0;
  };
  return side(a, b.x1, b.y1) != side(a, b.x2, b.y2) && side(b, a.x1, a.y1) != side(b, a.x2, a.y2);
}

// A line across a rectangle crosses one of its diagonals.
bool cross(const Segment& line, const Rectangle& box) {
  return cross(line, Segment{box.left, box.top, box.right, box.bottom}) ||
         cross(line, Segment{box.left, box.bottom, box.right, box.top});
}

// Places in a disc where a leader may end: where no other disc is, else where none is drawn over it, else its centre.
std::vector<Point> targets_of(const std::vector<Disc>& discs, std::size_t own) {
  const Disc& disc = discs[own];
  std::vector<Point> alone, seen;
  for (const double ring : {0.0, 0.35, 0.7}) {
    for (int i = 0; i < (ring == 0 ? 1 : 12); ++i) {
      const double angle = i * std::numbers::pi / 6;
      const Point point{disc.x + ring * disc.radius * std::cos(angle), disc.y + ring * disc.radius * std::sin(angle)};
      bool covers = false, covered = false;
      for (std::size_t k = 0; k < discs.size(); ++k) {
        if (k == own || std::hypot(discs[k].x - point.x, discs[k].y - point.y) > discs[k].radius + 1.5) continue;
        (k > own ? covered : covers) = true;
      }
      if (!covered && !covers) alone.push_back(point);
      if (!covered) seen.push_back(point);
    }
  }
  if (!alone.empty()) return alone;
  return seen.empty() ? std::vector<Point>{{disc.x, disc.y}} : seen;
}

// From the letters, which may take less than the box, to the nearest target.
Segment leader_of(const Label& label, const std::vector<Point>& targets) {
  const Rectangle& box = label.box;
  const double spare = 0.25 * (box.right - box.left);
  const char end = label.anchor[0];
  const double left = box.left + (end == 'e' ? spare : end == 'm' ? spare / 2 : 0);
  const double right = box.right - (end == 's' ? spare : end == 'm' ? spare / 2 : 0);
  Segment best;
  double shortest = INFINITY;
  for (const Point& target : targets) {
    const double x = std::clamp(target.x, left, right);
    const bool outside = x != target.x;
    const double y = outside ? (box.top + box.bottom) / 2 : target.y < box.top ? box.top : box.bottom;
    const double length = std::hypot(target.x - x, target.y - y);
    if (length >= shortest) continue;
    shortest = length;
    best = {x + (!outside ? 0 : target.x < x ? -2 : 2), y, target.x, target.y};
  }
  return best;
}

// At `away` from the disc in a direction, 0 = to the right, a quarter turn = below.
Label label_at(const Disc& disc, double away, double angle, double width, double height) {
  const double cosine = std::cos(angle), sine = std::sin(angle);
  const double x = disc.x + (disc.radius + away) * cosine, y = disc.y + (disc.radius + away) * sine;
  Label label;
  label.anchor = cosine > 0.3 ? "start" : cosine < -0.3 ? "end" : "middle";
  const double left = cosine > 0.3 ? x : cosine < -0.3 ? x - width : x - width / 2;
  const double top = y - height / 2 * (1 - sine);
  label.box = {left, top, left + width, top + height};
  return label;
}

class Placement {
 public:
  Placement(const Rectangle& frame, const std::vector<Disc>& discs, const std::vector<double>& widths, double height)
      : frame_(frame), discs_(discs) {
    for (std::size_t i = 0; i < discs.size(); ++i) {
      targets_.push_back(targets_of(discs, i));
      candidates_.push_back(candidates_of(i, widths[i], height));
    }
  }

  const std::vector<Candidate>& candidates(std::size_t i) const { return candidates_[i]; }
  const std::vector<Point>& targets(std::size_t i) const { return targets_[i]; }

 private:
  // Where a label covers no disc, with what it costs by itself.
  std::vector<Candidate> candidates_of(std::size_t own, double width, double height) const {
    std::vector<Candidate> found;
    for (int i = 0; i < near_directions; ++i) {  // right, left, above, below, then between
      constexpr std::array<int, 4> first = {0, 8, 12, 4};
      const int step = i < 4 ? first[i] : i - 3 + (i > 6) + (i > 9) + (i > 12);
      add(found, own, label_at(discs_[own], beside, step * 2 * std::numbers::pi / near_directions, width, height), i);
    }
    for (const double away : distances) {
      for (int i = 0; i < far_directions; ++i) {
        const double angle = i * 2 * std::numbers::pi / far_directions;
        add(found, own, label_at(discs_[own], away, angle, width, height), leader_cost);
      }
    }
    return found;
  }

  void add(std::vector<Candidate>& found, std::size_t own, Label label, double cost) const {
    const Rectangle& box = label.box;
    if (box.left < frame_.left + 2 || box.right > frame_.right - 2) return;
    if (box.top < frame_.top + 2 || box.bottom > frame_.bottom - 2) return;
    const double from_own = gap(box, discs_[own]);
    if (from_own < 2) return;
    const double middle = (box.top + box.bottom) / 2, own_level = std::abs(middle - discs_[own].y);
    double from_other = INFINITY;
    bool level_with_other = false;
    for (std::size_t i = 0; i < discs_.size(); ++i) {
      const Disc& other = discs_[i];
      if (i == own) continue;
      from_other = std::min(from_other, gap(box, other));
      const double across = std::max(box.left - other.x, other.x - box.right) - other.radius;
      level_with_other =
          level_with_other || (across < level_reach && std::abs(middle - other.y) < own_level + clear_lead);
    }
    if (from_other < 2) return;
    if (from_own > beside + 2 || from_other < from_own + clear_lead || level_with_other) {
      label.leader = leader_of(label, targets_[own]);
      cost += leader_cost + std::hypot(label.leader->x2 - label.leader->x1, label.leader->y2 - label.leader->y1);
      if (from_other < clear_lead) cost += foreign_disc_cost;
      for (std::size_t i = 0; i < discs_.size(); ++i) {
        if (i != own && distance(*label.leader, discs_[i]) < discs_[i].radius) cost += foreign_disc_cost;
      }
    }
    found.push_back({label, cost});
  }

  const Rectangle frame_;
  const std::vector<Disc>& discs_;
  std::vector<std::vector<Point>> targets_;
  std::vector<std::vector<Candidate>> candidates_;
};

double cost_together(const Label& a, const Label& b) {
  double cost = overlap(a.box, b.box) ? overlap_cost : 0;
  if (a.leader && cross(*a.leader, b.box)) cost += crossed_label_cost;
  if (b.leader && cross(*b.leader, a.box)) cost += crossed_label_cost;
  if (a.leader && b.leader && cross(*a.leader, *b.leader)) cost += crossed_leader_cost;
  return cost;
}

using Choice = std::vector<const Candidate*>;  // per disc; null = none yet, or none fits

const Candidate* best_of(const std::vector<Candidate>& candidates, std::size_t own, const Choice& chosen) {
  const Candidate* best = nullptr;
  double lowest = INFINITY;
  for (const Candidate& candidate : candidates) {
    double cost = candidate.cost;
    for (std::size_t i = 0; i < chosen.size() && cost < lowest; ++i) {
      if (i != own && chosen[i] != nullptr) cost += cost_together(candidate.label, chosen[i]->label);
    }
    if (cost >= lowest) continue;
    lowest = cost;
    best = &candidate;
  }
  return best;
}

Choice choose(const Placement& placement, std::size_t count) {
  Choice chosen(count, nullptr);
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return placement.candidates(a).size() < placement.candidates(b).size();
  });
  bool changed = true;
  for (int pass = 0; changed && pass < most_passes; ++pass) {
    changed = false;
    for (const std::size_t i : order) {
      const Candidate* best = best_of(placement.candidates(i), i, chosen);
      changed = changed || best != chosen[i];
      chosen[i] = best;
    }
  }
  return chosen;
}

}  // namespace

double gap(const Rectangle& box, const Disc& disc) {
  const double x = std::clamp(disc.x, box.left, box.right), y = std::clamp(disc.y, box.top, box.bottom);
  return std::hypot(disc.x - x, disc.y - y) - disc.radius;
}

bool overlap(const Rectangle& a, const Rectangle& b) {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

std::vector<Label> place_labels(const Rectangle& frame, const std::vector<Disc>& discs,
                                const std::vector<double>& widths, double height) {
  const Placement placement(frame, discs, widths, height);
  const Choice chosen = choose(placement, discs.size());
  std::vector<Label> labels(discs.size());
  std::vector<std::size_t> kept, left_over;
  double aside = frame.right;
  for (std::size_t i = 0; i < discs.size(); ++i) {
    aside = std::max(aside, discs[i].x + discs[i].radius);
    const bool fits = chosen[i] != nullptr && std::none_of(kept.begin(), kept.end(), [&](std::size_t other) {
                        return overlap(chosen[i]->label.box, labels[other].box);
                      });
    (fits ? kept : left_over).push_back(i);
    if (fits) labels[i] = chosen[i]->label;
  }
  // From top to bottom as their discs, so that few leaders cross.
  std::stable_sort(left_over.begin(), left_over.end(),
                   [&](std::size_t a, std::size_t b) { return discs[a].y < discs[b].y; });
  double top = frame.top;
  for (const std::size_t i : left_over) {
    labels[i].box = {aside + 24, top, aside + 24 + widths[i], top + height};
    labels[i].leader = leader_of(labels[i], placement.targets(i));
    top += height + 3;
  }
  return labels;
}

}  // namespace synth::report
