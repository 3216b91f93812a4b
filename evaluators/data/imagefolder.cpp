// Folders of image files, a folder per class.
#include <tbb/parallel_for.h>

#include <algorithm>
#include <cstring>
#include <map>

#include "evaluators/data/image_codec.h"
#include "evaluators/data/image_layout.h"
#include "evaluators/data/loading.h"
#include "search_space/errors.h"

namespace evaluators {

using search_space::EnvironmentError;
using search_space::printable;

namespace {

using Listing = ImageListing;

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

// One line, empty if there are none.
std::string describe_skipped(const std::vector<const Listing*>& listings) {
  std::map<std::string, int> sums;
  for (const Listing* listing : listings)
    for (const auto& [ending, count] : listing->skipped) sums[ending] += count;
  std::string line;
  for (const auto& [ending, count] : sums)
    line += (line.empty() ? "" : ", ") + std::to_string(count) + " " +
            (ending.empty() ? "without an ending" : "of " + printable(ending));
  return line.empty() ? line : "skipped files of other kinds: " + line;
}

// Files that could not be decoded, where the specification says to go on without them.
struct Corrupt {
  std::vector<std::string> messages;  // each names its file
  // One line, empty if there are none.
  std::string text() const {
    constexpr std::size_t most_named = 10;
    if (messages.empty()) return {};
    std::string line =
        "left out " + std::to_string(messages.size()) + " corrupt image file" + (messages.size() == 1 ? ": " : "s: ");
    for (std::size_t i = 0; i < std::min(most_named, messages.size()); ++i) line += (i == 0 ? "" : "; ") + messages[i];
    return messages.size() > most_named ? line + "; ..." : line;
  }
};

// The first file that can be decoded says how large images are where no size is given.
DecodedImage first_readable(const Listing& listing, const DataSpec& spec, std::string& path) {
  for (const std::string& file : listing.files) {
    path = file;
    try {
      return read_image(file, 0);
    } catch (const EnvironmentError&) {
      if (!spec.skip_corrupt || file == listing.files.back()) throw;
    }
  }
  throw EnvironmentError("data '" + printable(data_spec_text(spec)) + "': no images are left to train on");
}

// Into the place of an image of `images`.
void decode_into(const std::string& path, const DataSpec& spec, const std::string& like, const ImageSet& images,
                 std::uint8_t* target) {
  const DecodedImage image = read_image(path, spec.size);
  if (image.height == images.height && image.width == images.width) {
    std::memcpy(target, image.pixels.data(), image.pixels.size());
  } else if (spec.size != 0) {
    resize_and_crop(image.pixels.data(), 3, image.height, image.width, spec.size, target);
  } else {
    throw search_space::InputError(
        printable(path) + ": the image is " + std::to_string(image.width) + "x" + std::to_string(image.height) +
        ", but " + printable(like) + " is " + std::to_string(images.width) + "x" + std::to_string(images.height) +
        "; add a common size: --data " + printable(data_spec_text(spec)) +
        ",size=" + std::to_string(std::min({image.width, image.height, images.width, images.height})));
  }
}

// Decodes every file. Without spec.size all must be as large as `shape`, which is the file `like`.
ImageSet decode(const Listing& listing, const DataSpec& spec, const ImageSet& shape, const std::string& like,
                Corrupt& corrupt) {
  ImageSet images = shape;
  images.labels = listing.labels;
  images.pixels.resize(listing.files.size() * images.image_bytes());
  std::vector<std::string> damage(listing.files.size());
  tbb::parallel_for(std::size_t{0}, listing.files.size(), [&](std::size_t i) {
    try {
      decode_into(listing.files[i], spec, like, images, images.pixels.data() + i * images.image_bytes());
    } catch (const EnvironmentError& error) {
      if (!spec.skip_corrupt) throw;
      damage[i] = error.what();
    }
  });
  std::vector<int> whole;
  for (int i = 0; i < images.size(); ++i) {
    if (damage[i].empty())
      whole.push_back(i);
    else
      corrupt.messages.push_back(damage[i]);
  }
  if (static_cast<int>(whole.size()) < images.size()) keep(images, whole);
  return images;
}

}  // namespace

LoadedData load_image_folder(const DataSpec& spec, std::uint64_t seed) {
  require_directory(spec.directory, spec);
  const ImageLayout layout = image_layout(spec.directory);
  LoadedData data;
  data.notes = {layout.note};
  data.class_names = list_classes(layout.train);
  if (data.class_names.size() < 2)
    throw EnvironmentError(printable(layout.train.string()) + ": " + std::to_string(data.class_names.size()) +
                           " class folders; at least 2 are needed, named after their classes");
  for (const auto& held_out : {layout.validation, layout.test})
    if (held_out) require_same_classes(layout.train, *held_out);

  const int classes = chosen_classes(spec, static_cast<int>(data.class_names.size()));
  data.class_names.resize(classes);
  Listing train = list_images(layout.train, data.class_names), test, validation;
  if (layout.validation) validation = list_images(*layout.validation, data.class_names);
  if (layout.test) test = list_images(*layout.test, data.class_names);
  if (auto skipped = describe_skipped({&train, &validation, &test}); !skipped.empty()) data.notes.push_back(skipped);
  if (!layout.test) split_off_test(train, test, classes, seed);
  train = pick(train, limited(train.labels, spec, classes, seed));  // before decoding, which is what takes the time
  if (train.files.empty())
    throw EnvironmentError(printable(layout.train.string()) + ": no images are left to train on");
  ImageSet shape;
  std::string like;
  shape.channels = 3;
  shape.height = shape.width = spec.size;
  if (spec.size == 0) {
    const DecodedImage first = first_readable(train, spec, like);
    shape.height = first.height;
    shape.width = first.width;
  }
  Corrupt corrupt;
  data.train = decode(train, spec, shape, like, corrupt);
  data.test = decode(test, spec, shape, like, corrupt);
  if (layout.validation) data.validation = decode(validation, spec, shape, like, corrupt);
  if (auto left_out = corrupt.text(); !left_out.empty()) data.notes.push_back(left_out);
  data.augmentation = {.flip = true, .shift = std::min(data.train.height, data.train.width) / 8};
  return data;
}

}  // namespace evaluators
