// Shapes as outlines or formulas, and their painting.
#include "evaluators/data/drawing.h"

#include <algorithm>
#include <cmath>

namespace evaluators::drawing {

using search_space::Random;

const std::vector<std::string> shape_names = {"circle", "ring",  "crescent", "triangle", "square",
                                              "star",   "cross", "arrow",    "stripes",  "checker"};

namespace {

constexpr double pi = 3.14159265358979323846;

std::vector<Point> regular(int corners, double inner_radius) {
  std::vector<Point> points;
  const int count = inner_radius > 0 ? 2 * corners : corners;
  for (int i = 0; i < count; ++i) {
    const double radius = inner_radius > 0 && i % 2 == 1 ? inner_radius : 1.0;
    points.push_back({radius * std::sin(2 * pi * i / count), -radius * std::cos(2 * pi * i / count)});
  }
  return points;
}

// Outlines within the unit circle, by class; empty where a formula does better.
const std::vector<std::vector<Point>> outlines = {
    {},
    {},
    {},
    regular(3, 0),
    regular(4, 0),
    regular(5, 0.42),
    {{-.3, -1},
     {.3, -1},
     {.3, -.3},
     {1, -.3},
     {1, .3},
     {.3, .3},
     {.3, 1},
     {-.3, 1},
     {-.3, .3},
     {-1, .3},
     {-1, -.3},
     {-.3, -.3}},
    {{0, -1}, {.8, -.1}, {.25, -.1}, {.25, 1}, {-.25, 1}, {-.25, -.1}, {-.8, -.1}},
    {},
    {}};

// Signed distance to a polygon, negative inside.
double polygon_distance(const std::vector<Point>& corners, Point p) {
  double nearest = 1e9;
  bool inside = false;
  for (std::size_t i = 0, j = corners.size() - 1; i < corners.size(); j = i++) {
    const Point a = corners[i], b = corners[j];
    const double ex = b.x - a.x, ey = b.y - a.y, wx = p.x - a.x, wy = p.y - a.y;
    const double t = std::clamp((wx * ex + wy * ey) / (ex * ex + ey * ey), 0.0, 1.0);
    nearest = std::min(nearest, (wx - t * ex) * (wx - t * ex) + (wy - t * ey) * (wy - t * ey));
    if ((a.y > p.y) != (b.y > p.y) && p.x < ex * (p.y - a.y) / ey + a.x) inside = !inside;
  }
  return inside ? -std::sqrt(nearest) : std::sqrt(nearest);
}

double disc_distance(Point p, double radius) {
  return std::hypot(p.x, p.y) - radius;
}
double box_distance(Point p, double half) {
  return std::max(std::abs(p.x), std::abs(p.y)) - half;
}
// Distance to the edge of stripes of width `width`, negative on every second one.
double stripe_distance(double x, double width) {
  const double stripe = std::floor(x / width);
  const double to_edge = width * (0.5 - std::abs(x / width - stripe - 0.5));
  return std::fmod(stripe, 2) == 0 ? -to_edge : to_edge;
}

// Signed distance in units of the shape's radius.
double shape_distance(int shape, Point p) {
  if (!outlines[shape].empty()) return polygon_distance(outlines[shape], p);
  switch (shape) {
    case 0:
      return disc_distance(p, 0.9);
    case 1:
      return std::abs(disc_distance(p, 0.72)) - 0.22;
    case 2:
      return std::max(disc_distance(p, 0.95), -disc_distance({p.x - 0.5, p.y}, 0.75));
    case 8:
      return std::max(box_distance(p, 0.85), stripe_distance(p.x + 0.85, 0.34));
    default: {  // checker: on where exactly one of two stripe patterns is
      const double a = stripe_distance(p.x + 0.85, 0.425), b = stripe_distance(p.y + 0.85, 0.425);
      return std::max(box_distance(p, 0.85), std::max(std::min(a, b), -std::max(a, b)));
    }
  }
}

double luminance(const Colour& colour) {
  return 0.3 * colour[0] + 0.6 * colour[1] + 0.1 * colour[2];
}

// p as the mark's own outline sees it.
Point local(const Mark& mark, Point p) {
  const double x = p.x - mark.centre.x, y = p.y - mark.centre.y;
  return {(x * mark.cosine + y * mark.sine) / mark.radius, (y * mark.cosine - x * mark.sine) / mark.radius};
}

// Blends the mark over `colour` at p; `blur` is the width of its edge.
void paint(const Mark& mark, Point p, double blur, Colour& colour) {
  const double x = p.x - mark.centre.x, y = p.y - mark.centre.y;
  if (std::max(std::abs(x), std::abs(y)) > 1.5 * mark.radius + blur) return;
  const double coverage = std::clamp(0.5 - shape_distance(mark.shape, local(mark, p)) * mark.radius / blur, 0.0, 1.0);
  const double along = std::clamp(0.5 + 0.5 * local(mark, p).y, 0.0, 1.0);
  for (int c = 0; c < 3; ++c) {
    const double paint_colour = mark.colour[c] + along * (mark.far_colour[c] - mark.colour[c]);
    colour[c] += coverage * (paint_colour - colour[c]);
  }
}

// Three bytes with triangular noise of amplitude `noise`.
void write_pixel(Random& random, const Colour& colour, double noise, std::uint8_t* out) {
  // From one draw a pixel: three channels of two ten-bit numbers.
  std::uint64_t bits = random.next();
  for (double value : colour) {
    const double sum = static_cast<double>(bits & 1023) + static_cast<double>(bits >> 10 & 1023);
    bits >>= 20;
    *out++ = static_cast<std::uint8_t>(std::clamp(255 * (value + noise * (sum / 1023 - 1)) + 0.5, 0.0, 255.0));
  }
}

}  // namespace

Colour random_colour(Random& random) {
  return {random.uniform(), random.uniform(), random.uniform()};
}

Colour lighter(Random& random, const Colour& other, double least) {
  for (;;) {
    const Colour colour = random_colour(random);
    if (luminance(colour) > luminance(other) + least) return colour;
  }
}

Mark random_mark(Random& random, int shape, double smallest, double largest, double spread) {
  Mark mark;
  mark.shape = shape;
  mark.radius = smallest + (largest - smallest) * random.uniform();
  const double reach = std::min(spread, 1.05 - mark.radius);
  mark.centre = {reach * (2 * random.uniform() - 1), reach * (2 * random.uniform() - 1)};
  const double angle = 2 * pi * random.uniform();
  mark.cosine = std::cos(angle);
  mark.sine = std::sin(angle);
  return mark;
}

bool inside(const Mark& mark, Point p) {
  return shape_distance(mark.shape, local(mark, p)) <= 0;
}

Colour nearby(Random& random, const Colour& colour, double amount) {
  Colour result = colour;
  for (double& value : result) value = std::clamp(value + amount * (2 * random.uniform() - 1), 0.0, 1.0);
  return result;
}

Scene empty_scene(Random& random) {
  Scene scene;
  scene.background = random_colour(random);
  for (double& value : scene.background) value *= 0.6;
  scene.far_background = nearby(random, scene.background, 0.2);
  return scene;
}

Point pixel_centre(int row, int column, int size) {
  return {(2 * column + 1.0) / size - 1, (2 * row + 1.0) / size - 1};
}

void render(const Scene& scene, Random& random, int size, std::uint8_t* out) {
  const double angle = 2 * pi * random.uniform();
  const double along_x = std::cos(angle), along_y = std::sin(angle);
  const double noise = 0.15 * random.uniform();  // amplitude
  for (int row = 0; row < size; ++row) {
    for (int column = 0; column < size; ++column, out += 3) {
      const Point p = pixel_centre(row, column, size);
      const double along = std::clamp(0.5 + 0.5 * (p.x * along_x + p.y * along_y), 0.0, 1.0);
      Colour colour;
      for (int c = 0; c < 3; ++c)
        colour[c] = scene.background[c] + along * (scene.far_background[c] - scene.background[c]);
      for (const Mark& mark : scene.marks) paint(mark, p, 2.0 / size, colour);
      write_pixel(random, colour, noise, out);
    }
  }
}

}  // namespace evaluators::drawing
