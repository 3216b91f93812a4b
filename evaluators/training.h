// Training and measuring one network on one data set.
#pragma once

#include <atomic>
#include <functional>

#include "evaluators/data/dataset.h"
#include "evaluators/evaluator.h"
#include "evaluators/network.h"

namespace evaluators {

struct TrainingSettings {
  double epochs = 3;  // passes over the training split, fractional allowed
  int batch_size = 128;
  double learning_rate = 0.2;  // peak, for batch_size 128; SGD with Nesterov momentum, cosine schedule
  double warmup = 0.15;        // fraction of the steps with linear warm-up
  double momentum = 0.9;
  double weight_decay = 5e-4;  // not on batch norm, scales and biases
  double label_smoothing = 0.1;
  bool augment = false;           // as the data allow
  bool bf16 = true;               // where the processor has it
  double time_limit_seconds = 0;  // 0 = none; exceeding it is Outcome::timed_out
};

struct TrainingResult {
  Outcome outcome = Outcome::trained;
  std::string message;
  double final_loss = 0;  // smoothed training loss at the end
};

// Data order and augmentation are drawn from `seed`. Throws Stopped when *stop becomes true.
TrainingResult train(Network& network, const DataSet& data, const TrainingSettings& settings, std::uint64_t seed,
                     const std::function<void(const Progress&)>& progress = {},
                     const std::atomic<bool>* stop = nullptr);

// Normalised float batch [count, C, H, W] (channels-last) of images[first, first + count).
torch::Tensor to_batch(const ImageSet& images, int first, int count, const DataSet& data, torch::Device device);

// Per image the class with the largest logit.
std::vector<std::int32_t> predictions(const std::function<torch::Tensor(const torch::Tensor&)>& logits,
                                      const ImageSet& images, const DataSet& data, torch::Device device);
// Fraction of images that these predictions are right of; 0 of none.
double fraction_right(const std::vector<std::int32_t>& predicted, const ImageSet& images);
// Fraction of `images` whose class has the largest logit.
double accuracy(const std::function<torch::Tensor(const torch::Tensor&)>& logits, const ImageSet& images,
                const DataSet& data, torch::Device device);

}  // namespace evaluators
