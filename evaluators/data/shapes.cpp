// The embedded data set: procedural colour images of ten shapes. Colours, place, size, rotation, gradients, noise and
// clutter are drawn independently of the class, so that only the form tells the classes apart.
#include <tbb/parallel_for.h>

#include <algorithm>
#include <array>

#include "evaluators/data/drawing.h"
#include "evaluators/data/loading.h"

namespace evaluators {

using namespace drawing;
using search_space::Random;
using search_space::stream_seed;

namespace {

constexpr int train_images = 8000;
constexpr int test_images = 1000;
constexpr std::uint64_t data_seed = 20190801;  // of the data set itself; the run's seed only splits it

void draw(int shape, std::uint64_t seed, int size, std::uint8_t* out) {
  Random random(seed);
  Scene scene = empty_scene(random);
  // Clutter: small discs, squares and triangles of any colour, beneath the shape.
  for (int left = random.below(4); left > 0; --left) {
    constexpr std::array<int, 3> clutter = {0, 3, 4};
    scene.marks.push_back(random_mark(random, clutter[random.below(3)], 0.08, 0.2, 0.9));
    scene.marks.back().colour = scene.marks.back().far_colour = random_colour(random);
  }
  scene.marks.push_back(random_mark(random, shape, 0.45, 0.85, 0.5));
  scene.marks.back().colour = lighter(random, scene.background, 0.3);
  scene.marks.back().far_colour = nearby(random, scene.marks.back().colour, 0.15);
  render(scene, random, size, out);
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
