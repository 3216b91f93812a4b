// Folders of JPEG and PNG files: train/CLASS/*, val/CLASS/*.
#include <tbb/parallel_for.h>

#include <algorithm>
#include <cctype>
#include <cstring>
#include <filesystem>

#include "evaluators/data/image_codec.h"
#include "evaluators/data/loading.h"
#include "search_space/errors.h"

namespace evaluators {

using search_space::EnvironmentError;
namespace fs = std::filesystem;

namespace {

struct Listing {
  std::vector<std::string> files;  // ordered by class, then name
  std::vector<std::int32_t> labels;
};

std::vector<fs::directory_entry> entries(const fs::path& directory) {
  std::error_code error;
  fs::directory_iterator iterator(directory, error);
  std::vector<fs::directory_entry> result;
  for (; !error && iterator != fs::directory_iterator(); iterator.increment(error)) result.push_back(*iterator);
  if (error) throw EnvironmentError(directory.string() + ": " + error.message());
  std::sort(result.begin(), result.end());
  return result;
}

bool is_hidden(const fs::path& path) {
  return path.filename().string().starts_with('.');
}

bool is_image(const fs::path& path) {
  std::string extension = path.extension().string();
  for (char& c : extension) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return !is_hidden(path) && (extension == ".jpg" || extension == ".jpeg" || extension == ".png");
}

std::vector<std::string> list_classes(const fs::path& part) {
  std::vector<std::string> names;
  for (const auto& entry : entries(part))
    if (entry.is_directory() && !is_hidden(entry.path())) names.push_back(entry.path().filename().string());
  return names;
}

// `images` may be a subfolder of the class folder: Tiny-ImageNet as published has train/CLASS/images.
Listing list_images(const fs::path& part, const std::vector<std::string>& class_names) {
  Listing listing;
  for (std::size_t c = 0; c < class_names.size(); ++c) {
    fs::path directory = part / class_names[c];
    if (fs::is_directory(directory / "images")) directory /= "images";
    const std::size_t before = listing.files.size();
    for (const auto& entry : entries(directory)) {
      if (!is_image(entry.path()) || entry.is_directory()) continue;
      listing.files.push_back(entry.path().string());
      listing.labels.push_back(static_cast<std::int32_t>(c));
    }
    if (listing.files.size() == before)
      throw EnvironmentError(directory.string() + ": the class folder holds no .jpg, .jpeg or .png file");
  }
  return listing;
}

Listing pick(const Listing& listing, const std::vector<int>& indices) {
  Listing result;
  for (int index : indices) {
    result.files.push_back(listing.files[index]);
    result.labels.push_back(listing.labels[index]);
  }
  return result;
}

// Without val, a tenth of the files becomes the test part, at least two of each class.
void split_off_test(Listing& train, Listing& test, int classes, std::uint64_t seed) {
  search_space::Random random(search_space::stream_seed(seed, "data", "test"));
  const auto by_class = shuffled_by_class(train.labels, classes, random);
  std::vector<int> sizes, to_test, to_train;
  for (const auto& indices : by_class) sizes.push_back(static_cast<int>(indices.size()));
  const auto quotas = proportional_quotas(sizes, static_cast<int>(train.files.size() / 10), 2);
  for (int c = 0; c < classes; ++c) {
    const auto cut = by_class[c].begin() + std::min(quotas[c], sizes[c]);
    to_test.insert(to_test.end(), by_class[c].begin(), cut);
    to_train.insert(to_train.end(), cut, by_class[c].end());
  }
  std::sort(to_test.begin(), to_test.end());
  std::sort(to_train.begin(), to_train.end());
  test = pick(train, to_test);
  train = pick(train, to_train);
}

void require_same_classes(const fs::path& directory, const std::vector<std::string>& train,
                          const std::vector<std::string>& val) {
  for (const auto& name : val)
    if (!std::binary_search(train.begin(), train.end(), name))
      throw EnvironmentError((directory / "val" / name).string() + ": there is no such class in train; " +
                             std::to_string(val.size()) + " classes in val, " + std::to_string(train.size()) +
                             " in train");
  for (const auto& name : train)
    if (!std::binary_search(val.begin(), val.end(), name))
      throw EnvironmentError((directory / "val" / name).string() + ": missing, but train has this class; " +
                             std::to_string(val.size()) + " classes in val, " + std::to_string(train.size()) +
                             " in train");
}

// Decodes every file into its place. Without spec.size all must be as large as the first one of `like`.
ImageSet decode(const Listing& listing, const DataSpec& spec, const std::string& like) {
  ImageSet images;
  images.channels = 3;
  images.height = images.width = spec.size;
  if (spec.size == 0) {
    const DecodedImage first = read_image(like, 0);
    images.height = first.height;
    images.width = first.width;
  }
  images.labels = listing.labels;
  images.pixels.resize(listing.files.size() * images.image_bytes());
  tbb::parallel_for(std::size_t{0}, listing.files.size(), [&](std::size_t i) {
    const DecodedImage image = read_image(listing.files[i], spec.size);
    std::uint8_t* target = images.pixels.data() + i * images.image_bytes();
    if (image.height == images.height && image.width == images.width) {
      std::memcpy(target, image.pixels.data(), image.pixels.size());
    } else if (spec.size != 0) {
      resize_and_crop(image.pixels.data(), 3, image.height, image.width, spec.size, target);
    } else {
      throw search_space::InputError(
          listing.files[i] + ": the image is " + std::to_string(image.width) + "x" + std::to_string(image.height) +
          ", but " + like + " is " + std::to_string(images.width) + "x" + std::to_string(images.height) +
          "; add a common size: --data " + data_spec_text(spec) +
          ",size=" + std::to_string(std::min({image.width, image.height, images.width, images.height})));
    }
  });
  return images;
}

}  // namespace

LoadedData load_image_folder(const DataSpec& spec, std::uint64_t seed) {
  const fs::path directory = spec.directory;
  require_directory(directory, spec);
  LoadedData data;
  data.class_names = list_classes(directory / "train");
  if (data.class_names.size() < 2)
    throw EnvironmentError((directory / "train").string() + ": " + std::to_string(data.class_names.size()) +
                           " class folders; at least 2 are needed, named after their classes");
  const bool has_val = fs::exists(directory / "val");
  if (has_val) require_same_classes(directory, data.class_names, list_classes(directory / "val"));

  const int classes = chosen_classes(spec, static_cast<int>(data.class_names.size()));
  data.class_names.resize(classes);
  Listing train = list_images(directory / "train", data.class_names), test;
  if (has_val) {
    test = list_images(directory / "val", data.class_names);
  } else {
    split_off_test(train, test, classes, seed);
  }
  train = pick(train, limited(train.labels, spec, classes, seed));  // before decoding, which is what takes the time
  if (train.files.empty()) throw EnvironmentError((directory / "train").string() + ": no images are left to train on");
  const std::string like = train.files.front();
  data.train = decode(train, spec, like);
  data.test = decode(test, spec, like);
  data.augmentation = {.flip = true, .shift = std::min(data.train.height, data.train.width) / 8};
  return data;
}

}  // namespace evaluators
