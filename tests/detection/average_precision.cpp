// COCO's average precision on cases worked by hand.
#include "evaluators/detection/average_precision.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "search_space/random.h"

using namespace evaluators::detection;

namespace {

Mask block(const Box& box, int side = 200) {
  return rasterised({box.x1, box.y1, box.x2, box.y1, box.x2, box.y2, box.x1, box.y2}, side, side);
}

Truth object(int image, int category, const Box& box, bool crowd = false) {
  return {image, category, box, block(box), box.area(), crowd};
}

Detection found(int image, int category, double score, const Box& box) {
  return {image, category, score, box, block(box)};
}

// Boxes and masks of rectangles have the same overlaps.
AveragePrecision scored(const std::vector<Truth>& truths, const std::vector<Detection>& detections) {
  const AveragePrecision boxes = average_precision(truths, detections, Overlap::boxes);
  const AveragePrecision masks = average_precision(truths, detections, Overlap::masks);
  CHECK(boxes.ap == Approx(masks.ap));
  CHECK(boxes.ap50 == Approx(masks.ap50));
  CHECK(boxes.ap75 == Approx(masks.ap75));
  CHECK(boxes.small == Approx(masks.small));
  CHECK(boxes.medium == Approx(masks.medium));
  CHECK(boxes.large == Approx(masks.large));
  return boxes;
}

const Box square{0, 0, 50, 50}, other{100, 100, 150, 150};

}  // namespace

TEST_CASE("found exactly, all is 1; nothing found is 0; nothing to find is -1", "[detection][ap]") {
  const auto perfect =
      scored({object(0, 0, square), object(1, 0, other)}, {found(0, 0, 0.9, square), found(1, 0, 0.2, other)});
  CHECK(perfect.ap == Approx(1));
  CHECK(perfect.medium == Approx(1));
  CHECK(perfect.small == -1);
  CHECK(perfect.large == -1);
  CHECK(scored({object(0, 0, square)}, {}).ap == 0);
  CHECK(scored({}, {found(0, 0, 0.9, square)}).ap == -1);
  CHECK(scored({}, {}).ap50 == -1);
}

TEST_CASE("an overlap of 0.8 counts up to 0.8", "[detection][ap]") {
  const auto result = scored({object(0, 0, square)}, {found(0, 0, 0.9, {0, 0, 50, 40})});
  CHECK(result.ap50 == Approx(1));
  CHECK(result.ap75 == Approx(1));
  CHECK(result.ap == Approx(0.7));  // 0.50, 0.55, ... 0.80
}

TEST_CASE("precision is read at 101 recalls, as the best at any higher one", "[detection][ap]") {
  // Right, wrong, right, of two objects: precision 1 up to recall 0.5 (51 recalls), 2/3 up to 1 (50).
  const std::vector<Truth> truths = {object(0, 0, square), object(1, 0, square)};
  const auto result = scored(truths, {found(0, 0, 0.9, square), found(0, 0, 0.8, other), found(1, 0, 0.7, square)});
  CHECK(result.ap50 == Approx((51 + 50 * 2.0 / 3) / 101));
  // Only the first is found: recalls above 0.5 have precision 0.
  CHECK(scored(truths, {found(0, 0, 0.9, square)}).ap50 == Approx(51.0 / 101));
  // Wrong first: precision 1/2 at every recall up to 0.5.
  CHECK(scored(truths, {found(0, 0, 0.9, other), found(0, 0, 0.8, square)}).ap50 == Approx(51 * 0.5 / 101));
}

TEST_CASE("an object is found once; the second detection of it is wrong", "[detection][ap]") {
  const std::vector<Truth> truths = {object(0, 0, square), object(1, 0, square)};
  const auto result = scored(truths, {found(0, 0, 0.9, square), found(0, 0, 0.8, square), found(1, 0, 0.7, square)});
  CHECK(result.ap50 == Approx((51 + 50 * 2.0 / 3) / 101));
}

TEST_CASE("a detection takes the object that it overlaps most", "[detection][ap]") {
  // The first detection overlaps both; the second only the other one.
  const Box left{0, 0, 50, 50}, right{10, 0, 60, 50};
  CHECK(scored({object(0, 0, left), object(0, 0, right)}, {found(0, 0, 0.9, right), found(0, 0, 0.8, left)}).ap ==
        Approx(1));
}

