// Which folders of a data set of images are which part, and the files in them; internal to evaluators/data.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace evaluators {

// Parts as people name them. One held-out part alone is the test part; without parts, the folders are classes.
struct ImageLayout {
  std::filesystem::path train;
  std::optional<std::filesystem::path> validation, test;
  std::string note;  // one line: what is used as what
};

// EnvironmentError where the folder holds no part or class, a held-out part without `train`, or two names of one part.
ImageLayout image_layout(const std::filesystem::path& directory);

// Names of the folders in `part` that are not hidden, in alphabetical order.
std::vector<std::string> list_classes(const std::filesystem::path& part);

// EnvironmentError naming the class that only one of the two has.
void require_same_classes(const std::filesystem::path& train, const std::filesystem::path& other);

struct ImageListing {
  std::vector<std::string> files;  // ordered by class, then name
  std::vector<std::int32_t> labels;
  std::map<std::string, int> skipped;  // files of other kinds, by extension in small letters
};

// Images of the classes in `part`: part/CLASS/* or part/CLASS/images/*. EnvironmentError for a class without images and
// for an image that is no regular file.
ImageListing list_images(const std::filesystem::path& part, const std::vector<std::string>& class_names);

}  // namespace evaluators
