// The embedded data set of objects: one to six shapes of five classes on each image, with exact masks of what is seen
// of them.
#include <tbb/parallel_for.h>

#include <algorithm>
#include <cmath>

#include "evaluators/data/drawing.h"
#include "evaluators/data/instance_loading.h"
#include "search_space/random.h"

namespace evaluators::detection {

using namespace drawing;
using search_space::Random;
using search_space::stream_seed;

namespace {

constexpr int train_images = 2000, test_images = 300, most_objects = 6;
constexpr std::uint64_t data_seed = 20190802;  // of the data set itself; the run's seed only splits it

// Classes by the names of the shapes.
constexpr std::array<const char*, 5> classes = {"circle", "triangle", "square", "star", "cross"};

int shape_of(int category) {
  return static_cast<int>(std::find(shape_names.begin(), shape_names.end(), classes[category]) - shape_names.begin());
}

// Whether too much of one mark would lie over the other: their middles nearer than most of both radii.
bool covers(const Mark& mark, const Mark& other) {
  return std::hypot(mark.centre.x - other.centre.x, mark.centre.y - other.centre.y) <
         0.8 * (mark.radius + other.radius);
}

// Marks with their categories; a place that is taken is drawn anew, up to 30 times.
std::vector<int> place_marks(Random& random, Scene& scene) {
  std::vector<int> categories;
  for (int left = 1 + random.below(most_objects); left > 0; --left) {
    const int category = random.below(static_cast<int>(classes.size()));
    for (int tries = 0; tries < 30; ++tries) {
      const Mark mark = random_mark(random, shape_of(category), 0.16, 0.4, 1);
      if (std::any_of(scene.marks.begin(), scene.marks.end(), [&](const Mark& m) { return covers(mark, m); })) continue;
      scene.marks.push_back(mark);
      scene.marks.back().colour = lighter(random, scene.background, 0.3);
      scene.marks.back().far_colour = nearby(random, scene.marks.back().colour, 0.15);
      categories.push_back(category);
      break;
    }
  }
  return categories;
}

// The topmost mark at each pixel, counted from 1.
LabelMap labels_of(const Scene& scene, int size) {
  LabelMap map{size, size, std::vector<std::uint16_t>(std::size_t(size) * size, 0)};
  for (int row = 0; row < size; ++row)
    for (int column = 0; column < size; ++column)
      for (std::size_t i = 0; i < scene.marks.size(); ++i)
        if (inside(scene.marks[i], pixel_centre(row, column, size)))
          map.labels[std::size_t(row) * size + column] = static_cast<std::uint16_t>(i + 1);
  return map;
}

InstanceImage draw(const std::string& part, int number, int size) {
  Random random(stream_seed(data_seed, part, std::to_string(number)));
  Scene scene = empty_scene(random);
  const std::vector<int> categories = place_marks(random, scene);
  InstanceImage image{part + " " + std::to_string(number), number + 1, size, size, {}, {}};
  image.pixels.resize(std::size_t(size) * size * 3);
  render(scene, random, size, image.pixels.data());
  const LabelMap map = labels_of(scene, size);
  image.instances = instances_of(map);
  for (Instance& instance : image.instances) {
    const auto first = static_cast<std::size_t>(instance.mask.runs[0]);  // pixel inside, counted down the columns
    instance.category = categories[map.labels[first % size * size + first / size] - 1];
  }
  return image;
}

InstanceImages draw_all(const std::string& part, const std::vector<int>& numbers, int size) {
  InstanceImages images(numbers.size());
  tbb::parallel_for(std::size_t{0}, numbers.size(), [&](std::size_t i) { images[i] = draw(part, numbers[i], size); });
  return images;
}

}  // namespace

InstanceData load_shapes_detection(const DataSpec& spec, std::uint64_t seed) {
  InstanceData data;
  data.class_names.assign(classes.begin(), classes.end());
  for (std::size_t i = 0; i < classes.size(); ++i) data.category_ids.push_back(static_cast<std::int64_t>(i) + 1);
  const int size = spec.size == 0 ? 96 : spec.size;
  data.train = draw_all("train", limited_images(train_images, spec, seed), size);
  data.test = draw_all("test", limited_images(test_images, {}, seed), size);
  return data;
}

}  // namespace evaluators::detection
