// The embedded data set: fixed, and not to be told apart by a linear classifier.
#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "data_fixtures.h"
#include "search_space/random.h"

using namespace data_fixtures;
using evaluators::DataSet;
using evaluators::ImageSet;

namespace {

// Softmax regression on normalised raw pixels, by stochastic gradient descent.
class LinearClassifier {
 public:
  LinearClassifier(const DataSet& data, int classes)
      : data_(data),
        classes_(classes),
        bytes_(data.train.image_bytes()),
        weights_(classes * (bytes_ + 1), 0.0F),
        features_(bytes_ + 1, 1.0F),
        logits_(classes) {}

  void train_epoch(float rate, search_space::Random& random) {
    std::vector<int> order(data_.train.size());
    std::iota(order.begin(), order.end(), 0);
    random.shuffle(order);
    for (int index : order) {
      score(data_.train, index);
      const float largest = *std::max_element(logits_.begin(), logits_.end());
      float sum = 0;
      for (float& logit : logits_) sum += logit = std::exp(logit - largest);
      for (int c = 0; c < classes_; ++c) {
        const float step = rate * (float(c == data_.train.labels[index]) - logits_[c] / sum);
        float* row = &weights_[c * features_.size()];
        for (std::size_t i = 0; i < features_.size(); ++i) row[i] += step * features_[i];
      }
    }
  }

  double accuracy(const ImageSet& images) {
    int right = 0;
    for (int i = 0; i < images.size(); ++i) {
      score(images, i);
      right += std::max_element(logits_.begin(), logits_.end()) - logits_.begin() == images.labels[i];
    }
    return static_cast<double>(right) / images.size();
  }

 private:
  void score(const ImageSet& images, int index) {
    const std::uint8_t* pixels = images.image(index);
    for (std::size_t i = 0; i < bytes_; ++i)
      features_[i] = (pixels[i] / 255.0F - data_.mean[i % 3]) / data_.deviation[i % 3];
    for (int c = 0; c < classes_; ++c)
      logits_[c] = std::inner_product(features_.begin(), features_.end(), &weights_[c * features_.size()], 0.0F);
  }

  const DataSet& data_;
  int classes_;
  std::size_t bytes_;
  std::vector<float> weights_, features_, logits_;
};

}  // namespace

TEST_CASE("shapes are the same images on every call, and other images in every split", "[data]") {
  const DataSet data = load("shapes", 1);
  CHECK(data.train.size() + data.validation.size() + data.probe.size() == 8000);
  CHECK(data.test.size() == 1000);
  CHECK(data.train.channels == 3);
  CHECK(data.train.height == 32);
  CHECK(data.train.width == 32);
  CHECK(data.classes() == 10);
  CHECK(load("shapes", 1).fingerprint == data.fingerprint);
  CHECK(load("shapes", 2).test.pixels == data.test.pixels);
  std::map<int, int> counts;
  for (int label : data.test.labels) ++counts[label];
  for (const auto& [label, count] : counts) CHECK(count == 100);
  CHECK(std::search(data.train.pixels.begin(), data.train.pixels.begin() + 3072 * 100, data.test.image(0),
                    data.test.image(1)) == data.train.pixels.begin() + 3072 * 100);
}

TEST_CASE("shapes are drawn at the size asked for", "[data]") {
  const DataSet data = load("shapes,size=48,limit=80,classes=8");
  CHECK(data.train.height == 48);
  CHECK(data.classes() == 8);
  CHECK(data.augmentation.shift == 3);
}

TEST_CASE("colour tells nothing about the shape", "[data]") {
  const DataSet data = load("shapes");
  std::vector<double> mean(10, 0);
  for (int i = 0; i < data.train.size(); ++i) {
    const auto* image = data.train.image(i);
    mean[data.train.labels[i]] += std::accumulate(image, image + 3072, 0.0) / 3072 / 255 / (data.train.size() / 10.0);
  }
  // Only the share of the image that a shape covers differs.
  const auto [least, most] = std::minmax_element(mean.begin(), mean.end());
  CHECK(*most - *least < 0.12);
}

TEST_CASE("a linear classifier on shapes' pixels stays under 45 %", "[data]") {
  const DataSet data = load("shapes");
  LinearClassifier classifier(data, 10);
  search_space::Random random(7);
  double best = 0;
  for (float rate : {1e-4F, 5e-5F, 2e-5F, 1e-5F}) {
    classifier.train_epoch(rate, random);
    best = std::max(best, classifier.accuracy(data.validation));
  }
  INFO("best validation accuracy " << best);
  CHECK(best > 0.15);  // it does learn what there is to learn
  CHECK(best < 0.45);
}
