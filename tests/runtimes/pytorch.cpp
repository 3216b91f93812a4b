// Python files and TorchScript in PyTorch, over every module kind; weights that Python saves come back.
#include <ATen/ATen.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <limits>
#include <optional>
#include <sstream>

#include "evaluators/child_process.h"
#include "evaluators/network.h"
#include "evaluators/trained_evaluator.h"
#include "evaluators/weights.h"
#include "network_fixtures.h"
#include "samples.h"
#include "search_space/errors.h"
#include "synth/export/export.h"
#include "synth/export/runtime.h"
#include "synth/export/weights_import.h"

using namespace synth;
using Catch::Contains;

namespace {

std::string content(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

ExportInput input_of(const std::string& name, const evaluators::Network& network) {
  return {name, samples::architecture(name), evaluators::to_safetensors(network.named_tensors())};
}

}  // namespace

TEST_CASE("PyTorch computes what the network does, from Python and from TorchScript", "[pytorch]") {
  for (const std::string& name : samples::names()) {
    if (!name.starts_with("kind:")) continue;  // Python takes its time to start
    auto network = samples::network(name);
    const auto& shape = network.graph().input();
    const auto images = fixtures::random_images(network.graph(), 20, 33);
    const at::NoGradGuard no_grad;
    const auto expected = samples::values(network.forward(images, false));
    for (const char* format : {"pytorch", "torchscript"}) {
      INFO(name << ", " << format);
      const samples::Folder folder;
      const std::string path = folder / (std::string("model.") + find_export_format(format).extension);
      export_network(input_of(name, network), find_export_format(format), path);
      const auto found =
          run_model(pytorch(), path, {shape.channels, shape.height, shape.width}, samples::values(images));
      CHECK(samples::relative_error(found, expected) < 1e-5);
    }
  }
}

TEST_CASE("Python's save() writes weights that fit the architecture", "[pytorch]") {
  const std::string name = "attendnet_seed";
  const auto network = samples::network(name);
  const samples::Folder folder;
  export_network(input_of(name, network), find_export_format("pytorch"), folder / "net.py");
  std::ofstream(folder / "again.py") << "import sys; sys.path.insert(0, sys.argv[1]); sys.dont_write_bytecode = True\n"
                                        "import net; net.save(net.load(), sys.argv[1] + '/again.safetensors')\n";
  evaluators::ChildProcess process({std::getenv("SYNTH_PYTHON"), folder / "again.py", folder / ""}, "/dev/null");
  process.read(/*one_line=*/false, {}, nullptr);
  INFO(process.last_words());
  REQUIRE(process.exited_well());
  const std::string saved = content(folder / "again.safetensors");
  evaluators::check_weights(samples::architecture(name), saved, "again");
  const auto tensors = evaluators::from_safetensors(saved, "again");
  for (const auto& [key, tensor] : network.named_tensors()) CHECK(at::equal(tensors.at(key), tensor));
}

TEST_CASE("weights come back from PyTorch's names and types", "[pytorch][import]") {
  const std::string name = "attendnet_seed";
  const auto architecture = samples::architecture(name);
  const auto own = samples::network(name).named_tensors();
  const std::string blob = evaluators::to_safetensors(own);
  CHECK(import_weights(architecture, blob, "own") == blob);
  // A state_dict of the exported module in a wrapper, in double precision.
  std::map<std::string, torch::Tensor> state;
  for (const auto& [key, tensor] : own) {
    std::string layer = key.substr(0, key.rfind('.'));
    std::replace(layer.begin(), layer.end(), '.', '_');
    state["module." + layer + key.substr(key.rfind('.'))] = tensor.to(torch::kFloat64);
    if (key.ends_with("running_mean"))
      state["module." + layer + ".num_batches_tracked"] = torch::ones({1}, torch::kInt64);
  }
  CHECK(import_weights(architecture, evaluators::to_safetensors(state), "state") == blob);

  const auto refused = [&](const std::string& key, std::optional<torch::Tensor> value) {
    auto changed = own;
    if (value)
      changed[key] = *value;
    else
      changed.erase(key);
    try {
      import_weights(architecture, evaluators::to_safetensors(changed), "file");
    } catch (const search_space::InputError& error) {
      return std::string(error.what());
    }
    return std::string("accepted");
  };
  const std::string key = "head.dense.weight";
  const auto& shape = own.at(key);
  CHECK_THAT(refused(key, std::nullopt), Contains("file: tensor 'head.dense.weight' [") && Contains("is missing"));
  CHECK_THAT(refused(key, torch::zeros({2, 3})),
             Contains("'head.dense.weight' has shape [2, 3]; the architecture needs ["));
  CHECK_THAT(refused("head.other.weight", torch::zeros({2, 3})), Contains("'head.other.weight' [2, 3] is none of"));
  CHECK_THAT(refused(key, torch::full_like(shape, std::numeric_limits<float>::infinity())), Contains("not finite"));
  CHECK_THAT(refused(key, torch::zeros_like(shape, torch::kInt32)), Contains("floating-point"));
}

TEST_CASE("a Python file may not take its own weights' place", "[pytorch]") {
  const std::string name = "attendnet_seed";
  const auto input = input_of(name, samples::network(name));
  CHECK_THROWS_WITH(export_files(input, find_export_format("pytorch"), "net.safetensors"), Contains("net.py"));
}
