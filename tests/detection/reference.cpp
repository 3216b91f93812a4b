#include "reference.h"

#include <ATen/ATen.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "evaluators/weights.h"

namespace reference {

namespace fs = std::filesystem;

Tensors run_torchvision(const Tensors& inputs) {
  const fs::path folder = fs::temp_directory_path() / ("synth-torchvision-" + std::to_string(::getpid()));
  fs::create_directories(folder);
  const std::string in = folder / "in", out = folder / "out";
  std::ofstream(in, std::ios::binary) << evaluators::to_safetensors(inputs);
  const std::string script = SYNTH_SOURCE_DIR "/tests/detection/reference.py";
  const int status = std::system(("/usr/bin/python3 '" + script + "' '" + in + "' '" + out + "'").c_str());
  std::stringstream content;
  content << std::ifstream(out, std::ios::binary).rdbuf();
  fs::remove_all(folder);
  INFO("tests/detection/reference.py needs Debian's python3-torchvision (./setup.sh test)");
  REQUIRE(status == 0);
  return evaluators::from_safetensors(content.str(), "reference.py");
}

Tensors fields(const Tensors& all, const std::string& kind, int number) {
  const std::string prefix = kind + "." + std::to_string(number) + ".";
  Tensors result;
  for (const auto& [name, tensor] : all)
    if (name.rfind(prefix, 0) == 0) result[name.substr(prefix.size())] = tensor;
  return result;
}

void check_close(const torch::Tensor& found, const torch::Tensor& expected) {
  REQUIRE(found.sizes() == expected.sizes());
  if (expected.numel() == 0) return;
  const torch::Tensor scale = expected.abs().clamp_min(1);
  const torch::Tensor error = ((found - expected).abs() / scale).flatten();
  const auto worst = error.argmax().item<std::int64_t>();
  INFO("element " << worst << ": " << found.flatten()[worst].item<float>() << ", expected "
                  << expected.flatten()[worst].item<float>());
  CHECK(at::isfinite(found).all().item<bool>());
  CHECK(error[worst].item<float>() <= 1e-4f);
}

}  // namespace reference
