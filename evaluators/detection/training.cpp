// Stochastic gradient descent on the five losses; detections against objects.
#include "evaluators/detection/training.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>

#include "evaluators/detection/averaging.h"
#include "evaluators/evaluator.h"
#include "evaluators/optimiser.h"
#include "search_space/errors.h"

namespace evaluators::detection {

using torch::Tensor;

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// Training images in a new order on every pass.
class Order {
 public:
  Order(const InstanceImages& images, search_space::Random& random) : images_(images), random_(random) {}
  std::vector<const InstanceImage*> next(int count) {
    std::vector<const InstanceImage*> result;
    while (static_cast<int>(result.size()) < count) {
      if (left_.empty()) {
        for (const InstanceImage& image : images_) left_.push_back(&image);
        random_.shuffle(left_);
      }
      result.push_back(left_.back());
      left_.pop_back();
    }
    return result;
  }

 private:
  const InstanceImages& images_;
  search_space::Random& random_;
  std::vector<const InstanceImage*> left_;
};

void shorten_gradients(const std::vector<Tensor>& parameters, double largest) {
  at::NoGradGuard no_grad;
  double squares = 0;
  for (const Tensor& parameter : parameters)
    if (parameter.grad().defined()) squares += parameter.grad().square().sum().item<double>();
  const double norm = std::sqrt(squares);
  if (!(norm > largest)) return;
  for (const Tensor& parameter : parameters)
    if (parameter.grad().defined()) parameter.grad().mul_(largest / norm);
}

void require_objects(const InstanceData& data) {
  for (const InstanceImage& image : data.train)
    if (!image.instances.empty()) return;
  throw search_space::EnvironmentError("data '" + data.name + "': none of the " + std::to_string(data.train.size()) +
                                       " training images has an object");
}

// The quarter of the objects that is smallest decides: an anchor of the finest level is about as large as its largest.
double anchor_scale_for(const InstanceImages& images, double fallback) {
  std::vector<double> sides;
  for (const InstanceImage& image : images)
    for (const Instance& one : image.instances)
      if (!one.crowd) sides.push_back(std::sqrt(one.box.area()));
  if (sides.empty()) return fallback;
  const auto quarter = sides.begin() + static_cast<std::ptrdiff_t>(sides.size() / 4);
  std::nth_element(sides.begin(), quarter, sides.end());
  constexpr double smallest = 1, largest = 8;
  return std::clamp(*quarter / search_space::MaskRcnnGraphs::finest_stride, smallest, largest);
}

// How far a training is, by steps or by time, whichever is further; its learning rate.
class Schedule {
 public:
  Schedule(const DetectorTraining& training, double images, int batch_size)
      : training_(training), images_(images), batch_size_(batch_size) {
    constexpr double most = 1e9;
    if (training.epochs > 0) steps_ = std::clamp(std::round(training.epochs * images / batch_size), 1.0, most);
  }
  void count_step() { ++step_; }
  // At the end something else takes so long.
  void reserve(double seconds) { reserved_ = seconds; }
  double seconds() const { return seconds_since(start_); }
  double epoch() const { return step_ * batch_size_ / images_; }
  double done() const {
    double done = steps_ > 0 ? step_ / steps_ : 0;
    if (training_.seconds > 0)
      done = std::max(done, seconds() / std::max(training_.seconds - reserved_, training_.seconds / 2));
    return std::min(1.0, done);
  }
  bool over() const { return done() >= 1; }
  double rate() const {
    constexpr int parts = 1'000'000;
    return rate_at(static_cast<int>(done() * parts), parts, training_.warmup);
  }

 private:
  const DetectorTraining& training_;
  double images_, batch_size_, step_ = 0, steps_ = 0, reserved_ = 0;
  Clock::time_point start_ = Clock::now();
};

// Averages the weights, measures the average now and then, and keeps the best.
class Keeper {
 public:
  Keeper(Detector& detector, const InstanceData& data, const DetectorTraining& training)
      : detector_(detector), average_(detector, training.averaging), normalisation_(normalisation_of(data)) {
    constexpr std::size_t most_images = 100;
    if (training.validate)
      for (const InstanceImage& image : data.validation)
        if (images_.size() < most_images) images_.push_back(&image);
  }

  void after_step(Schedule& schedule) {
    constexpr double between = 0.25;
    average_.add();
    if (images_.empty() || schedule.done() < next_) return;
    next_ += between;
    const auto start = Clock::now();
    average_.exchange();
    measure();
    average_.exchange();
    schedule.reserve(seconds_since(start));
  }

