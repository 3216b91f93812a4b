// Matching of detections to objects per image, category, area range and overlap; then precision over recall.
#include "evaluators/detection/average_precision.h"

#include <algorithm>
#include <array>
#include <map>
#include <numeric>

namespace evaluators::detection {
namespace {

constexpr int overlaps = 10, recalls = 101, most_detections = 100;
constexpr double no_limit = 1e10;

struct AreaRange {
  double least, most;
  bool holds(double area) const { return area >= least && area <= most; }
};
constexpr std::array<AreaRange, 4> ranges = {{{0, no_limit}, {0, 32 * 32}, {32 * 32, 96 * 96}, {96 * 96, no_limit}}};

double overlap_at(int index) {
  return 0.5 + 0.05 * index;
}

double shared_box_area(const Box& a, const Box& b) {
  const double width = std::min(a.x2, b.x2) - std::max(a.x1, b.x1),
               height = std::min(a.y2, b.y2) - std::max(a.y1, b.y1);
  return std::max(0.0, width) * std::max(0.0, height);
}

// Objects and detections of one image and category.
struct Scene {
  std::vector<const Truth*> truths;
  std::vector<const Detection*> detections;
};

// What became of a detection: per area range a bit for each overlap.
struct Outcome {
  double score = 0;
  std::array<std::uint16_t, ranges.size()> right = {}, ignored = {};
};

// The detections of one category, in the order of images, and how many objects there are to find.
struct Category {
  std::vector<Outcome> outcomes;
  std::array<std::int64_t, ranges.size()> objects = {};
};

class SceneMatcher {
 public:
  SceneMatcher(const Scene& scene, Overlap overlap) : scene_(scene), found_(scene.detections.size()) {
    for (const Truth* truth : scene.truths)
      truth_areas_.push_back(overlap == Overlap::boxes ? truth->box.area() : double(mask_area(truth->mask)));
    for (const Detection* detection : scene.detections)
      areas_.push_back(overlap == Overlap::boxes ? detection->box.area() : double(mask_area(detection->mask)));
    fill_overlaps(overlap);
  }

  void add_to(Category& category) {
    for (std::size_t i = 0; i < found_.size(); ++i) found_[i].score = scene_.detections[i]->score;
    for (std::size_t range = 0; range < ranges.size(); ++range) {
      const auto ignored = [&](int t) {
        return scene_.truths[t]->crowd || !ranges[range].holds(scene_.truths[t]->area);
      };
      std::vector<int> order(scene_.truths.size());
      std::iota(order.begin(), order.end(), 0);
      const auto counted = std::stable_partition(order.begin(), order.end(), [&](int t) { return !ignored(t); });
      category.objects[range] += counted - order.begin();
      for (int threshold = 0; threshold < overlaps; ++threshold)
        match(range, threshold, order, static_cast<std::size_t>(counted - order.begin()));
    }
    category.outcomes.insert(category.outcomes.end(), found_.begin(), found_.end());
  }

 private:
  double& overlap(std::size_t detection, std::size_t truth) {
    return overlaps_[detection * scene_.truths.size() + truth];
  }

  void fill_overlaps(Overlap kind) {
    overlaps_.resize(scene_.detections.size() * scene_.truths.size());
    std::vector<Box> boxes, truth_boxes;
    for (const Detection* d : scene_.detections) boxes.push_back(kind == Overlap::boxes ? d->box : mask_box(d->mask));
    for (const Truth* t : scene_.truths) truth_boxes.push_back(kind == Overlap::boxes ? t->box : mask_box(t->mask));
    for (std::size_t d = 0; d < boxes.size(); ++d)
      for (std::size_t t = 0; t < truth_boxes.size(); ++t) {
        double shared = shared_box_area(boxes[d], truth_boxes[t]);
        if (shared > 0 && kind == Overlap::masks)
          shared = static_cast<double>(shared_area(scene_.detections[d]->mask, scene_.truths[t]->mask));
        // A detection within a crowd region need not cover it.
        const double whole = scene_.truths[t]->crowd ? areas_[d] : areas_[d] + truth_areas_[t] - shared;
        overlap(d, t) = whole > 0 ? shared / whole : 0;
      }
  }

