// TensorFlow Lite's operators for the primitives of a folded graph, in float or in integers.
#pragma once

#include <string>
#include <vector>

#include "evaluators/float_network.h"
#include "evaluators/integer_network.h"
#include "synth/export/tflite_model.h"

namespace synth {

class TflitePrimitives {
 public:
  // Of the networks one is given.
  TflitePrimitives(TfliteModel& model, const search_space::Graph& graph, const evaluators::IntegerNetwork* integers,
                   const evaluators::FloatNetwork* floats)
      : model_(model), graph_(graph), integers_(integers), floats_(floats) {}

  // A tensor like the output of `node`.
  int value(int node, const std::string& name) { return value(node, name, shape_of(node)); }
  // The tensor that `node` makes of its inputs' tensors; with `relu` what a ReLU makes of that.
  int emit(int node, int x, int y, bool relu);
  // [1, channels] of [1, 1, 1, channels].
  int flat(int node, int x, const std::string& name);

 private:
  using Node = search_space::Node;

  std::vector<int> shape_of(int node) const;
  TfliteRange range_of(int node) const;
  int value(int node, const std::string& name, const std::vector<int>& shape);
  tflite::TensorType type() const;
  // The weight as TensorFlow Lite wants it, scales along `dimension`.
  int weight(int node, const std::vector<int>& shape, int dimension);
  int bias(int node);
  int convolution(int node, int x, bool relu);
  int pool(int node, int x);
  int concat(int node, int x, int y);
  int hard_sigmoid(int node, int x);
  int slice(int node, int x);
  int channel_shuffle(int node, int x);
  int upsample(int node, int x);
  int mean(int node, int x);
  // SAME or VALID where they mean what the node does; else `x` is padded.
  tflite::Padding padding(int node, int& x);
  int padded(int node, int x);
  std::string name(int node) const { return graph_.full_name(node); }

  TfliteModel& model_;
  const search_space::Graph& graph_;
  const evaluators::IntegerNetwork* integers_;
  const evaluators::FloatNetwork* floats_;
};

}  // namespace synth