TEST_CASE("detections within a crowd region are neither right nor wrong", "[detection][ap]") {
  const Box crowd{60, 60, 190, 190};
  const std::vector<Truth> truths = {object(0, 0, square), object(0, 0, crowd, true)};
  const auto result = scored(
      truths, {found(0, 0, 0.95, {70, 70, 90, 90}), found(0, 0, 0.94, {100, 100, 150, 150}), found(0, 0, 0.9, square)});
  CHECK(result.ap == Approx(1));
  // Half outside it, a detection is wrong at 0.55 and above, and ignored at 0.50.
  const auto half = scored(truths, {found(0, 0, 0.95, {50, 70, 70, 90}), found(0, 0, 0.9, square)});
  CHECK(half.ap50 == Approx(1));
  CHECK(half.ap75 == Approx(0.5));
  // A crowd alone is nothing to find.
  CHECK(scored({object(0, 0, crowd, true)}, {found(0, 0, 0.9, square)}).ap == -1);
}

TEST_CASE("sizes: objects of other sizes are neither found nor missed", "[detection][ap]") {
  const Box small{0, 0, 20, 20}, medium{50, 50, 100, 100}, large{60, 60, 190, 190};
  const std::vector<Truth> truths = {object(0, 0, small), object(0, 0, medium), object(1, 0, large)};
  const auto result =
      scored(truths, {found(0, 0, 0.9, medium), found(1, 0, 0.8, large), found(1, 0, 0.7, {0, 0, 10, 10})});
  CHECK(result.small == 0);
  CHECK(result.medium == Approx(1));
  CHECK(result.large == Approx(1));
  // A wrong detection counts against its own size alone.
  const auto wrong = scored(truths, {found(0, 0, 0.95, {150, 0, 199, 49}), found(0, 0, 0.9, medium),
                                     found(0, 0, 0.9, small), found(1, 0, 0.8, large)});
  CHECK(wrong.medium == Approx(0.5));
  CHECK(wrong.small == Approx(1));
  CHECK(wrong.large == Approx(1));
}

TEST_CASE("the annotated area says what size an object has", "[detection][ap]") {
  Truth truth = object(0, 0, square);
  truth.area = 100;
  const auto result = scored({truth}, {found(0, 0, 0.9, square)});
  CHECK(result.small == Approx(1));
  CHECK(result.medium == -1);
}

TEST_CASE("categories are judged apart and averaged; one without objects does not count", "[detection][ap]") {
  const std::vector<Truth> truths = {object(0, 0, square), object(0, 7, other)};
  CHECK(scored(truths, {found(0, 0, 0.9, square), found(0, 7, 0.9, square)}).ap50 == Approx(0.5));
  CHECK(scored(truths, {found(0, 0, 0.9, square), found(0, 7, 0.9, other), found(0, 3, 1, square)}).ap50 == Approx(1));
}

TEST_CASE("the hundred best detections of an image count", "[detection][ap]") {
  std::vector<Detection> detections = {found(0, 0, 0.1, square)};
  for (int i = 0; i < 99; ++i) detections.push_back(found(0, 0, 0.5, other));
  CHECK(average_precision({object(0, 0, square)}, detections, Overlap::boxes).ap50 == Approx(0.01));
  detections.push_back(found(0, 0, 0.5, other));
  CHECK(average_precision({object(0, 0, square)}, detections, Overlap::boxes).ap50 == 0);
}

TEST_CASE("masks are compared where boxes cannot tell", "[detection][ap]") {
  // Two triangles that share a box: their overlap is nothing.
  Truth truth = object(0, 0, square);
  truth.mask = rasterised({0, 0, 50, 0, 0, 50}, 200, 200);
  Detection detection = found(0, 0, 0.9, square);
  detection.mask = rasterised({50, 50, 50, 0, 0, 50}, 200, 200);
  CHECK(average_precision({truth}, {detection}, Overlap::boxes).ap == Approx(1));
  CHECK(average_precision({truth}, {detection}, Overlap::masks).ap == 0);
}

TEST_CASE("the order of objects, images and detections does not matter where scores differ", "[detection][ap]") {
  search_space::Random random(4);
  std::vector<Truth> truths;
  std::vector<Detection> detections;
  for (int i = 0; i < 150; ++i) {
    const double x = random.below(150), y = random.below(150);
    const Box box{x, y, x + 5 + random.below(40), y + 5 + random.below(40)};
    const int image = random.below(10), category = random.below(3);
    truths.push_back(object(image, category, box, random.below(20) == 0));
    const double dx = random.below(8), dy = random.below(8);
    detections.push_back(found(image, category, random.uniform(), {box.x1 + dx, box.y1 + dy, box.x2 + dx, box.y2}));
  }
  const auto before = average_precision(truths, detections, Overlap::masks);
  CHECK(before.ap > 0.05);
  CHECK(before.ap < 0.95);
  random.shuffle(truths);
  random.shuffle(detections);
  const auto after = average_precision(truths, detections, Overlap::masks);
  CHECK(after.ap == Approx(before.ap));
  CHECK(after.small == Approx(before.small));
}
