// Networks to export, their images, and files to put them in.
#pragma once

#include <string>
#include <vector>

#include "evaluators/data/dataset.h"
#include "evaluators/network.h"
#include "search_space/architecture.h"

namespace samples {

// Built-in networks, small, and one of every module kind.
std::vector<std::string> names();
search_space::Architecture architecture(const std::string& name);
// With random weights and batch norms as after training.
evaluators::Network network(const std::string& name);

// Embedded images, 32 x 32.
const evaluators::DataSet& shapes();
// The architecture of `name`, trained on them for a moment.
struct Trained {
  search_space::Architecture architecture;
  evaluators::Network network;
};
Trained trained(const std::string& name);

// Elements [count, channels, height, width] in this order in memory, whatever the tensor's strides.
std::vector<float> values(const torch::Tensor& tensor);

// Largest difference, in units of the largest magnitude expected. Infinite where sizes differ.
double relative_error(const std::vector<float>& found, const std::vector<float>& expected);

// A folder that is removed again.
class Folder {
 public:
  Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder();
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

// A file in a folder of its own.
class File {
 public:
  File(const std::string& name, const std::string& bytes);
  const std::string& path() const { return path_; }

 private:
  Folder folder_;
  std::string path_;
};

}  // namespace samples