  // Detections by falling score; each takes the object left that it overlaps most, one that counts before one that does
  // not (`order` from `counted` on). Crowd regions are never used up.
  void match(std::size_t range, int threshold, const std::vector<int>& order, std::size_t counted) {
    const auto bit = static_cast<std::uint16_t>(1u << threshold);
    std::vector<char> taken(order.size(), 0);
    for (std::size_t d = 0; d < found_.size(); ++d) {
      double best = std::min(overlap_at(threshold), 1 - 1e-10);
      std::size_t chosen = order.size();
      for (std::size_t i = 0; i < order.size(); ++i) {
        if (i >= counted && chosen < counted) break;
        if (taken[i] && !scene_.truths[order[i]]->crowd) continue;
        if (overlap(d, order[i]) < best) continue;
        best = overlap(d, order[i]);
        chosen = i;
      }
      if (chosen < order.size()) {
        taken[chosen] = 1;
        (chosen < counted ? found_[d].right : found_[d].ignored)[range] |= bit;
      } else if (!ranges[range].holds(areas_[d])) {
        found_[d].ignored[range] |= bit;
      }
    }
  }

  const Scene& scene_;
  std::vector<double> overlaps_, areas_, truth_areas_;
  std::vector<Outcome> found_;
};

// Mean precision over the recalls 0, 0.01, ... 1, precision at a recall being the best at any higher one. `outcomes` by
// falling score.
double mean_precision(const std::vector<Outcome>& outcomes, std::size_t range, int threshold, std::int64_t objects) {
  std::vector<double> recall, precision;
  std::int64_t right = 0, wrong = 0;
  for (const Outcome& outcome : outcomes) {
    if (outcome.ignored[range] >> threshold & 1) continue;
    (outcome.right[range] >> threshold & 1 ? right : wrong) += 1;
    recall.push_back(static_cast<double>(right) / static_cast<double>(objects));
    precision.push_back(static_cast<double>(right) / static_cast<double>(right + wrong));
  }
  for (std::size_t i = precision.size(); i-- > 1;) precision[i - 1] = std::max(precision[i - 1], precision[i]);
  double sum = 0;
  std::size_t at = 0;
  for (int i = 0; i < recalls; ++i) {
    while (at < recall.size() && recall[at] < i * 0.01) ++at;
    if (at < recall.size()) sum += precision[at];
  }
  return sum / recalls;
}

// Mean over the categories that have objects in `range`, and the overlaps [first, last).
double mean_over(const std::vector<Category>& categories, std::size_t range, int first, int last) {
  double sum = 0;
  int count = 0;
  for (const Category& category : categories) {
    if (category.objects[range] == 0) continue;
    for (int threshold = first; threshold < last; ++threshold, ++count)
      sum += mean_precision(category.outcomes, range, threshold, category.objects[range]);
  }
  return count == 0 ? -1 : sum / count;
}

}  // namespace

AveragePrecision average_precision(const std::vector<Truth>& truths, const std::vector<Detection>& detections,
                                   Overlap overlap) {
  std::map<int, std::map<int, Scene>> scenes;  // by category, then image
  for (const Truth& truth : truths) scenes[truth.category][truth.image].truths.push_back(&truth);
  for (const Detection& detection : detections)
    scenes[detection.category][detection.image].detections.push_back(&detection);
  std::vector<Category> categories;
  for (auto& [category, by_image] : scenes) {
    Category& all = categories.emplace_back();
    for (auto& [image, scene] : by_image) {
      std::stable_sort(scene.detections.begin(), scene.detections.end(),
                       [](const Detection* a, const Detection* b) { return a->score > b->score; });
      scene.detections.resize(std::min<std::size_t>(scene.detections.size(), most_detections));
      SceneMatcher(scene, overlap).add_to(all);
    }
    std::stable_sort(all.outcomes.begin(), all.outcomes.end(),
                     [](const Outcome& a, const Outcome& b) { return a.score > b.score; });
  }
  constexpr int at50 = 0, at75 = 5;
  return {mean_over(categories, 0, 0, overlaps),    mean_over(categories, 0, at50, at50 + 1),
          mean_over(categories, 0, at75, at75 + 1), mean_over(categories, 1, 0, overlaps),
          mean_over(categories, 2, 0, overlaps),    mean_over(categories, 3, 0, overlaps)};
}

}  // namespace evaluators::detection
