// Instructions on a Cortex-M4: how often the loops of synth/export/c run, times what a round is worth.
#include <algorithm>
#include <array>
#include <numeric>

#include "search_space/deployment.h"

namespace search_space {
namespace {

using Counts = std::vector<double>;

// Positions of a window that lie inside the image, summed over all places of one axis.
std::int64_t inside(int size, int places, int kernel, int stride, int padding) {
  std::int64_t sum = 0;
  for (int place = 0; place < places; ++place) {
    const int first = place * stride - padding;
    sum += std::max(0, std::min(first + kernel, size) - std::max(first, 0));
  }
  return sum;
}

// Of memcpy: calls, words, bytes beyond them.
void add_copies(double calls, int bytes, Counts& counts) {
  counts.insert(counts.end(), {calls, calls * (bytes / 4), calls * (bytes % 4)});
}

void add_matrix(const Graph& graph, const Node& node, std::vector<RoutineTerms>& terms) {
  const int inputs = graph.input_channels(node) / node.groups, channels = node.output.channels / node.groups;
  const double quads = (node.kernel * node.kernel * inputs + 3) / 4,
               positions = double{1} * node.output.height * node.output.width * node.groups,
               steps = double{1} * ((node.output.height * node.output.width + 1) / 2) * node.groups;
  const int whole = channels / 16, rest = channels % 16, blocks = whole + (rest > 0 ? 1 : 0);
  const double pairs16 = 8.0 * whole, pairs = rest / 2, single = rest % 2;
  terms.push_back({Routine::matrix,
                   {1, double(node.groups), steps, positions, steps * blocks, steps * (pairs16 + pairs),
                    steps * pairs16 * quads, steps * pairs * quads, positions * single, positions * single * quads}});
  if (!gathers_inputs(graph, node)) return;
  Counts counts = {positions, positions * node.kernel};
  add_copies(positions * node.kernel * node.kernel, inputs, counts);
  terms.push_back({Routine::gather, counts});
}

RoutineTerms depthwise_terms(const Graph& graph, const Node& node) {
  const Shape &in = graph.nodes[node.inputs[0]].output, &out = node.output;
  const double channels = out.channels;
  const int known = std::max((out.height - 1) * node.stride + node.kernel, 0);  // rows unpacked, with padding
  const double inside_rows = std::min(known - node.padding, in.height), outside = known - inside_rows;
  Counts counts = {1,
                   channels,
                   channels * inside_rows,
                   channels * inside_rows * (in.width / 4),
                   channels * inside_rows * (in.width % 4),
                   channels * outside,
                   channels * outside * in.width,
                   channels * known * node.kernel};
  const double rows = channels * out.height;
  if (node.kernel == 3) {
    const int twos = node.stride == 1 ? out.width / 2 : 0;
    counts.insert(counts.end(), {rows, rows * twos, rows * (out.width - 2 * twos), 0, 0, 0, 0});
  } else {
    const double values = rows * out.width;
    counts.insert(counts.end(), {0, 0, 0, rows, values, values * node.kernel, values * node.kernel * node.kernel});
  }
  return {Routine::depthwise, counts};
}

RoutineTerms window_terms(const Graph& graph, const Node& node) {
  const Shape &in = graph.nodes[node.inputs[0]].output, &out = node.output;
  const double channels = out.channels, positions = double{1} * out.height * out.width;
  const double rows = inside(in.height, out.height, node.kernel, node.stride, node.padding),
               columns = inside(in.width, out.width, node.kernel, node.stride, node.padding);
  Counts counts = {1, positions, rows * columns, rows * columns * channels, rows * out.width};
  if (node.op == Op::max_pool) {
    add_copies(positions, out.channels, counts);
    return {Routine::max_pool, counts};
  }
  counts.insert(counts.end(), {positions * channels, channels * rows * out.width});
  return {Routine::avg_pool, counts};
}

}  // namespace

std::vector<RoutineTerms> routine_terms(const Graph& graph, int index) {
  const Node& node = graph.nodes[index];
  if (node.inputs[0] < 0) return {};
  const Shape &in = graph.nodes[node.inputs[0]].output, &out = node.output;
  const double values = static_cast<double>(out.elements()), positions = double{1} * out.height * out.width,
               channels = out.channels;
  std::vector<RoutineTerms> terms;
  switch (node.op) {
    case Op::conv2d:
    case Op::linear:
      if (runs_depthwise(graph, node)) return {depthwise_terms(graph, node)};
      add_matrix(graph, node, terms);
      return terms;
    case Op::max_pool:
    case Op::avg_pool:
      return {window_terms(graph, node)};
    case Op::global_avg_pool:
      return {{Routine::global_avg_pool, {1, channels, channels * in.height * in.width}}};
    case Op::add:
      return {{Routine::add, {1, values}}};
    case Op::multiply: {
      const Shape& second = graph.nodes[node.inputs[1]].output;
      const bool broadcast = second.height == 1 && second.width == 1;
      return {{Routine::multiply, {1, broadcast ? positions : 0, values}}};
    }
    case Op::scale:
      return {{Routine::scale, {1, positions, values}}};
    case Op::concat:
      return {{Routine::concat, {2, 2 * positions, values}}};
    case Op::relu:
      return {{Routine::relu, {1, values}}};
    case Op::sigmoid:
    case Op::hard_sigmoid:
    case Op::hard_swish:
      return {{Routine::table, {1, values}}};
    case Op::slice: {
      Counts counts = {1};
      add_copies(positions, out.channels, counts);
      return {{Routine::slice, counts}};
    }
    case Op::channel_shuffle:
      return {{Routine::channel_shuffle, {1, positions, values / node.groups, values}}};
    case Op::upsample_nearest: {
      Counts counts = {1, double(out.height)};
      add_copies(positions, out.channels, counts);
      return {{Routine::upsample_nearest, counts}};
    }
    default:
      return {};
  }
}

namespace {

// Fitted by tests/bench/instructions.py to counts in QEMU.
const std::vector<double> worth[static_cast<int>(Routine::count)] = {
    {},
    {0, 0, 0, 70.12, 40.8, 83.5, 21.04, 23.64, 65.7, 18.28},                                    // matrix
    {40.82, 0, 45.65, 3.411, 0},                                                                // gather
    {0, 47.13, 0, 10.52, 5.005, 0, 6.899, 10.64, 128.3, 44.96, 28.91, 95.3, 49, 9.267, 5.722},  // depthwise
    {0, 19.56, 0, 11.94, 69.79, 0, 3.269, 11.99},                                               // max_pool
    {0, 41.7, 0, 7.834, 0, 25.64, 1.501},                                                       // avg_pool
    {0, 0, 5.202},                                                                              // global_avg_pool
    {249.9, 44.99},                                                                             // add
    {124.4, 27.86, 23.9},                                                                       // multiply
    {0, 3.217, 26.1},                                                                           // scale
    {0, 23.53, 28.24},                                                                          // concat
    {0, 12.52},                                                                                 // relu
    {0, 3.842},                                                                                 // table
    {0, 5.136, 102, 48.62},                                                                     // slice
    {0, 0, 0, 4.949},                                                                           // channel_shuffle
    {0, 0, 0, 1.861, 0},                                                                        // upsample_nearest
};

}  // namespace

double instructions_of(const Graph& graph, int node) {
  double sum = 0;
  for (const auto& [routine, counts] : routine_terms(graph, node)) {
    const std::vector<double>& of = worth[static_cast<int>(routine)];
    sum += std::inner_product(of.begin(), of.end(), counts.begin(), 0.0);
  }
  return sum;
}

}  // namespace search_space
