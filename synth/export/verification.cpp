// Random images show what no image of the data does: values beyond the usual ones.
#include "synth/export/verification.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <fmt/format.h>

#include <algorithm>

#include "evaluators/float_conversion.h"
#include "evaluators/network.h"
#include "evaluators/training.h"
#include "synth/export/runtime.h"

namespace synth {
namespace {

constexpr int random_images = 20, test_images = 200;

std::vector<int> image_shape(const ExportInput& input) {
  const auto& shape = input.architecture.input;
  return {shape.channels, shape.height, shape.width};
}

// Indices of `count` test images at most, evenly spread.
std::vector<int> chosen(const evaluators::ImageSet& images, int count) {
  count = std::min(count, images.size());
  std::vector<int> result;
  for (int i = 0; i < count; ++i)
    result.push_back(static_cast<int>(static_cast<std::int64_t>(i) * images.size() / count));
  return result;
}

// Normalised [N, channels, height, width].
torch::Tensor normalised(const evaluators::DataSet& data, const std::vector<int>& indices) {
  std::vector<torch::Tensor> images;
  for (const int index : indices) images.push_back(evaluators::to_batch(data.test, index, 1, data, torch::kCPU));
  return at::cat(images);
}

// The golden images as reals, [N, channels, height, width].
torch::Tensor real_images(const ExportInput& input) {
  const auto& shape = input.architecture.input;
  const auto& range = input.integers->nodes.front();
  std::vector<torch::Tensor> images;
  for (const auto& image : golden_vectors(input, test_images).images) {
    const auto integers = at::from_blob(const_cast<std::int8_t*>(image.data()),
                                        {1, shape.height, shape.width, shape.channels}, at::kChar);
    images.push_back((integers.to(at::kFloat) - range.zero_point).mul(range.scale).permute({0, 3, 1, 2}));
  }
  return at::cat(images);
}

// Test images, normalised [N, channels, height, width].
torch::Tensor tests_of(const ExportInput& input) {
  return input.golden ? real_images(input) : normalised(*input.data, chosen(input.data->test, test_images));
}

std::vector<float> values(const torch::Tensor& tensor) {
  const auto plain = tensor.contiguous();
  return {plain.data_ptr<float>(), plain.data_ptr<float>() + plain.numel()};
}

std::string wrong_size(const Runtime& runtime, std::size_t found, std::size_t expected) {
  return fmt::format("{} gave {} numbers instead of {}", runtime.name, found, expected);
}

// Whether the class that `found` prefers is one of the largest of `expected`, for a `share` of the images.
template <typename Number>
Verification compare(const ExportInput& input, const Runtime& runtime,
                     const std::vector<std::vector<std::int8_t>>& expected, const std::vector<Number>& found,
                     double share) {
  const std::size_t classes = input.architecture.classes;
  if (found.size() != expected.size() * classes)
    return {false, wrong_size(runtime, found.size(), expected.size() * classes)};
  int same = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const Number* logits = found.data() + i * classes;
    same += expected[i][std::max_element(logits, logits + classes) - logits] ==
            *std::max_element(expected[i].begin(), expected[i].end());
  }
  return {same >= share * static_cast<double>(expected.size()),
          fmt::format("{}, {} test images: the integer network's class for {} of them, allowed {:g} %", runtime.name,
                      expected.size(), same, 100 * share)};
}

}  // namespace

evaluators::Network trained_network(const ExportInput& input) {
  return evaluators::finite_network(input.architecture, *input.weights, "weights of '" + input.name + "'");
}

Verification compare_logits(const ExportInput& input, const Runtime& runtime, const std::string& path, double tolerance,
                            ImageLayout layout) {
  const at::NoGradGuard no_grad;
  auto network = trained_network(input);
  const auto tests = tests_of(input);
  auto generator = at::make_generator<at::CPUGeneratorImpl>(1);
  const auto& shape = input.architecture.input;
  const auto noise = at::empty({random_images, shape.channels, shape.height, shape.width}).normal_(0.0, 1.0, generator);
  const auto images = at::cat({noise, tests.contiguous()});
  const auto expected = network.forward(images.contiguous(at::MemoryFormat::ChannelsLast), /*training=*/false);
  const auto given = layout == ImageLayout::channels_last ? images.permute({0, 2, 3, 1}) : images;
  const auto found = run_model(runtime, path, image_shape(input), values(given));
  if (static_cast<std::int64_t>(found.size()) != expected.numel())
    return {false, wrong_size(runtime, found.size(), expected.numel())};
  const auto difference = at::from_blob(const_cast<float*>(found.data()), expected.sizes()) - expected;
  const double relative = difference.abs().max().item<double>() / expected.abs().max().item<double>();
  return {relative <= tolerance,
          fmt::format("{}, {} random and {} test images: logits differ by at most {:.2g} of the largest, allowed {:g}",
                      runtime.name, random_images, tests.size(0), relative, tolerance)};
}

Verification compare_decisions(const ExportInput& input, const Runtime& runtime, const std::string& path,
                               double share) {
  const auto found = run_model(runtime, path, image_shape(input), values(tests_of(input)));
  return compare(input, runtime, golden_vectors(input, test_images).logits, found, share);
}

Verification compare_integers(const ExportInput& input, const Runtime& runtime, const std::string& path, double share) {
  const GoldenVectors golden = golden_vectors(input, test_images);
  std::string images;
  for (const auto& image : golden.images) images.append(reinterpret_cast<const char*>(image.data()), image.size());
  const std::string found = run_model(runtime, path, image_shape(input), images);
  Verification result =
      compare(input, runtime, golden.logits, std::vector<std::int8_t>(found.begin(), found.end()), share);
  int largest = 0;
  std::size_t at = 0;
  for (const auto& logits : golden.logits)
    for (const auto expected : logits)
      if (at < found.size()) largest = std::max(largest, std::abs(static_cast<std::int8_t>(found[at++]) - expected));
  result.statement += fmt::format("; logits differ by at most {} of 255 steps", largest);
  return result;
}

}  // namespace synth
