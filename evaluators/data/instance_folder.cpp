// A folder of images with maps of their instances: images/NAME.png (or .jpg, .webp, .bmp), instances/NAME.png (0 =
// background, k = k-th object), and lists of names: train.txt, and val.txt, test.txt or both.
#include <tbb/parallel_for.h>

#include <algorithm>
#include <fstream>
#include <set>

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

// Names, a line each; none twice, in no list before it either.
std::vector<std::string> read_names(const fs::path& path, std::set<std::string>& seen) {
  std::ifstream file(path);
  if (!file) throw EnvironmentError(printable(path.string()) + ": cannot be opened for reading");
  std::vector<std::string> names;
  std::string name;
  for (int line = 1; std::getline(file, name); ++line) {
    while (!name.empty() && (name.back() == '\r' || name.back() == ' ')) name.pop_back();
    if (name.empty()) continue;
    const auto fail = [&](const std::string& what) {
      throw EnvironmentError(printable(path.string()) + ": line " + std::to_string(line) + ": '" +
                             printable(name.substr(0, 100)) + "' " + what);
    };
    if (name.find('/') != std::string::npos || name == "..") fail("is no name of a file in images/");
    if (!seen.insert(name).second) fail("is listed before, here or in another list");
    names.push_back(name);
  }
  return names;
}

std::vector<std::string> all_names(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.path().extension() == ".png") names.push_back(entry.path().stem().string());
  std::sort(names.begin(), names.end());
  return names;
}

std::string image_file(const fs::path& folder, const std::string& name) {
  for (const char* ending : {".png", ".jpg", ".jpeg", ".webp", ".bmp"}) {
    const fs::path path = folder / "images" / (name + ending);
    if (fs::exists(path)) return path.string();
  }
  throw EnvironmentError(printable((folder / "images" / name).string()) +
                         ": there is no such .png, .jpg, .jpeg, .webp or .bmp");
}

InstanceImage read_one(const fs::path& folder, const std::string& name) {
  const std::string image_path = image_file(folder, name);
  const std::string map_path = (folder / "instances" / (name + ".png")).string();
  DecodedImage decoded = read_image(image_path, 0);
  const LabelMap map = read_label_map(map_path);
  if (map.height != decoded.height || map.width != decoded.width)
    throw EnvironmentError(printable(map_path) + ": the map is " + std::to_string(map.width) + "x" +
                           std::to_string(map.height) + ", but the image " + printable(image_path) + " is " +
                           std::to_string(decoded.width) + "x" + std::to_string(decoded.height));
  InstanceImage image{name, 0, decoded.height, decoded.width, std::move(decoded.pixels), instances_of(map)};
  return image;
}

InstanceImages read_all(const fs::path& folder, const std::vector<std::string>& names, int size, Tally& tally) {
  InstanceImages images(names.size());
  tbb::parallel_for(std::size_t{0}, names.size(), [&](std::size_t i) {
    images[i] = read_one(folder, names[i]);
    scale(images[i], size, tally);
    images[i].id = static_cast<std::int64_t>(i) + 1;
  });
  return images;
}

struct Names {
  std::vector<std::string> train, validation, test;
  std::string note;
};

// Lists where there are any; else a tenth of all images becomes the test part.
Names list_names(const fs::path& folder, std::uint64_t seed) {
  Names names;
  std::set<std::string> seen;
  const auto given = [&](const char* list) { return fs::exists(folder / list); };
  if (given("train.txt")) {
    names.train = read_names(folder / "train.txt", seen);
    if (given("val.txt")) names.test = read_names(folder / "val.txt", seen);
    names.note = "val.txt is the test part";
    if (given("test.txt")) {
      names.validation = std::move(names.test);
      names.test = read_names(folder / "test.txt", seen);
      names.note = names.validation.empty() ? "test.txt is the test part"
                                            : "val.txt is the validation part, test.txt the test part";
    }
  } else {
    names.train = all_names(folder / "instances");
  }
  if (!names.test.empty()) return names;
  if (names.train.size() < 3)
    throw EnvironmentError(printable(folder.string()) + ": " + std::to_string(names.train.size()) +
                           " images; at least 3 are needed to split off test and validation");
  search_space::Random random(search_space::stream_seed(seed, "data", "test"));
  random.shuffle(names.train);
  const auto cut = names.train.end() - static_cast<std::ptrdiff_t>(std::max<std::size_t>(1, names.train.size() / 10));
  names.test.assign(cut, names.train.end());
  names.train.erase(cut, names.train.end());
  std::sort(names.train.begin(), names.train.end());
  names.note = "a tenth of the images, drawn by seed, is the test part";
  return names;
}

}  // namespace

InstanceData load_instance_folder(const DataSpec& spec, std::uint64_t seed) {
  const fs::path folder = spec.directory;
  require_directory(folder, spec);
  for (const char* part : {"images", "instances"})
    if (!fs::is_directory(folder / part))
      throw EnvironmentError(printable((folder / part).string()) +
                             ": there is no such folder; needed are images/ and " +
                             "instances/, files of the same names");
  const Names names = list_names(folder, seed);
  std::vector<std::string> train;
  for (const int i : limited_images(static_cast<int>(names.train.size()), spec, seed)) train.push_back(names.train[i]);
  InstanceData data;
  data.class_names = {"object"};
  data.category_ids = {1};
  Tally tally;
  data.train = read_all(folder, train, spec.size, tally);
  data.validation = read_all(folder, names.validation, spec.size, tally);
  data.test = read_all(folder, names.test, spec.size, tally);
  data.notes = tally.lines();
  data.notes.insert(data.notes.begin(), names.note);
  return data;
}

}  // namespace evaluators::detection
