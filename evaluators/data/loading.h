// What the loaders of the data kinds share; internal to evaluators/data.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "evaluators/data/dataset.h"
#include "search_space/random.h"

namespace evaluators {

// One kind's images before validation and probe are split off the training part.
struct LoadedData {
  std::vector<std::string> class_names;
  ImageSet train, test;
  ImageSet validation;  // empty where it is to be split off
  Augmentation augmentation;
  std::vector<std::string> notes;  // as in DataSet
};

LoadedData load_shapes(const DataSpec& spec, std::uint64_t seed);
LoadedData load_idx(const DataSpec& spec, std::uint64_t seed);
LoadedData load_cifar10(const DataSpec& spec, std::uint64_t seed);
LoadedData load_image_folder(const DataSpec& spec, std::uint64_t seed);

// EnvironmentError unless the directory exists and can be listed.
void require_directory(const std::filesystem::path& directory, const DataSpec& spec);

// EnvironmentError unless it is a regular file or a link to one: a pipe would be waited for, for ever.
void require_regular_file(const std::filesystem::path& path);

// --- splits.cpp

// Fewest training images of a class: two for validation, one for the probe, one to train on.
inline constexpr int fewest_per_class = 4;

// Number of classes to use of `available`; InputError if spec.classes asks for more.
int chosen_classes(const DataSpec& spec, int available);

// Ascending indices of the labels that spec.limit and `classes` leave, evenly over classes and drawn from `seed`.
std::vector<int> limited(const std::vector<std::int32_t>& labels, const DataSpec& spec, int classes,
                         std::uint64_t seed);

// Indices of each class, in seeded random order.
std::vector<std::vector<int>> shuffled_by_class(const std::vector<std::int32_t>& labels, int classes,
                                                search_space::Random& random);

// Images per class that make up `wanted` in proportion to `available` (largest remainders), at least `least` each.
std::vector<int> proportional_quotas(const std::vector<int>& available, int wanted, int least);

// Keeps the images at `ascending` only, in place.
void keep(ImageSet& images, const std::vector<int>& ascending);

// Keeps what spec.limit and spec.classes leave of training and test images.
void apply_limits(LoadedData& data, const DataSpec& spec, std::uint64_t seed);

// Splits validation and probe off data.train. Throws if a class has fewer than fewest_per_class images.
void split(LoadedData&& loaded, const DataSpec& spec, std::uint64_t seed, DataSet& data);

// --- resample.cpp

// Scales the height x width x channels image so that its shorter side is `size` (triangle filter, widened when
// shrinking so that nothing aliases), and writes the central size x size crop to `out`.
void resize_and_crop(const std::uint8_t* pixels, int channels, int height, int width, int size, std::uint8_t* out);
void resize_and_crop(ImageSet& images, int size);
// To out_height x out_width, with the same filter.
void resize(const std::uint8_t* pixels, int channels, int height, int width, int out_height, int out_width,
            std::uint8_t* out);

}  // namespace evaluators
