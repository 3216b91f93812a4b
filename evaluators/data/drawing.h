// What the embedded data sets are drawn with: shapes, colours and noise; internal to evaluators/data.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "search_space/random.h"

namespace evaluators::drawing {

struct Point {
  double x = 0;
  double y = 0;
};
using Colour = std::array<double, 3>;

extern const std::vector<std::string> shape_names;

// A shape in a scene, in units of half the image's side; the image spans [-1, 1] in both directions.
struct Mark {
  int shape = 0;  // index into shape_names
  Point centre;
  double radius = 0, cosine = 1, sine = 0;
  Colour colour, far_colour;  // at the two ends of a gradient through the mark
};

struct Scene {
  Colour background, far_background;  // at the two ends of a gradient of random direction
  std::vector<Mark> marks;            // later ones lie over earlier ones
};

// The centre of a pixel of an image of size x size, in the scene's units.
Point pixel_centre(int row, int column, int size);

Scene empty_scene(search_space::Random& random);
// size x size x 3 bytes, with noise of random amplitude.
void render(const Scene& scene, search_space::Random& random, int size, std::uint8_t* out);

Mark random_mark(search_space::Random& random, int shape, double smallest, double largest, double spread);
// Whether p lies within the mark's outline.
bool inside(const Mark& mark, Point p);

Colour random_colour(search_space::Random& random);
Colour nearby(search_space::Random& random, const Colour& colour, double amount);
// A colour lighter than `other` by at least `least`: in every class alike, so it tells nothing about the class, but it
// spares small networks a large part of their training.
Colour lighter(search_space::Random& random, const Colour& other, double least);

}  // namespace evaluators::drawing
