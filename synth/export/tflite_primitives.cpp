// Tensors are [1, height, width, channels].
#include "synth/export/tflite_primitives.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "search_space/errors.h"

namespace synth {

using search_space::Op;
using tflite::Activation;
using tflite::Operator;
using tflite::Padding;
using Shape = std::vector<int>;

namespace {

Activation activation(bool relu) {
  return relu ? Activation::RELU : Activation::NONE;
}

// Rows or columns that the last window reads beyond the image.
int missing(int in, int out, const search_space::Node& node) {
  return std::max(0, (out - 1) * node.stride + node.kernel - in - node.padding);
}

bool is_valid(int in, int out, const search_space::Node& node) {
  return node.padding == 0 && in >= node.kernel && out == (in - node.kernel) / node.stride + 1;
}

bool is_same(int in, int out, const search_space::Node& node) {
  const int all = std::max(0, (out - 1) * node.stride + node.kernel - in);
  return out == (in + node.stride - 1) / node.stride && all / 2 == node.padding;
}

bool is_depthwise(const search_space::Node& node, int inputs) {
  return node.groups > 1 && node.groups == inputs;
}

// TensorFlow Lite finds the source of row `i` in float.
bool resizes_exactly(int in, int out) {
  const float factor = static_cast<float>(in) / static_cast<float>(out);
  for (int i = 0; i < out; ++i)
    if (static_cast<int>(std::floor(static_cast<float>(i) * factor)) != i * in / out) return false;
  return true;
}

// [out, in, area] -> [out, area, in].
std::vector<float> channels_last(const std::vector<float>& values, int out, int in) {
  const std::size_t area = values.size() / out / in;
  std::vector<float> result;
  for (int o = 0; o < out; ++o)
    for (std::size_t place = 0; place < area; ++place)
      for (int i = 0; i < in; ++i) result.push_back(values[(static_cast<std::size_t>(o) * in + i) * area + place]);
  return result;
}

// [out, area] -> [area, out].
template <typename Number>
std::vector<Number> transposed(const std::vector<Number>& values, int out) {
  const std::size_t area = values.size() / out;
  std::vector<Number> result;
  for (std::size_t place = 0; place < area; ++place)
    for (int o = 0; o < out; ++o) result.push_back(values[o * area + place]);
  return result;
}

}  // namespace

Shape TflitePrimitives::shape_of(int node) const {
  const auto& shape = graph_.nodes[node].output;
  return {1, shape.height, shape.width, shape.channels};
}

TfliteRange TflitePrimitives::range_of(int node) const {
  if (integers_ == nullptr) return {};
  return {{integers_->nodes[node].scale}, {integers_->nodes[node].zero_point}};
}

tflite::TensorType TflitePrimitives::type() const {
  return integers_ != nullptr ? tflite::TensorType::INT8 : tflite::TensorType::FLOAT32;
}

int TflitePrimitives::value(int node, const std::string& name, const Shape& shape) {
  return model_.value(name, shape, type(), range_of(node));
}

int TflitePrimitives::weight(int node, const Shape& shape, int dimension) {
  const Node& primitive = graph_.nodes[node];
  const bool turned = is_depthwise(primitive, graph_.input_channels(primitive));
  const int out = primitive.output.channels;
  const std::string text = name(node) + ".weight";
  if (integers_ != nullptr) {
    const auto& own = integers_->nodes[node];
    const TfliteRange range = {own.weight_scale, std::vector<std::int64_t>(own.weight_scale.size(), 0), dimension};
    return model_.constant(text, shape, turned ? transposed(own.weight, out) : own.weight, range);
  }
  const auto& own = floats_->nodes[node].weight;
  if (turned) return model_.constant(text, shape, transposed(own, out));
  if (primitive.op == Op::scale) return model_.constant(text, shape, own);
  return model_.constant(text, shape, channels_last(own, out, graph_.input_channels(primitive) / primitive.groups));
}

int TflitePrimitives::bias(int node) {
  const Shape shape = {graph_.nodes[node].output.channels};
  const std::string text = name(node) + ".bias";
  if (integers_ == nullptr) return model_.constant(text, shape, floats_->nodes[node].bias);
  const auto& own = integers_->nodes[node];
  TfliteRange range = {{}, std::vector<std::int64_t>(own.weight_scale.size(), 0)};
  for (const float scale : own.weight_scale)
    range.scale.push_back(integers_->nodes[graph_.nodes[node].inputs[0]].scale * scale);
  return model_.constant(text, shape, own.bias, range);
}

int TflitePrimitives::padded(int node, int x) {
  const Node& primitive = graph_.nodes[node];
  const int from = primitive.inputs[0];
  const auto &in = graph_.nodes[from].output, &out = primitive.output;
  const int begin = primitive.padding, below = missing(in.height, out.height, primitive),
            right = missing(in.width, out.width, primitive);
  const std::vector<std::int32_t> amounts = {0, 0, begin, below, begin, right, 0, 0};
  const int paddings = model_.constant(name(node) + ".paddings", {4, 2}, amounts);
  const int result =
      value(from, name(node) + ".padded", {1, in.height + begin + below, in.width + begin + right, in.channels});
  if (primitive.op == Op::conv2d) {
    model_.apply(Operator::PAD, 2, {x, paddings}, result);
    return result;
  }
  // Nothing may be the largest but what is in the image.
  const std::string text = name(node) + ".least";
  const int least = integers_ != nullptr
                        ? model_.constant(text, {}, std::vector<std::int8_t>{-128}, range_of(from))
                        : model_.constant(text, {}, std::vector<float>{std::numeric_limits<float>::lowest()});
  model_.apply(Operator::PADV2, 2, {x, paddings, least}, result);
  return result;
}

Padding TflitePrimitives::padding(int node, int& x) {
  const Node& primitive = graph_.nodes[node];
  const auto &in = graph_.nodes[primitive.inputs[0]].output, &out = primitive.output;
  if (is_valid(in.height, out.height, primitive) && is_valid(in.width, out.width, primitive)) return Padding::VALID;
  if (is_same(in.height, out.height, primitive) && is_same(in.width, out.width, primitive)) return Padding::SAME;
  if (primitive.op == Op::avg_pool)
    throw search_space::InputError(name(node) +
                                   ": TensorFlow Lite has no average pooling padded like this; choose an "
                                   "input size that its stride divides, or --format onnx");
  x = padded(node, x);
  return Padding::VALID;
}

int TflitePrimitives::convolution(int node, int x, bool relu) {
  const Node& primitive = graph_.nodes[node];
  const int inputs = graph_.input_channels(primitive), outputs = primitive.output.channels, k = primitive.kernel;
  const Padding how = padding(node, x);
  const bool depthwise = is_depthwise(primitive, inputs);
  const int weights =
      depthwise ? weight(node, {1, k, k, outputs}, 3) : weight(node, {outputs, k, k, inputs / primitive.groups}, 0);
  const int biases = bias(node), result = value(node, name(node));
  const int version = integers_ != nullptr ? 3 : 1;
  if (depthwise) {
    tflite::DepthwiseConv2DOptionsT options;
    options.padding = how;
    options.stride_w = options.stride_h = primitive.stride;
    options.depth_multiplier = outputs / inputs;
    options.activation = activation(relu);
    model_.apply(Operator::DEPTHWISE_CONV_2D, version, {x, weights, biases}, result, std::move(options));
  } else {
    tflite::Conv2DOptionsT options;
    options.padding = how;
    options.stride_w = options.stride_h = primitive.stride;
    options.activation = activation(relu);
    model_.apply(Operator::CONV_2D, version, {x, weights, biases}, result, std::move(options));
  }
  return result;
}

int TflitePrimitives::pool(int node, int x) {
  const Node& primitive = graph_.nodes[node];
  tflite::Pool2DOptionsT options;
  options.padding = padding(node, x);
  options.stride_w = options.stride_h = primitive.stride;
  options.filter_width = options.filter_height = primitive.kernel;
  const int result = value(node, name(node));
  model_.apply(primitive.op == Op::max_pool ? Operator::MAX_POOL_2D : Operator::AVERAGE_POOL_2D,
               integers_ != nullptr ? 2 : 1, {x}, result, std::move(options));
  return result;
}

int TflitePrimitives::concat(int node, int x, int y) {
  const auto& primitive = graph_.nodes[node];
  int parts[] = {x, y};
  for (int i = 0; i < 2 && integers_ != nullptr; ++i) {
    const auto &from = integers_->nodes[primitive.inputs[i]], &own = integers_->nodes[node];
    if (from.scale == own.scale && from.zero_point == own.zero_point) continue;
    const int same = value(node, name(node) + (i == 0 ? ".first" : ".second"), shape_of(primitive.inputs[i]));
    model_.apply(Operator::QUANTIZE, 2, {parts[i]}, same);
    parts[i] = same;
  }
  tflite::ConcatenationOptionsT options;
  options.axis = 3;
  const int result = value(node, name(node));
  model_.apply(Operator::CONCATENATION, integers_ != nullptr ? 2 : 1, {parts[0], parts[1]}, result, std::move(options));
  return result;
}

// TensorFlow Lite has none: integers look their 256 values up, floats compute relu6(x + 3) / 6.
int TflitePrimitives::hard_sigmoid(int node, int x) {
  const int result = value(node, name(node));
  const std::string text = name(node);
  if (integers_ == nullptr) {
    const int three = model_.constant(text + ".three", {1}, std::vector<float>{3});
    const int sixth = model_.constant(text + ".sixth", {1}, std::vector<float>{1.0f / 6});
    const int six = value(node, text + ".six");
    tflite::AddOptionsT options;
    options.activation = Activation::RELU6;
    model_.apply(Operator::ADD, 1, {x, three}, six, std::move(options));
    model_.apply(Operator::MUL, 1, {six, sixth}, result, tflite::MulOptionsT{});
    return result;
  }
  const int table = model_.constant(text + ".table", {256}, integers_->nodes[node].table, range_of(node));
  const int offset = model_.constant(text + ".offset", {1}, std::vector<std::int32_t>{128});
  const int wide = model_.value(text + ".wide", shape_of(node), tflite::TensorType::INT32, {});
  const int place = model_.value(text + ".place", shape_of(node), tflite::TensorType::INT32, {});
  tflite::CastOptionsT options;
  options.from = tflite::TensorType::INT8;
  options.to = tflite::TensorType::INT32;
  model_.apply(Operator::CAST, 1, {x}, wide, std::move(options));
  model_.apply(Operator::ADD, 1, {wide, offset}, place, tflite::AddOptionsT{});
  model_.apply(Operator::GATHER, 2, {table, place}, result, tflite::GatherOptionsT{});
  return result;
}

int TflitePrimitives::slice(int node, int x) {
  const Node& primitive = graph_.nodes[node];
  const std::vector<std::int32_t> begin = {0, 0, 0, primitive.first_channel};
  const auto shape = shape_of(node);
  const int result = value(node, name(node));
  const int first = model_.constant(name(node) + ".begin", {4}, begin);
  const int size = model_.constant(name(node) + ".size", {4}, std::vector<std::int32_t>(shape.begin(), shape.end()));
  model_.apply(Operator::SLICE, integers_ != nullptr ? 2 : 1, {x, first, size}, result);
  return result;
}

int TflitePrimitives::channel_shuffle(int node, int x) {
  const Node& primitive = graph_.nodes[node];
  const auto& out = primitive.output;
  const int groups = primitive.groups, members = out.channels / groups;
  const auto reshape = [&](int from, int to, const Shape& shape) {
    tflite::ReshapeOptionsT options;
    options.new_shape = shape;
    model_.apply(Operator::RESHAPE, 1, {from}, to, std::move(options));
  };
  // [height width, groups, members]: three dimensions suffice.
  const int area = out.height * out.width;
  const int split = value(node, name(node) + ".split", {area, groups, members});
  const int turned = value(node, name(node) + ".turned", {area, members, groups});
  const int result = value(node, name(node));
  reshape(x, split, {area, groups, members});
  const int order = model_.constant(name(node) + ".order", {3}, std::vector<std::int32_t>{0, 2, 1});
  model_.apply(Operator::TRANSPOSE, integers_ != nullptr ? 2 : 1, {split, order}, turned);
  reshape(turned, result, shape_of(node));
  return result;
}

int TflitePrimitives::upsample(int node, int x) {
  const auto &in = graph_.nodes[graph_.nodes[node].inputs[0]].output, &out = graph_.nodes[node].output;
  const int result = value(node, name(node));
  if (resizes_exactly(in.height, out.height) && resizes_exactly(in.width, out.width)) {
    const int size = model_.constant(name(node) + ".size", {2}, std::vector<std::int32_t>{out.height, out.width});
    model_.apply(Operator::RESIZE_NEAREST_NEIGHBOR, integers_ != nullptr ? 2 : 1, {x, size}, result,
                 tflite::ResizeNearestNeighborOptionsT{});
    return result;
  }
  const auto gather = [&](int from, int in_size, int out_size, int axis, int to) {
    std::vector<std::int32_t> places;
    for (int i = 0; i < out_size; ++i) places.push_back(i * in_size / out_size);
    tflite::GatherOptionsT options;
    options.axis = axis;
    const int index = model_.constant(name(node) + (axis == 1 ? ".row" : ".column"), {out_size}, places);
    model_.apply(Operator::GATHER, integers_ != nullptr ? 2 : 1, {from, index}, to, std::move(options));
  };
  const int rows = value(node, name(node) + ".rows", {1, out.height, in.width, out.channels});
  gather(x, in.height, out.height, 1, rows);
  gather(rows, in.width, out.width, 2, result);
  return result;
}

int TflitePrimitives::mean(int node, int x) {
  const int axes = model_.constant(name(node) + ".axes", {2}, std::vector<std::int32_t>{1, 2});
  const int result = value(node, name(node));
  tflite::ReducerOptionsT options;
  options.keep_dims = true;
  model_.apply(Operator::MEAN, integers_ != nullptr ? 2 : 1, {x, axes}, result, std::move(options));
  return result;
}

int TflitePrimitives::flat(int node, int x, const std::string& name) {
  tflite::ReshapeOptionsT options;
  options.new_shape = {1, graph_.nodes[node].output.channels};
  const int result = value(node, name, options.new_shape);
  model_.apply(Operator::RESHAPE, 1, {x}, result, std::move(options));
  return result;
}

int TflitePrimitives::emit(int node, int x, int y, bool relu) {
  const Op op = graph_.nodes[node].op;
  const int version = integers_ != nullptr ? 2 : 1;
  const auto simple = [&](Operator code, int code_version) {
    const int result = value(node, name(node));
    model_.apply(code, code_version, {x}, result);
    return result;
  };
  const auto product = [&](int factor) {
    const int result = value(node, name(node));
    tflite::MulOptionsT options;
    options.activation = activation(relu);
    model_.apply(Operator::MUL, version, {x, factor}, result, std::move(options));
    return result;
  };
  switch (op) {
    case Op::conv2d:
    case Op::linear:
      return convolution(node, x, relu);
    case Op::max_pool:
    case Op::avg_pool:
      return pool(node, x);
    case Op::global_avg_pool:
      return mean(node, x);
    case Op::relu:
      return simple(Operator::RELU, version);
    case Op::sigmoid:
      return simple(Operator::LOGISTIC, version);
    case Op::hard_swish:
      return simple(Operator::HARD_SWISH, 1);
    case Op::hard_sigmoid:
      return hard_sigmoid(node, x);
    case Op::scale:
      return product(weight(node, {1, 1, 1, graph_.nodes[node].output.channels}, 0));
    case Op::multiply:
      return product(y);
    case Op::add: {
      const int result = value(node, name(node));
      tflite::AddOptionsT options;
      options.activation = activation(relu);
      model_.apply(Operator::ADD, version, {x, y}, result, std::move(options));
      return result;
    }
    case Op::concat:
      return concat(node, x, y);
    case Op::slice:
      return slice(node, x);
    case Op::channel_shuffle:
      return channel_shuffle(node, x);
    case Op::upsample_nearest:
      return upsample(node, x);
    default:
      throw search_space::InputError(name(node) + ": TensorFlow Lite is not given the primitive " +
                                     std::string(search_space::op_name(op)) + "; export --format weights instead");
  }
}

}  // namespace synth
