#include "samples.h"

#include <ATen/ATen.h>
#include <fmt/format.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <limits>

#include "evaluators/training.h"
#include "network_fixtures.h"
#include "prototypes/library.h"
#include "search_space/lowering.h"

namespace samples {

namespace {

const std::string kind_prefix = "kind:";

}  // namespace

std::vector<std::string> names() {
  // 50 pixels leave odd sizes behind, where rounding up shows.
  std::vector<std::string> result = {"residual9,width=0.5",
                                     "mobilenet_v1,size=50,width=0.25,classes=10",
                                     "mobilenet_v2,size=50,width=0.5,classes=10",
                                     "mobilenet_v3_small,size=50,width=0.5,classes=10",
                                     "shufflenet_v2,size=50,classes=10",
                                     "attendnet_style,size=50,classes=10",
                                     "attonet_seed",
                                     "attendnet_seed"};
  for (const auto& kind : fixtures::all_kinds()) result.push_back(kind_prefix + kind);
  return result;
}

search_space::Architecture architecture(const std::string& name) {
  if (!name.starts_with(kind_prefix)) return prototypes::load(name).design;
  const std::string kind = name.substr(kind_prefix.size());
  search_space::Random random(search_space::stream_seed(4, kind, "exports"));
  return fixtures::architecture_of(kind, random);
}

evaluators::Network network(const std::string& name) {
  return fixtures::settled_network(search_space::lower(architecture(name)), 21);
}

const evaluators::DataSet& shapes() {
  static const auto data = evaluators::load_data(evaluators::parse_data_spec("shapes,limit=3000,classes=4"), 1);
  return data;
}

Trained trained(const std::string& name) {
  const auto& data = shapes();
  Trained result{prototypes::load(fmt::format("{},classes={}", name, data.classes())).design,
                 evaluators::Network(search_space::Graph{}, 0)};
  result.network = evaluators::Network(search_space::lower(result.architecture), 5);
  evaluators::TrainingSettings settings;
  settings.epochs = 12;
  settings.batch_size = 64;
  settings.learning_rate = 0.1;
  settings.label_smoothing = 0;
  evaluators::train(result.network, data, settings, 6);
  return result;
}

std::vector<float> values(const torch::Tensor& tensor) {
  const auto plain = tensor.contiguous();
  return {plain.data_ptr<float>(), plain.data_ptr<float>() + plain.numel()};
}

double relative_error(const std::vector<float>& found, const std::vector<float>& expected) {
  if (found.size() != expected.size()) return std::numeric_limits<double>::infinity();
  double largest = 0, difference = 0;
  for (std::size_t i = 0; i < found.size(); ++i) {
    largest = std::max(largest, std::abs(double(expected[i])));
    difference = std::max(difference, std::abs(double(found[i]) - expected[i]));
  }
  return difference / largest;
}

Folder::Folder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "synth_model_XXXXXX").string();
  path_ = ::mkdtemp(pattern.data());
}

Folder::~Folder() {
  std::filesystem::remove_all(path_);
}

File::File(const std::string& name, const std::string& bytes) : path_(folder_ / name) {
  std::ofstream(path_, std::ios::binary) << bytes;
}

}  // namespace samples
