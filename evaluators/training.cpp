// Stochastic gradient descent over augmented batches, and the measuring of accuracy.
#include "evaluators/training.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>

#include "evaluators/batches.h"
#include "evaluators/optimiser.h"
#include "search_space/random.h"

namespace evaluators {

using torch::Tensor;

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

bool is_memory_error(const std::exception& error) {
  const std::string_view what = error.what();
  return what.find("out of memory") != std::string_view::npos || what.find("allocate memory") != std::string_view::npos;
}

// Smoothed training loss and accuracy, read back from the device only when they are needed.
class Meter {
 public:
  void add(const Tensor& loss, const Tensor& correct) {
    const double keep = std::min(0.95, count_ / (count_ + 1.0));
    loss_ = keep * loss_ + (1 - keep) * loss.item<double>();
    accuracy_ = keep * accuracy_ + (1 - keep) * correct.item<double>();
    ++count_;
  }
  double loss() const { return loss_; }
  double accuracy() const { return accuracy_; }

 private:
  double loss_ = 0, accuracy_ = 0;
  int count_ = 0;
};

struct Run {
  Network& network;
  const DataSet& data;
  TrainingSettings settings;
  const std::function<void(const Progress&)>& progress;
  const std::atomic<bool>* stop;
};

TrainingResult run_steps(const Run& run, std::uint64_t seed) {
  TrainingSettings settings = run.settings;
  settings.batch_size = std::min(settings.batch_size, run.data.train.size());  // the learning rate follows it
  const int batch = settings.batch_size;
  const int steps = static_cast<int>(std::clamp(std::round(settings.epochs * run.data.train.size() / batch), 1.0, 1e9));
  const bool bf16 = settings.bf16 && (!run.network.device().is_cpu() || cpu_has_bf16());
  BatchStream stream(run.data, batch, settings.augment, seed);
  const double peak = settings.learning_rate * settings.batch_size / 128.0;
  Optimiser optimiser(run.network.parameters(), settings.momentum, settings.weight_decay);
  Meter meter;
  const auto start = Clock::now();
  auto reported = start;
  for (int step = 0; step < steps; ++step) {
    if (run.stop && run.stop->load(std::memory_order_relaxed)) throw Stopped{};
    auto [images, labels] = stream.next(bf16 ? torch::kBFloat16 : torch::kFloat32, run.network.device());
    const Tensor logits = run.network.forward(images, /*training=*/true);
    const Tensor loss = at::cross_entropy_loss(logits, labels, {}, at::Reduction::Mean, -100, settings.label_smoothing);
    loss.backward();
    optimiser.step(peak * rate_at(step, steps, settings.warmup));
    meter.add(loss.detach(), logits.detach().argmax(1).eq(labels).to(torch::kFloat32).mean());
    const double epoch = double(step + 1) * batch / run.data.train.size();
    if (!std::isfinite(meter.loss()))
      return {Outcome::diverged, fmt::format("the loss is not finite after {:.2f} epochs", epoch), meter.loss()};
    if (settings.time_limit_seconds > 0 && seconds_since(start) > settings.time_limit_seconds)
      return {
          Outcome::timed_out,
          fmt::format("{:.2f} of {} epochs in the limit of {} s", epoch, settings.epochs, settings.time_limit_seconds),
          meter.loss()};
    if (run.progress && (seconds_since(reported) > 0.25 || step + 1 == steps)) {
      run.progress({epoch, settings.epochs, meter.accuracy()});
      reported = Clock::now();
    }
  }
  return {Outcome::trained, {}, meter.loss()};
}

}  // namespace

TrainingResult train(Network& network, const DataSet& data, const TrainingSettings& settings, std::uint64_t seed,
                     const std::function<void(const Progress&)>& progress, const std::atomic<bool>* stop) {
  if (network.device().is_cpu()) network.set_memory_format_channels_last();
  try {
    return run_steps({network, data, settings, progress, stop}, seed);
  } catch (const std::bad_alloc&) {
    return {Outcome::out_of_memory, "no memory left for a training step", 0};
  } catch (const std::exception& error) {
    if (!is_memory_error(error)) throw;
    return {Outcome::out_of_memory, "no memory left for a training step", 0};
  }
}

std::vector<std::int32_t> predictions(const std::function<Tensor(const Tensor&)>& logits, const ImageSet& images,
                                      const DataSet& data, torch::Device device) {
  constexpr int batch = 250;
  at::NoGradGuard no_grad;
  std::vector<std::int32_t> result;
  for (int first = 0; first < images.size(); first += batch) {
    const int count = std::min(batch, images.size() - first);
    const Tensor classes = logits(to_batch(images, first, count, data, device)).argmax(1).cpu();
    const auto* found = classes.data_ptr<std::int64_t>();
    for (int i = 0; i < count; ++i) result.push_back(static_cast<std::int32_t>(found[i]));
  }
  return result;
}

double fraction_right(const std::vector<std::int32_t>& predicted, const ImageSet& images) {
  std::int64_t correct = 0;
  for (std::size_t i = 0; i < predicted.size(); ++i) correct += predicted[i] == images.labels[i];
  return predicted.empty() ? 0.0 : static_cast<double>(correct) / static_cast<double>(predicted.size());
}

double accuracy(const std::function<Tensor(const Tensor&)>& logits, const ImageSet& images, const DataSet& data,
                torch::Device device) {
  return fraction_right(predictions(logits, images, data, device), images);
}

}  // namespace evaluators
