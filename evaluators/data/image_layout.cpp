// Reading folders: parts, classes, files.
#include "evaluators/data/image_layout.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

#include "evaluators/data/loading.h"
#include "search_space/errors.h"

namespace evaluators {

using search_space::EnvironmentError;
using search_space::printable;
namespace fs = std::filesystem;

namespace {

constexpr std::array<std::string_view, 6> image_endings = {".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif"};

std::vector<fs::directory_entry> entries(const fs::path& directory) {
  std::error_code error;
  fs::directory_iterator iterator(directory, error);
  std::vector<fs::directory_entry> result;
  for (; !error && iterator != fs::directory_iterator(); iterator.increment(error)) result.push_back(*iterator);
  if (error) throw EnvironmentError(printable(directory.string()) + ": " + error.message());
  std::sort(result.begin(), result.end());
  return result;
}

bool is_hidden(const fs::path& path) {
  return path.filename().string().starts_with('.');
}

std::string ending(const fs::path& path) {
  std::string extension = path.extension().string();
  for (char& c : extension) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return extension;
}

bool is_image(const fs::path& path) {
  return std::find(image_endings.begin(), image_endings.end(), ending(path)) != image_endings.end();
}

std::string endings_text() {
  std::string text;
  for (const std::string_view ending : image_endings)
    text += (text.empty() ? "" : ending == image_endings.back() ? " or " : ", ") + std::string(ending);
  return text;
}

// The one folder of these names that exists.
std::optional<fs::path> part(const fs::path& directory, const std::vector<std::string>& names) {
  std::optional<fs::path> found;
  for (const std::string& name : names) {
    if (!fs::is_directory(directory / name)) continue;
    if (found)
      throw EnvironmentError(printable(directory.string()) + ": holds both " + found->filename().string() + "/ and " +
                             name + "/; keep one of them");
    found = directory / name;
  }
  return found;
}

bool holds_classes(const fs::path& directory) {
  const auto classes = list_classes(directory);
  return classes.size() >= 2 && std::all_of(classes.begin(), classes.end(), [&](const std::string& name) {
           fs::path folder = directory / name;
           if (fs::is_directory(folder / "images")) folder /= "images";
           const auto files = entries(folder);
           return std::any_of(files.begin(), files.end(), [](const auto& file) { return is_image(file.path()); });
         });
}

ImageLayout without_parts(const fs::path& directory) {
  if (!holds_classes(directory))
    throw EnvironmentError(
        printable(directory.string()) +
        ": neither a folder train/ with a folder of images per class (and val/, test/ likewise), nor "
        "at least 2 such class folders alone");
  return {directory, {}, {}, "class folders without parts: validation and test images are split off by the seed"};
}

}  // namespace

std::vector<std::string> list_classes(const fs::path& part) {
  std::vector<std::string> names;
  for (const auto& entry : entries(part))
    if (entry.is_directory() && !is_hidden(entry.path())) names.push_back(entry.path().filename().string());
  return names;
}

ImageLayout image_layout(const fs::path& directory) {
  ImageLayout layout;
  const auto train = part(directory, {"train", "training"});
  layout.validation = part(directory, {"val", "valid", "validation"});
  layout.test = part(directory, {"test", "testing"});
  if (!train) {
    if (!layout.validation && !layout.test) return without_parts(directory);
    throw EnvironmentError(printable(directory.string()) + ": holds " +
                           (layout.test ? layout.test : layout.validation)->filename().string() +
                           "/, but no train/ to learn from");
  }
  layout.train = *train;
  const std::string name = train->filename().string();
  const auto folder = [](const std::optional<fs::path>& path) { return path->filename().string() + "/"; };
  if (layout.validation && layout.test) {
    layout.note = folder(layout.validation) + " is the validation part, " + folder(layout.test) + " the test part";
  } else if (layout.validation || layout.test) {
    if (!layout.test) std::swap(layout.test, layout.validation);
    layout.note = folder(layout.test) + " is the test part; validation images are split off " + name + "/ by the seed";
  } else {
    layout.note = "validation and test images are split off " + name + "/ by the seed";
  }
  return layout;
}

void require_same_classes(const fs::path& train, const fs::path& other) {
  const auto ours = list_classes(train), theirs = list_classes(other);
  const std::string name = other.filename().string();
  const std::string counts = std::to_string(theirs.size()) + " classes in " + name + ", " +
                             std::to_string(ours.size()) + " in " + train.filename().string();
  for (const auto& each : theirs)
    if (!std::binary_search(ours.begin(), ours.end(), each))
      throw EnvironmentError(printable((other / each).string()) + ": there is no such class in " +
                             train.filename().string() + "; " + counts);
  for (const auto& each : ours)
    if (!std::binary_search(theirs.begin(), theirs.end(), each))
      throw EnvironmentError(printable((other / each).string()) + ": missing, but " + train.filename().string() +
                             " has this class; " + counts);
}

ImageListing list_images(const fs::path& part, const std::vector<std::string>& class_names) {
  ImageListing listing;
  for (std::size_t c = 0; c < class_names.size(); ++c) {
    fs::path directory = part / class_names[c];
    if (fs::is_directory(directory / "images")) directory /= "images";
    const std::size_t before = listing.files.size();
    for (const auto& entry : entries(directory)) {
      if (is_hidden(entry.path()) || entry.is_directory()) continue;
      if (!is_image(entry.path())) {
        ++listing.skipped[ending(entry.path())];
        continue;
      }
      require_regular_file(entry.path());
      listing.files.push_back(entry.path().string());
      listing.labels.push_back(static_cast<std::int32_t>(c));
    }
    if (listing.files.size() == before)
      throw EnvironmentError(printable(directory.string()) + ": the class folder holds no file that ends in " +
                             endings_text());
  }
  return listing;
}

}  // namespace evaluators
