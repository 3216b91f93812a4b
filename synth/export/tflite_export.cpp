// Whole networks, with every ReLU inside the operator before it where nothing else reads that one.
#include "synth/export/tflite_export.h"

#include "evaluators/float_conversion.h"
#include "evaluators/network.h"
#include "search_space/errors.h"
#include "synth/export/formats.h"
#include "synth/export/runtime.h"
#include "synth/export/tflite_primitives.h"
#include "synth/export/verification.h"

namespace synth {
namespace {

using evaluators::FloatNetwork;
using evaluators::IntegerNetwork;
using search_space::Graph;
using search_space::Op;

// Per node: the ReLU that the operator can do itself, or -1. Identities between are looked through.
std::vector<int> absorbed_relus(const Graph& graph, const IntegerNetwork* integers) {
  const auto uses = graph.use_counts();
  std::vector<int> result(graph.nodes.size(), -1);
  for (int i = 0; i < static_cast<int>(graph.nodes.size()); ++i) {
    if (graph.nodes[i].op != Op::relu) continue;
    int from = graph.nodes[i].inputs[0];
    while (graph.nodes[from].op == Op::identity && uses[from] == 1) from = graph.nodes[from].inputs[0];
    const Op op = graph.nodes[from].op;
    const bool able = op == Op::conv2d || op == Op::linear || op == Op::add || op == Op::multiply || op == Op::scale;
    const bool same_range = integers == nullptr || (integers->nodes[from].scale == integers->nodes[i].scale &&
                                                    integers->nodes[from].zero_point == integers->nodes[i].zero_point);
    if (able && uses[from] == 1 && same_range) result[from] = i;
  }
  return result;
}

std::string whole(const std::string& name, const Graph& graph, const IntegerNetwork* integers,
                  const FloatNetwork* floats, const std::map<std::string, std::string>& facts) {
  TfliteModel model;
  TflitePrimitives primitives(model, graph, integers, floats);
  const int logits = graph.nodes.back().inputs[0];
  const auto relus = absorbed_relus(graph, integers);
  std::vector<bool> done(graph.nodes.size(), false);
  std::vector<int> values = {primitives.value(0, "image")};
  for (int i = 1; i <= logits; ++i) {
    const auto [first, second] = graph.nodes[i].inputs;
    const bool nothing = done[i] || graph.nodes[i].op == Op::identity;
    if (relus[i] >= 0) done[relus[i]] = true;
    values.push_back(nothing ? values[first]
                             : primitives.emit(i, values[first], second < 0 ? -1 : values[second], relus[i] >= 0));
  }
  return model.bytes({values[0]}, primitives.flat(logits, values[logits], "logits"), name, facts);
}

std::vector<ExportFile> write_int8(const ExportInput& input, const std::string& path) {
  return {{path, tflite_int8(search_space::printable(input.name), *input.integers, input.facts)}};
}

std::vector<ExportFile> write_float(const ExportInput& input, const std::string& path) {
  return {{path, tflite_float(search_space::printable(input.name), evaluators::float_network(trained_network(input)),
                              input.facts)}};
}

Verification verify_int8(const ExportInput& input, const std::string& path) {
  return compare_integers(input, lite_rt(), path, 0.995);
}

Verification verify_float(const ExportInput& input, const std::string& path) {
  return compare_logits(input, lite_rt(), path, 1e-4, ImageLayout::channels_last);
}

}  // namespace

ExportFormat tflite_format() {
  return {"tflite",
          "tflite",
          "TensorFlow Lite, 8-bit weights and activations; verified in LiteRT",
          Needs::integers,
          write_int8,
          verify_int8,
          /*verifies_on_images=*/true};
}

ExportFormat tflite_float_format() {
  return {"tflite-float",
          "tflite",
          "TensorFlow Lite, float, batch norm folded; verified in LiteRT",
          Needs::weights,
          write_float,
          verify_float,
          /*verifies_on_images=*/true};
}

std::string tflite_int8(const std::string& name, const IntegerNetwork& network,
                        const std::map<std::string, std::string>& facts) {
  return whole(name, network.graph, &network, nullptr, facts);
}

std::string tflite_float(const std::string& name, const FloatNetwork& network,
                         const std::map<std::string, std::string>& facts) {
  return whole(name, network.graph, nullptr, &network, facts);
}

std::string tflite_node(const IntegerNetwork& network, int node) {
  TfliteModel model;
  TflitePrimitives primitives(model, network.graph, &network, nullptr);
  std::vector<int> inputs;
  for (const int input : network.graph.nodes[node].inputs)
    if (input >= 0) inputs.push_back(primitives.value(input, "input" + std::to_string(inputs.size())));
  const int output = primitives.emit(node, inputs[0], inputs.size() > 1 ? inputs[1] : -1, /*relu=*/false);
  return model.bytes(inputs, output, network.graph.full_name(node), {});
}

}  // namespace synth
