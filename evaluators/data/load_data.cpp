// Loads a data set: the kind's own loader, then splits, statistics and fingerprint.
#include <tbb/blocked_range.h>
#include <tbb/parallel_reduce.h>
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>

#include "evaluators/data/loading.h"
#include "search_space/errors.h"

namespace evaluators {

using search_space::printable;

namespace {

struct Sums {
  std::vector<std::uint64_t> sum, squares;  // per channel, of bytes: exact, hence independent of the order of threads
};

void set_statistics(DataSet& data) {
  const ImageSet& images = data.train;
  const std::size_t channels = images.channels;
  const Sums zero{std::vector<std::uint64_t>(channels, 0), std::vector<std::uint64_t>(channels, 0)};
  const std::size_t pixels = images.pixels.size() / channels;
  const Sums sums = tbb::parallel_reduce(
      tbb::blocked_range<std::size_t>(0, pixels, 1 << 18), zero,
      [&](const tbb::blocked_range<std::size_t>& range, Sums partial) {
        for (std::size_t c = 0; c < channels; ++c) {
          std::uint64_t sum = 0, squares = 0;
          for (std::size_t i = range.begin(); i < range.end(); ++i) {
            const std::uint64_t value = images.pixels[i * channels + c];
            sum += value;
            squares += value * value;
          }
          partial.sum[c] += sum;
          partial.squares[c] += squares;
        }
        return partial;
      },
      [&](Sums first, const Sums& second) {
        for (std::size_t c = 0; c < channels; ++c) {
          first.sum[c] += second.sum[c];
          first.squares[c] += second.squares[c];
        }
        return first;
      });
  for (std::size_t c = 0; c < channels; ++c) {
    const double count = static_cast<double>(pixels);
    const double mean = sums.sum[c] / count;
    const double variance = std::max(1.0, sums.squares[c] / count - mean * mean);  // constant images stay finite
    data.mean.push_back(static_cast<float>(mean / 255));
    data.deviation.push_back(static_cast<float>(std::sqrt(variance) / 255));
  }
}

class Hasher {
 public:
  Hasher() : state_(XXH3_createState(), XXH3_freeState) { XXH3_128bits_reset(state_.get()); }
  void add(const void* bytes, std::size_t count) { XXH3_128bits_update(state_.get(), bytes, count); }
  void add(std::int32_t number) {
    std::array<std::uint8_t, 4> bytes{};
    for (int i = 0; i < 4; ++i) bytes[i] = static_cast<std::uint8_t>(static_cast<std::uint32_t>(number) >> (8 * i));
    add(bytes.data(), bytes.size());
  }
  void add(const std::string& text) {
    add(static_cast<std::int32_t>(text.size()));
    add(text.data(), text.size());
  }
  std::string digits() const {
    XXH128_canonical_t canonical;
    XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(state_.get()));
    std::string result;
    for (unsigned char byte : canonical.digest) {
      result += "0123456789abcdef"[byte >> 4];
      result += "0123456789abcdef"[byte & 15];
    }
    return result;
  }

 private:
  std::unique_ptr<XXH3_state_t, decltype(&XXH3_freeState)> state_;
};

std::string fingerprint(const DataSet& data) {
  Hasher hasher;
  for (const auto& name : data.class_names) hasher.add(name);
  for (const ImageSet* images : {&data.train, &data.validation, &data.probe, &data.test}) {
    for (int number : {images->size(), images->channels, images->height, images->width}) hasher.add(number);
    for (std::int32_t label : images->labels) hasher.add(label);
    hasher.add(images->pixels.data(), images->pixels.size());
  }
  hasher.add(data.augmentation.flip);
  hasher.add(data.augmentation.shift);
  return hasher.digits();
}

LoadedData load_kind(const DataSpec& spec, std::uint64_t seed) try {
  if (spec.kind == "shapes") return load_shapes(spec, seed);
  if (spec.kind == "idx") return load_idx(spec, seed);
  if (spec.kind == "cifar10") return load_cifar10(spec, seed);
  if (spec.kind == "imagefolder") return load_image_folder(spec, seed);
  throw search_space::InputError("data '" + data_spec_text(spec) +
                                 "': holds objects with masks: 'synth train NETWORK --task mask-rcnn' trains on them");
} catch (const std::filesystem::filesystem_error& error) {
  throw search_space::EnvironmentError("data '" + printable(data_spec_text(spec)) + "': " + printable(error.what()));
}

}  // namespace

void require_directory(const std::filesystem::path& directory, const DataSpec& spec) {
  std::error_code error;
  const std::filesystem::directory_iterator listing(directory, error);
  if (error)
    throw search_space::EnvironmentError("data '" + printable(data_spec_text(spec)) +
                                         "': " + printable(directory.string()) + ": " + error.message());
}

void require_regular_file(const std::filesystem::path& path) {
  if (std::filesystem::exists(path) && !std::filesystem::is_regular_file(path))
    throw search_space::EnvironmentError(printable(path.string()) + ": not a regular file or a link to one");
}

DataSet load_data(const DataSpec& spec, std::uint64_t seed) {
  LoadedData loaded = load_kind(spec, seed);
  DataSet data;
  data.name = data_spec_text(spec);
  data.augmentation = loaded.augmentation;
  data.notes = std::move(loaded.notes);
  if (spec.flip) data.augmentation.flip = *spec.flip;
  if (spec.shift) data.augmentation.shift = *spec.shift;
  if (data.augmentation.shift >= std::min(loaded.train.height, loaded.train.width))
    throw search_space::InputError("data '" + printable(data.name) + "': option 'shift' is " +
                                   std::to_string(data.augmentation.shift) + "; it must be less than the image size, " +
                                   std::to_string(std::min(loaded.train.height, loaded.train.width)));
  split(std::move(loaded), spec, seed, data);
  if (data.test.size() == 0)
    throw search_space::EnvironmentError("data '" + printable(data.name) + "': there are no test images");
  set_statistics(data);
  data.fingerprint = fingerprint(data);
  return data;
}

}  // namespace evaluators
