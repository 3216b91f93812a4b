// What a folder of data holds, found without training and, for image files, without reading them all.
#pragma once

#include <string>
#include <vector>

namespace evaluators {

struct DataSurvey {
  std::string kind;    // of data_kinds(): "imagefolder", "idx", "cifar10"
  std::string layout;  // one line: which part is which
  std::vector<std::string> class_names;
  int images = 0;                // training images, before validation and probe are split off
  int fewest = 0;                // of them in the class that has fewest, and its name
  std::string fewest_class;      //
  int channels = 0;              // as images are read: 3 or 1
  int side = 0;                  // shorter side in pixels, median of those looked at
  bool square = true;            // all looked at are square and of one size
  int looked_at = 0;             // images whose size was read
  std::vector<std::string> bad;  // messages on those that could not be decoded
};

// EnvironmentError where the folder is missing or holds no images with classes that this program reads.
DataSurvey survey_data(const std::string& directory);

}  // namespace evaluators
