// ONNX files: accepted by its checker and shape inference, and equal to the networks in ONNX Runtime.
#include "synth/export/onnx_export.h"

#include <ATen/ATen.h>
#include <onnx/checker.h>
#include <onnx/onnx_pb.h>
#include <onnx/shape_inference/implementation.h>

#include <algorithm>
#include <catch2/catch.hpp>

#include "evaluators/float_conversion.h"
#include "evaluators/integer_conversion.h"
#include "evaluators/training.h"
#include "network_fixtures.h"
#include "samples.h"
#include "search_space/random.h"
#include "synth/export/runtime.h"

using namespace synth;

namespace {

// Throws what the checker finds; the inferred shape of the output.
std::vector<std::int64_t> checked_output(const std::string& bytes) {
  onnx::ModelProto model;
  REQUIRE(model.ParseFromString(bytes));
  onnx::checker::check_model(model);
  // Inferred anew, strictly: the file's own statement is set aside.
  model.mutable_graph()->mutable_output(0)->mutable_type()->mutable_tensor_type()->clear_shape();
  onnx::shape_inference::InferShapes(model, onnx::OpSchemaRegistry::Instance(),
                                     onnx::ShapeInferenceOptions(true, 1, true));
  std::vector<std::int64_t> shape;
  for (const auto& extent : model.graph().output(0).type().tensor_type().shape().dim())
    shape.push_back(extent.has_dim_value() ? extent.dim_value() : -1);
  return shape;
}

std::vector<int> image_shape(const search_space::Graph& graph) {
  return {graph.input().channels, graph.input().height, graph.input().width};
}

}  // namespace

TEST_CASE("float ONNX computes what the network does", "[onnx]") {
  for (const std::string& name : samples::names()) {
    INFO(name);
    auto network = samples::network(name);
    const auto& graph = network.graph();
    const std::string bytes = onnx_float(name, evaluators::float_network(network), {{"task", "test"}});
    CHECK(checked_output(bytes) == std::vector<std::int64_t>{-1, graph.classes});
    const samples::File file("model.onnx", bytes);
    const auto images = fixtures::random_images(graph, 20, 33);
    const at::NoGradGuard no_grad;
    const auto found = run_model(onnx_runtime(), file.path(), image_shape(graph), samples::values(images));
    CHECK(samples::relative_error(found, samples::values(network.forward(images, false))) < 1e-4);
  }
}

TEST_CASE("ONNX files carry what is known of the network", "[onnx]") {
  const auto network = samples::network("kind:conv");
  const std::string bytes =
      onnx_float("small", evaluators::float_network(network), {{"name", "small"}, {"mean", "0.5"}});
  onnx::ModelProto model;
  REQUIRE(model.ParseFromString(bytes));
  CHECK(model.graph().name() == "small");
  REQUIRE(model.metadata_props_size() == 2);
  CHECK(model.metadata_props(0).key() == "mean");
  CHECK(model.metadata_props(0).value() == "0.5");
  CHECK(model.graph().node(0).name() == "stem.conv1");
}

TEST_CASE("int8 ONNX of every module kind stays close to the integer network", "[onnx][onnx-int8]") {
  const auto data = fixtures::random_data(64, 10);
  for (const auto& name : samples::names()) {
    if (!name.starts_with("kind:")) continue;
    INFO(name);
    const auto network = samples::network(name);
    const auto integers = evaluators::integer_network(network, data);
    const std::string bytes = onnx_int8(name, integers, {});
    CHECK(checked_output(bytes) == std::vector<std::int64_t>{-1, data.classes()});
    const samples::File file("model.onnx", bytes);
    const auto images = evaluators::to_batch(data.test, 0, 32, data, at::kCPU);
    const auto found = run_model(onnx_runtime(), file.path(), image_shape(integers.graph), samples::values(images));
    REQUIRE(found.size() == std::size_t(32) * data.classes());
    const auto& range = integers.nodes[integers.logits()];
    double total = 0;
    for (int i = 0; i < 32; ++i) {
      const auto expected = integers.run(evaluators::quantised_image(integers, data, data.test, i));
      for (int c = 0; c < data.classes(); ++c)
        total += std::abs(found[i * data.classes() + c] / range.scale + range.zero_point - expected[c]);
    }
    CHECK(total / 32 / data.classes() < 2);  // steps of the logits: each rounds on its own
  }
}
