// An ONNX model that grows operator by operator, and ONNX's operators for the primitives.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "search_space/graph.h"

namespace onnx {
class GraphProto;
class ModelProto;
}  // namespace onnx

namespace synth {

using OnnxAttribute = std::pair<std::string, std::variant<std::int64_t, float, std::string, std::vector<std::int64_t>>>;
using OnnxShape = std::vector<std::int64_t>;

// Adds to `graph`. Values are known by their names.
class OnnxGraph {
 public:
  explicit OnnxGraph(onnx::GraphProto& graph) : graph_(graph) {}

  // A constant; returns `name`.
  std::string constant(const std::string& name, const OnnxShape& shape, const std::vector<float>& values);
  std::string constant(const std::string& name, const OnnxShape& shape, const std::vector<std::int64_t>& values);
  std::string constant(const std::string& name, const OnnxShape& shape, const std::vector<std::int32_t>& values);
  std::string constant(const std::string& name, const OnnxShape& shape, const std::vector<std::int8_t>& values);
  // An operator with one output, which `output` names; returns it.
  std::string apply(const std::string& op, const std::vector<std::string>& inputs, const std::string& output,
                    const std::vector<OnnxAttribute>& attributes = {});

 private:
  onnx::GraphProto& graph_;
};

// What differs between a float and a quantised model.
struct OnnxParts {
  std::function<std::string(int node)> weight, bias;  // of conv2d, linear (as conv2d's, 1x1) and scale [channels, 1, 1]
  std::function<std::string(int node, const std::string& output)> finish;  // the value that later nodes read
};

// An empty model with the graph's input "image" [batch, channels, height, width] and output "logits" [batch, classes].
// `facts` are kept as metadata_props.
onnx::ModelProto onnx_model(const std::string& name, const search_space::Graph& graph,
                            const std::map<std::string, std::string>& facts);

// Emits the folded `graph` up to its logits; dense layers become 1x1 convolutions. InputError: a primitive that ONNX
// lacks.
void add_primitives(OnnxGraph& model, const search_space::Graph& graph, const OnnxParts& parts);

std::string onnx_bytes(const onnx::ModelProto& model);

}  // namespace synth
