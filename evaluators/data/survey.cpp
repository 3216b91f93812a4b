// Surveys: formats with a header are loaded, of image folders a sample of files is decoded.
#include "evaluators/data/survey.h"

#include <algorithm>
#include <filesystem>

#include "evaluators/data/dataset.h"
#include "evaluators/data/image_codec.h"
#include "evaluators/data/image_layout.h"
#include "search_space/errors.h"

namespace evaluators {

using search_space::EnvironmentError;
using search_space::printable;
namespace fs = std::filesystem;

namespace {

constexpr int most_looked_at = 9;  // a photograph of 12 megapixels takes a tenth of a second

bool holds(const fs::path& directory, const std::string& name) {
  return fs::exists(directory / name) || fs::exists(directory / (name + ".gz"));
}

void count_classes(DataSurvey& survey, const std::vector<std::int32_t>& labels) {
  std::vector<int> counts(survey.class_names.size());
  for (const std::int32_t label : labels) ++counts[label];
  const auto least = std::min_element(counts.begin(), counts.end());
  survey.images = static_cast<int>(labels.size());
  survey.fewest = *least;
  survey.fewest_class = survey.class_names[least - counts.begin()];
}

DataSurvey survey_loaded(const std::string& kind, const std::string& directory) {
  DataSpec spec;
  spec.kind = kind;
  spec.directory = directory;
  const DataSet data = load_data(spec, 1);
  DataSurvey survey{kind, "the files' own test part; validation images are split off by the seed", data.class_names};
  std::vector<std::int32_t> labels = data.train.labels;
  for (const ImageSet* part : {&data.validation, &data.probe})
    labels.insert(labels.end(), part->labels.begin(), part->labels.end());
  count_classes(survey, labels);
  survey.channels = data.train.channels;
  survey.side = std::min(data.train.height, data.train.width);
  survey.square = data.train.height == data.train.width;
  survey.looked_at = survey.images;
  return survey;
}

void look_at_images(DataSurvey& survey, const std::vector<std::string>& files) {
  std::vector<int> sides;
  int height = 0;
  const std::size_t step = std::max<std::size_t>(1, files.size() / most_looked_at);
  for (std::size_t i = 0; i < files.size() && sides.size() + survey.bad.size() < most_looked_at; i += step) {
    try {
      const DecodedImage image = read_image(files[i], 0);
      if (sides.empty()) height = image.height;
      survey.square = survey.square && image.height == height && image.width == height;
      sides.push_back(std::min(image.height, image.width));
    } catch (const EnvironmentError& error) {
      survey.bad.push_back(error.what());
    }
  }
  if (sides.empty()) throw EnvironmentError(survey.bad.empty() ? "no images" : survey.bad.front());
  std::sort(sides.begin(), sides.end());
  survey.side = sides[sides.size() / 2];
  survey.looked_at = static_cast<int>(sides.size());
}

DataSurvey survey_folder(const fs::path& directory) {
  const ImageLayout layout = image_layout(directory);
  DataSurvey survey{"imagefolder", layout.note, list_classes(layout.train)};
  if (survey.class_names.size() < 2)
    throw EnvironmentError(printable(layout.train.string()) + ": found " + std::to_string(survey.class_names.size()) +
                           " folders of classes, at least 2 are needed");
  for (const auto& other : {layout.validation, layout.test})
    if (other) require_same_classes(layout.train, *other);
  const ImageListing listing = list_images(layout.train, survey.class_names);
  count_classes(survey, listing.labels);
  survey.channels = 3;
  look_at_images(survey, listing.files);
  return survey;
}

}  // namespace

DataSurvey survey_data(const std::string& directory) {
  std::error_code unreadable;
  if (!fs::is_directory(directory, unreadable))
    throw EnvironmentError(printable(directory) +
                           ": no such folder; a folder of images with a folder per class, of "
                           "MNIST's or of CIFAR-10's files is expected");
  if (holds(directory, "train-images-idx3-ubyte")) return survey_loaded("idx", directory);
  if (holds(directory, "data_batch_1.bin")) return survey_loaded("cifar10", directory);
  if (fs::is_directory(fs::path(directory) / "instances") || fs::is_directory(fs::path(directory) / "annotations"))
    throw EnvironmentError(printable(directory) +
                           ": holds objects with boxes or masks; a search needs images with a class each");
  return survey_folder(directory);
}

}  // namespace evaluators
