// Python files and TorchScript in PyTorch, over every module kind; weights that Python saves come back.
#include <ATen/ATen.h>

#include <catch2/catch.hpp>
#include <fstream>
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

TEST_CASE("a Python file may not take its own weights' place", "[pytorch]") {
  const std::string name = "attendnet_seed";
  const auto input = input_of(name, samples::network(name));
  CHECK_THROWS_WITH(export_files(input, find_export_format("pytorch"), "net.safetensors"), Contains("net.py"));
}
