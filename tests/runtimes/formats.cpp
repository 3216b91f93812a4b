// Formats as `synth export --verify` treats them: verified with their own network, refused with another's.
#include <catch2/catch.hpp>
#include <limits>
#include <memory>

#include "evaluators/integer_conversion.h"
#include "evaluators/weights.h"
#include "samples.h"
#include "search_space/errors.h"
#include "search_space/lowering.h"
#include "synth/export/export.h"
#include "synth/export/file_output.h"

using namespace synth;
using Catch::Contains;

namespace {

const std::vector<std::string> formats = {"onnx", "onnx-int8", "tflite", "tflite-float", "pytorch", "torchscript"};

ExportInput input_of(const std::string& name, const search_space::Architecture& architecture,
                     const evaluators::Network& network) {
  ExportInput input{name, architecture, evaluators::to_safetensors(network.named_tensors())};
  input.integers = evaluators::integer_network(network, samples::shapes());
  input.data = std::make_shared<evaluators::DataSet>(samples::shapes());
  input.facts = {{"requirements", "accuracy>=90%"}};
  return input;
}

}  // namespace

TEST_CASE("runtimes confirm trained networks, and tell others apart", "[formats]") {
  for (const std::string name : {"residual9,width=0.25", "attendnet_seed,width=0.5"}) {
    const samples::Trained trained = samples::trained(name);
    const ExportInput input = input_of(name, trained.architecture, trained.network);
    ExportInput other = input;
    const evaluators::Network untrained(search_space::lower(trained.architecture), 9);
    other.weights = evaluators::to_safetensors(untrained.named_tensors());
    other.integers = evaluators::integer_network(untrained, samples::shapes());
    for (const std::string& format_name : formats) {
      const ExportFormat& format = find_export_format(format_name);
      const samples::Folder folder;
      const std::string path = folder / ("model." + format.extension);
      export_network(input, format, path);
      const Verification own = format.verify(input, path), foreign = format.verify(other, path);
      INFO(name << ", " << format_name << ": " << own.statement << "; of another: " << foreign.statement);
      CHECK(own.passed);
      CHECK_FALSE(foreign.passed);
      CHECK_THAT(own.statement, Contains("200 test images"));
    }
  }
}

TEST_CASE("weights that are no numbers are refused by every format", "[formats]") {
  auto network = samples::network("residual9,width=0.5");
  auto tensors = network.named_tensors();
  tensors.at("head.dense.bias").data_ptr<float>()[3] = std::numeric_limits<float>::quiet_NaN();
  ExportInput input{"broken", samples::architecture("residual9,width=0.5"), evaluators::to_safetensors(tensors)};
  for (const std::string& name : formats) {
    const ExportFormat& format = find_export_format(name);
    if (format.needs == Needs::weights)
      CHECK_THROWS_WITH(export_files(input, format, "model"), Contains("head.dense.bias") && Contains("not finite"));
    else
      CHECK_THROWS_AS(export_files(input, format, "model"), search_space::InputError);
  }
}
