// The embedded data set: procedural colour images of ten shapes. Colours, place, size, rotation, gradients, noise and
// clutter are drawn independently of the class, so that only the form tells the classes apart.
#include <tbb/parallel_for.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "evaluators/data/loading.h"

namespace evaluators {

using search_space::Random;
using search_space::stream_seed;

namespace {

constexpr int train_images = 8000;
constexpr int test_images = 1000;
constexpr std::uint64_t data_seed = 20190801;  // of the data set itself; the run's seed only splits it
constexpr double pi = 3.14159265358979323846;

struct Point {
  double x = 0;
  double y = 0;
};
using Colour = std::array<double, 3>;

const std::vector<std::string> shape_names = {"circle", "ring",  "crescent", "triangle", "square",
                                              "star",   "cross", "arrow",    "stripes",  "checker"};

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

Colour random_colour(Random& random) {
  return {random.uniform(), random.uniform(), random.uniform()};
}

double luminance(const Colour& colour) {
  return 0.3 * colour[0] + 0.6 * colour[1] + 0.1 * colour[2];
}

// A colour lighter than `other` by at least `least`: in every class alike, so it tells nothing about the class, but it
// spares small networks a large part of their training.
Colour lighter(Random& random, const Colour& other, double least) {
  for (;;) {
    const Colour colour = random_colour(random);
    if (luminance(colour) > luminance(other) + least) return colour;
  }
}

// A scene in units of half the image's side; the image spans [-1, 1] in both directions.
struct Mark {
  int shape = 0;
  Point centre;
  double radius = 0, cosine = 1, sine = 0;
  Colour colour, far_colour;  // at the two ends of a gradient through the mark
};

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

// Blends the mark over `colour` at p; `blur` is the width of its edge.
void paint(const Mark& mark, Point p, double blur, Colour& colour) {
  const double x = p.x - mark.centre.x, y = p.y - mark.centre.y;
  if (std::max(std::abs(x), std::abs(y)) > 1.5 * mark.radius + blur) return;
  const Point local = {(x * mark.cosine + y * mark.sine) / mark.radius,
                       (y * mark.cosine - x * mark.sine) / mark.radius};
  const double coverage = std::clamp(0.5 - shape_distance(mark.shape, local) * mark.radius / blur, 0.0, 1.0);
  const double along = std::clamp(0.5 + 0.5 * local.y, 0.0, 1.0);
  for (int c = 0; c < 3; ++c) {
    const double paint_colour = mark.colour[c] + along * (mark.far_colour[c] - mark.colour[c]);
    colour[c] += coverage * (paint_colour - colour[c]);
  }
}

Colour nearby(Random& random, const Colour& colour, double amount) {
  Colour result = colour;
  for (double& value : result) value = std::clamp(value + amount * (2 * random.uniform() - 1), 0.0, 1.0);
  return result;
}

void draw(int shape, std::uint64_t seed, int size, std::uint8_t* out) {
  Random random(seed);
  Colour background = random_colour(random);
  for (double& value : background) value *= 0.6;
  const Colour far_background = nearby(random, background, 0.2);
  std::vector<Mark> marks;
  // Clutter: small discs, squares and triangles of any colour, beneath the shape.
  for (int left = random.below(4); left > 0; --left) {
    constexpr std::array<int, 3> clutter = {0, 3, 4};
    marks.push_back(random_mark(random, clutter[random.below(3)], 0.08, 0.2, 0.9));
    marks.back().colour = marks.back().far_colour = random_colour(random);
  }
  marks.push_back(random_mark(random, shape, 0.45, 0.85, 0.5));
  marks.back().colour = lighter(random, background, 0.3);
  marks.back().far_colour = nearby(random, marks.back().colour, 0.15);

  const double angle = 2 * pi * random.uniform();
  const double along_x = std::cos(angle), along_y = std::sin(angle);
  const double noise = 0.15 * random.uniform();  // amplitude
  for (int row = 0; row < size; ++row) {
    for (int column = 0; column < size; ++column) {
      const Point p = {(2 * column + 1.0) / size - 1, (2 * row + 1.0) / size - 1};
      const double along = std::clamp(0.5 + 0.5 * (p.x * along_x + p.y * along_y), 0.0, 1.0);
      Colour colour;
      for (int c = 0; c < 3; ++c) colour[c] = background[c] + along * (far_background[c] - background[c]);
      for (const Mark& mark : marks) paint(mark, p, 2.0 / size, colour);
      // Triangular noise from one draw a pixel: three channels of two ten-bit numbers.
      std::uint64_t bits = random.next();
      for (double value : colour) {
        const double sum = static_cast<double>(bits & 1023) + static_cast<double>(bits >> 10 & 1023);
        bits >>= 20;
        *out++ = static_cast<std::uint8_t>(std::clamp(255 * (value + noise * (sum / 1023 - 1)) + 0.5, 0.0, 255.0));
      }
    }
  }
}

// Class of the numbered image of either part.
int shape_of(int number) {
  return number % static_cast<int>(shape_names.size());
}

std::vector<std::int32_t> labels_of(int count) {
  std::vector<std::int32_t> labels(count);
  for (int i = 0; i < count; ++i) labels[i] = shape_of(i);
  return labels;
}

ImageSet render(const std::vector<int>& numbers, int size, const std::string& part) {
  ImageSet images;
  images.channels = 3;
  images.height = images.width = size;
  images.pixels.resize(numbers.size() * images.image_bytes());
  images.labels.resize(numbers.size());
  const std::uint64_t part_seed = stream_seed(data_seed, "shapes", part);
  tbb::parallel_for(std::size_t{0}, numbers.size(), [&](std::size_t i) {
    const int shape = shape_of(numbers[i]);
    images.labels[i] = shape;
    draw(shape, stream_seed(part_seed, shape_names[shape], std::to_string(numbers[i])), size,
         images.pixels.data() + i * images.image_bytes());
  });
  return images;
}

}  // namespace

LoadedData load_shapes(const DataSpec& spec, std::uint64_t seed) {
  LoadedData data;
  const int classes = chosen_classes(spec, static_cast<int>(shape_names.size()));
  data.class_names.assign(shape_names.begin(), shape_names.begin() + classes);
  const int size = spec.size == 0 ? 32 : spec.size;
  DataSpec unlimited = spec;
  unlimited.limit = 0;
  data.train = render(limited(labels_of(train_images), spec, classes, seed), size, "train");
  data.test = render(limited(labels_of(test_images), unlimited, classes, seed), size, "test");
  data.augmentation = {.flip = true, .shift = size / 16};  // every class is its own mirror image
  return data;
}

}  // namespace evaluators