  // Leaves the detector with the best weights.
  void finish(bool stopped) {
    average_.exchange();
    if (images_.empty()) return;
    if (!stopped || best_.empty()) measure();
    if (!best_.empty()) restore(detector_, best_);
  }

  double best_mask_ap() const { return best_ap_; }

 private:
  void measure() {
    const AveragePrecision masks = measure_detector(detector_, images_, normalisation_).masks;
    if (masks.ap < best_ap_ || masks.ap < 0) return;
    best_ap_ = masks.ap;
    best_ = copy_of(detector_);
  }

  Detector& detector_;
  WeightAverage average_;
  Normalisation normalisation_;
  ChosenImages images_;
  Tensors best_;
  double best_ap_ = -1, next_ = 0.5;
};

}  // namespace

DetectorSettings settings_for(const InstanceData& data) {
  constexpr int small_side = 320;
  int height = 1, width = 1;
  for (const InstanceImages* part : {&data.train, &data.validation, &data.test})
    for (const InstanceImage& image : *part) {
      height = std::max(height, image.height);
      width = std::max(width, image.width);
    }
  DetectorSettings settings;
  settings.task.height = whole_cells(height);
  settings.task.width = whole_cells(width);
  settings.task.classes = data.classes() + 1;
  settings.anchor_scale = anchor_scale_for(data.train, settings.anchor_scale);
  settings.task.detections = settings.detections.most;
  if (std::max(height, width) > small_side) return settings;
  settings.task.pyramid_width = 64;
  settings.task.box_width = 128;
  settings.task.mask_width = 48;
  settings.task.mask_layers = 2;
  settings.training_proposals = 200;
  settings.proposals.before_suppression = settings.proposals.after_suppression = settings.task.proposals = 200;
  settings.proposals.sampler.size = 128;
  settings.sampler.size = 64;
  return settings;
}

DetectorResult train_detector(Detector& detector, const InstanceData& data, const DetectorTraining& training,
                              std::uint64_t seed, const std::function<void(const DetectorProgress&)>& progress,
                              const std::atomic<bool>* stop) {
  require_objects(data);
  search_space::Random random(seed);
  auto generator = at::make_generator<at::CPUGeneratorImpl>(seed);
  const auto permutation = [&](std::int64_t count) { return at::randperm(count, generator, torch::kInt64); };
  const auto& task = detector.settings().task;
  const auto images = static_cast<double>(data.train.size());
  const int batch_size = std::min<int>(training.batch_size, static_cast<int>(data.train.size()));
  const double peak = training.learning_rate * batch_size / 8;
  Optimiser optimiser(detector.parameters(), training.momentum, training.weight_decay);
  Order order(data.train, random);
  Keeper keeper(detector, data, training);
  Schedule schedule(training, images, batch_size);
  DetectorResult result;
  double loss = 0;
  for (int step = 0; !schedule.over(); ++step) {
    if (stop && stop->load(std::memory_order_relaxed)) {
      if (step == 0) throw Stopped{};
      result.stopped = true;
      break;
    }
    const std::vector<const InstanceImage*> chosen = order.next(batch_size);
    std::vector<bool> flips;
    for (int i = 0; i < batch_size; ++i) flips.push_back(data.flip && random.below(2) == 1);
    const Batch batch = training_batch(chosen, normalisation_of(data), task.height, task.width, flips, random);
    const Tensor sum = detector.losses(batch.images, batch.extents, batch.targets, permutation).total();
    const auto value = sum.item<double>();
    if (!std::isfinite(value)) {
      result.outcome = Outcome::diverged;
      result.message = fmt::format("the loss is not finite after {:.2f} epochs", schedule.epoch());
      return result;
    }
    sum.backward();
    shorten_gradients(detector.parameters(), training.largest_gradient);
    optimiser.step(peak * schedule.rate());
    const double keep = std::min(0.95, step / (step + 1.0));
    loss = keep * loss + (1 - keep) * value;
    schedule.count_step();
    keeper.after_step(schedule);
    result.images_per_second = (step + 1.0) * batch_size / schedule.seconds();
    result.epochs = schedule.epoch();
    if (progress) progress({schedule.epoch(), loss, schedule.done(), result.images_per_second, keeper.best_mask_ap()});
  }
  keeper.finish(result.stopped);
  result.seconds = schedule.seconds();
  return result;
}

}  // namespace evaluators::detection
