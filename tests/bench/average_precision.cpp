// Images a second whose detections are judged, 100 each against 20 objects, by boxes and by masks of 640 x 480.
#include "evaluators/detection/average_precision.h"

#include <fmt/format.h>

#include <cmath>
#include <ctime>

#include "search_space/random.h"

using namespace evaluators::detection;

namespace {

// A polygon of 16 corners about the box's centre.
Mask blob(const Box& box, search_space::Random& random) {
  std::vector<double> polygon;
  for (int i = 0; i < 16; ++i) {
    const double angle = i * 2 * 3.14159265358979 / 16, radius = 0.35 + 0.15 * random.uniform();
    polygon.push_back((box.x1 + box.x2) / 2 + radius * (box.x2 - box.x1) * std::cos(angle));
    polygon.push_back((box.y1 + box.y2) / 2 + radius * (box.y2 - box.y1) * std::sin(angle));
  }
  return rasterised(polygon, 480, 640);
}

}  // namespace

int main() {
  constexpr int images = 1000, objects = 20, found = 100, categories = 80;
  search_space::Random random(1);
  std::vector<Truth> truths;
  std::vector<Detection> detections;
  for (int image = 0; image < images; ++image) {
    for (int i = 0; i < objects; ++i) {
      const double x = random.below(500), y = random.below(350);
      const Box box{x, y, x + 10 + random.below(130), y + 10 + random.below(120)};
      truths.push_back({image, random.below(categories), box, blob(box, random), box.area(), random.below(50) == 0});
    }
    for (int i = 0; i < found; ++i) {
      Truth& truth = truths[truths.size() - 1 - random.below(objects)];
      Box box = truth.box;
      box.x1 -= random.below(10);
      box.y2 -= random.below(8);
      detections.push_back({image, truth.category, random.uniform(), box, blob(box, random)});
    }
  }
  for (const Overlap overlap : {Overlap::boxes, Overlap::masks}) {
    const std::clock_t start = std::clock();  // processor time: other work on the machine does not count
    const AveragePrecision result = average_precision(truths, detections, overlap);
    const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    fmt::print("{}: {:.0f} images/s ({} images with {} detections in {:.2f} s; AP {:.4f})\n",
               overlap == Overlap::boxes ? "boxes" : "masks", images / seconds, images, found, seconds, result.ap);
  }
}
