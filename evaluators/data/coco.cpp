// Folders with COCO's annotations: annotations/instances_PART.json with images in PART/, or PART/_annotations.coco.json
// beside its images; PART begins with train, val (or valid) or test.
#include <tbb/parallel_for.h>

#include <algorithm>

#include "evaluators/data/image_codec.h"
#include "evaluators/data/instance_loading.h"
#include "evaluators/data/loading.h"
#include "search_space/errors.h"
#include "search_space/random.h"

namespace evaluators::detection {

using search_space::EnvironmentError;
using search_space::printable;
namespace fs = std::filesystem;

namespace {

struct Part {
  fs::path annotations, images;
};

std::vector<Part> find_parts(const fs::path& folder, const std::string& beginning) {
  std::vector<Part> parts;
  const std::string file = "instances_" + beginning;
  if (fs::is_directory(folder / "annotations"))
    for (const auto& entry : fs::directory_iterator(folder / "annotations")) {
      const fs::path path = entry.path();
      if (path.extension() != ".json" || path.filename().string().rfind(file, 0) != 0) continue;
      const std::string name = path.stem().string().substr(std::string("instances_").size());
      const bool own = fs::is_directory(folder / name);
      parts.push_back({path, own ? folder / name : folder / "images"});
    }
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.path().filename().string().rfind(beginning, 0) == 0 &&
        fs::exists(entry.path() / "_annotations.coco.json"))
      parts.push_back({entry.path() / "_annotations.coco.json", entry.path()});
  return parts;
}

std::optional<Part> find_part(const fs::path& folder, const std::string& beginning) {
  const std::vector<Part> parts = find_parts(folder, beginning);
  if (parts.size() > 1)
    throw EnvironmentError(printable(folder.string()) + ": " + printable(parts[0].annotations.string()) + " and " +
                           printable(parts[1].annotations.string()) + " both describe the part '" + beginning + "'");
  if (parts.empty()) return std::nullopt;
  return parts[0];
}

InstanceImage read_one(const Part& part, const CocoDocument& document, const CocoImage& entry, Tally& tally) {
  const std::string path = (part.images / entry.file).string();
  DecodedImage decoded = read_image(path, 0);
  if ((entry.height != 0 && entry.height != decoded.height) || (entry.width != 0 && entry.width != decoded.width))
    throw EnvironmentError(printable(path) + ": the image is " + std::to_string(decoded.width) + "x" +
                           std::to_string(decoded.height) + ", but " + printable(part.annotations.string()) +
                           " (image " + std::to_string(entry.id) + ") says " + std::to_string(entry.width) + "x" +
                           std::to_string(entry.height));
  InstanceImage image{entry.file, entry.id, decoded.height, decoded.width, std::move(decoded.pixels), {}};
  image.instances = document.instances(entry, image.height, image.width, tally);
  return image;
}

InstanceImages read_all(const Part& part, const CocoDocument& document, const std::vector<int>& chosen, int size,
                        Tally& tally) {
  InstanceImages images(chosen.size());
  tbb::parallel_for(std::size_t{0}, chosen.size(), [&](std::size_t i) {
    images[i] = read_one(part, document, document.images()[chosen[i]], tally);
    scale(images[i], size, tally);
  });
  return images;
}

InstanceImages read_held_out(const std::optional<Part>& part, const CocoDocument& train, const DataSpec& spec,
                             std::uint64_t seed, Tally& tally) {
  if (!part) return {};
  const CocoDocument document(part->annotations);
  if (document.categories() != train.categories())
    throw EnvironmentError(printable(part->annotations.string()) +
                           ": its 'categories' are not those of the training part");
  DataSpec all = spec;
  all.limit = 0;
  return read_all(*part, document, limited_images(static_cast<int>(document.images().size()), all, seed), spec.size,
                  tally);
}

void split_off_test(InstanceData& data, std::uint64_t seed) {
  if (data.train.size() < 3)
    throw EnvironmentError("at least 3 training images are needed to split off test and validation");
  search_space::Random random(search_space::stream_seed(seed, "data", "test"));
  random.shuffle(data.train);
  const auto cut = data.train.end() - static_cast<std::ptrdiff_t>(std::max<std::size_t>(1, data.train.size() / 10));
  std::move(cut, data.train.end(), std::back_inserter(data.test));
  data.train.erase(cut, data.train.end());
  data.notes.push_back("a tenth of the training images, drawn by seed, is the test part");
}

}  // namespace

InstanceData load_coco(const DataSpec& spec, std::uint64_t seed) {
  const fs::path folder = spec.directory;
  require_directory(folder, spec);
  const std::optional<Part> train = find_part(folder, "train"), val = find_part(folder, "val"),
                            test = find_part(folder, "test");
  if (!train)
    throw EnvironmentError(printable(folder.string()) + ": no annotations of a training part; looked for " +
                           "annotations/instances_train*.json and train*/_annotations.coco.json");
  const CocoDocument document(train->annotations);
  InstanceData data;
  for (const auto& [id, name] : document.categories()) {
    data.category_ids.push_back(id);
    data.class_names.push_back(name);
  }
  Tally tally;
  const std::vector<int> chosen = limited_images(static_cast<int>(document.images().size()), spec, seed);
  data.train = read_all(*train, document, chosen, spec.size, tally);
  data.validation = read_held_out(val, document, spec, seed, tally);
  data.test = read_held_out(test, document, spec, seed, tally);
  if (data.test.empty()) data.test = std::move(data.validation);
  if (data.test.empty()) split_off_test(data, seed);
  const std::vector<std::string> counts = tally.lines();
  data.notes.insert(data.notes.end(), counts.begin(), counts.end());
  return data;
}

}  // namespace evaluators::detection
