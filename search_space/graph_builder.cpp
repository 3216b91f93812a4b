// Emission of primitives with shape inference.
#include "search_space/graph_builder.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "search_space/errors.h"

namespace search_space {
namespace {

// Bounds far above any sensible network, so that no count of elements or multiply-adds can overflow.
constexpr int largest_channels = 1 << 20;
constexpr double largest_work = 4e18;

[[noreturn]] void refuse(std::string_view module, std::string_view name, const std::string& reason) {
  throw InputError(fmt::format("{}.{}: {}", module, name, reason));
}

int pooled(int size, int kernel, int stride, int padding, bool ceil_mode) {
  const int span = size + 2 * padding - kernel + (ceil_mode ? stride - 1 : 0);
  int pooled = (span >= 0 ? span / stride : -1) + 1;
  // A window must start inside the input or its leading padding.
  if (ceil_mode && (pooled - 1) * stride >= size + padding) --pooled;
  return pooled;
}

}  // namespace

GraphBuilder::GraphBuilder(Shape input, int classes) {
  graph_.classes = classes;
  Node& node = graph_.nodes.emplace_back();
  node.op = Op::input;
  node.name = node.module = "input";
  node.output = input;
  check(node);
}

void GraphBuilder::reserve(int nodes) {
  graph_.nodes.reserve(nodes);
}

void GraphBuilder::enter(std::string_view module, int slot, int stage, int position) {
  place_.module = module;
  place_.slot = slot;
  place_.stage = stage;
  place_.position = position;
}

Node& GraphBuilder::append(Op op, std::string_view name, int first, int second) {
  // In place: nodes are large, and copies of them were a third of the time of lowering.
  Node& node = graph_.nodes.emplace_back(place_);
  node.op = op;
  node.name = name;
  node.inputs = {first, second};
  node.output = shape(first);
  return node;
}

int GraphBuilder::check(const Node& node) const {
  const Shape& output = node.output;
  if (output.channels < 1 || output.height < 1 || output.width < 1 || output.channels > largest_channels) {
    refuse(node.module, node.name,
           fmt::format("output of {} x {} x {} is impossible; every extent must be at least 1, channels at most {}",
                       output.channels, output.height, output.width, largest_channels));
  }
  return static_cast<int>(graph_.nodes.size()) - 1;
}

int GraphBuilder::conv(std::string_view name, int from, int channels, int kernel, int stride, int groups, bool bias) {
  Node& next = append(Op::conv2d, name, from);
  const Shape in = shape(from);
  if (channels < 1 || channels > largest_channels) {
    refuse(next.module, name, fmt::format("width {}; allowed are 1 to {}", channels, largest_channels));
  }
  if (groups < 1 || in.channels % groups != 0 || channels % groups != 0) {
    refuse(next.module, name,
           fmt::format("{} groups do not divide {} input and {} output channels", groups, in.channels, channels));
  }
  next.kernel = kernel;
  next.stride = stride;
  next.padding = kernel / 2;
  next.groups = groups;
  next.bias = bias;
  next.output = {channels, pooled(in.height, kernel, stride, next.padding, false),
                 pooled(in.width, kernel, stride, next.padding, false)};
  work_ += static_cast<double>(kernel) * kernel * (in.channels / groups) * static_cast<double>(next.output.elements());
  return check(next);
}

int GraphBuilder::unary(Op op, int from) {
  return check(append(op, graph_.nodes[from].name, from));
}

int GraphBuilder::batch_norm(int from) {
  return unary(Op::batch_norm, from);
}

int GraphBuilder::relu(int from) {
  return unary(Op::relu, from);
}

int GraphBuilder::conv_bn(std::string_view name, int from, int channels, int kernel, int stride, int groups) {
  return batch_norm(conv(name, from, channels, kernel, stride, groups));
}

int GraphBuilder::conv_bn_relu(std::string_view name, int from, int channels, int kernel, int stride, int groups) {
  return relu(conv_bn(name, from, channels, kernel, stride, groups));
}

int GraphBuilder::activation(std::string_view kind, int from) {
  if (kind == "relu") return relu(from);
  if (kind == "none") return from;
  if (kind == "hard_swish") return unary(Op::hard_swish, from);
  if (kind == "sigmoid") return unary(Op::sigmoid, from);
  if (kind == "hard_sigmoid") return unary(Op::hard_sigmoid, from);
  throw InputError(fmt::format("activation: unknown '{}'{}", kind,
                               suggestion(kind, {"relu", "hard_swish", "sigmoid", "hard_sigmoid", "none"})));
}

int GraphBuilder::pool(Op op, std::string_view name, int from, int kernel, int stride, int padding, bool ceil_mode) {
  Node& next = append(op, name, from);
  next.kernel = kernel;
  next.stride = stride;
  next.padding = padding;
  next.ceil_mode = ceil_mode;
  next.output.height = pooled(next.output.height, kernel, stride, padding, ceil_mode);
  next.output.width = pooled(next.output.width, kernel, stride, padding, ceil_mode);
  return check(next);
}

int GraphBuilder::max_pool(std::string_view name, int from, int kernel, int stride, int padding, bool ceil_mode) {
  return pool(Op::max_pool, name, from, kernel, stride, padding, ceil_mode);
}

int GraphBuilder::avg_pool(std::string_view name, int from, int kernel, int stride, int padding, bool ceil_mode) {
  return pool(Op::avg_pool, name, from, kernel, stride, padding, ceil_mode);
}

int GraphBuilder::upsample_nearest(std::string_view name, int from, int height, int width) {
  Node& next = append(Op::upsample_nearest, name, from);
  next.output.height = height;
  next.output.width = width;
  return check(next);
}

int GraphBuilder::multiply(std::string_view name, int first, int second) {
  const Shape &a = shape(first), &b = shape(second);
  if (a.channels != b.channels || !((a.height == b.height && a.width == b.width) || (b.height == 1 && b.width == 1))) {
    refuse(place_.module, name, "factors differ in shape");
  }
  return check(append(Op::multiply, name, first, second));
}

int GraphBuilder::add(std::string_view name, int first, int second) {
  if (shape(first) != shape(second)) refuse(place_.module, name, "terms differ in shape");
  return check(append(Op::add, name, first, second));
}

int GraphBuilder::scale(std::string_view name, int from) {
  return check(append(Op::scale, name, from));
}

int GraphBuilder::concat(std::string_view name, int first, int second) {
  const Shape a = shape(first), b = shape(second);
  if (a.height != b.height || a.width != b.width) refuse(place_.module, name, "parts differ in height or width");
  Node& next = append(Op::concat, name, first, second);
  next.output.channels = a.channels + b.channels;
  return check(next);
}

int GraphBuilder::slice(std::string_view name, int from, int first_channel, int channels) {
  if (first_channel < 0 || channels < 1 || first_channel + channels > shape(from).channels) {
    refuse(place_.module, name, fmt::format("no {} channels from {}", channels, first_channel));
  }
  Node& next = append(Op::slice, name, from);
  next.first_channel = first_channel;
  next.output.channels = channels;
  return check(next);
}

int GraphBuilder::channel_shuffle(std::string_view name, int from, int groups) {
  if (groups < 1 || shape(from).channels % groups != 0) {
    refuse(place_.module, name, fmt::format("{} groups do not divide {} channels", groups, shape(from).channels));
  }
  Node& next = append(Op::channel_shuffle, name, from);
  next.groups = groups;
  return check(next);
}

int GraphBuilder::global_avg_pool(std::string_view name, int from) {
  Node& next = append(Op::global_avg_pool, name, from);
  next.output.height = next.output.width = 1;
  return check(next);
}

int GraphBuilder::linear(std::string_view name, int from, int features) {
  const Shape in = shape(from);
  if (in.height != 1 || in.width != 1) refuse(place_.module, name, "a dense layer needs a 1 x 1 input");
  Node& next = append(Op::linear, name, from);
  next.bias = true;
  next.output.channels = features;
  work_ += static_cast<double>(in.channels) * features;
  return check(next);
}

int GraphBuilder::softmax(int from) {
  return check(append(Op::softmax, "softmax", from));
}

Graph GraphBuilder::finish() && {
  if (work_ > largest_work) throw InputError(fmt::format("network of {:.1e} multiply-adds is too large", work_));
  return std::move(graph_);
}

}  // namespace search_space
