// Folding, constants and code of the generated program; memory by the arena's least live set.
#include "search_space/deployment.h"

#include <algorithm>

#include "search_space/arena.h"
#include "search_space/arena_order.h"

namespace search_space {
namespace {

// Of objects in constant memory, as arm-none-eabi-gcc places them.
std::int64_t aligned(std::int64_t bytes) {
  return (bytes + 3) / 4 * 4;
}

bool moves_values(Op op) {
  return op == Op::max_pool || op == Op::avg_pool || op == Op::upsample_nearest || op == Op::slice ||
         op == Op::channel_shuffle || op == Op::identity;
}

void fold(Graph& graph) {
  const std::vector<int> readers = graph.use_counts();
  for (Node& node : graph.nodes) {
    if (node.op == Op::conv2d) node.bias = true;
    if (node.op != Op::batch_norm) continue;
    const int from = node.inputs[0];
    if (graph.nodes[from].op == Op::conv2d && readers[from] == 1) {
      node.op = Op::identity;
      continue;
    }
    node.op = Op::conv2d;  // depthwise, 1x1
    node.groups = node.output.channels;
    node.bias = true;
  }
}

// Whether a node's integers begin at its zero point, since its reals are never negative.
std::vector<char> never_negative(const Graph& graph) {
  const int count = static_cast<int>(graph.nodes.size());
  const std::vector<int> readers = graph.use_counts();
  std::vector<int> reader(count, -1);
  for (int i = 0; i < count; ++i)
    for (const int input : graph.nodes[i].inputs)
      if (input >= 0) reader[input] = i;
  std::vector<char> reals(count, 0), integers(count, 0);
  for (int i = 1; i < count; ++i) {
    const Node& node = graph.nodes[i];
    const auto [first, second] = node.inputs;
    const bool both = reals[first] && (second < 0 || reals[second]);
    const bool sum = node.op == Op::add || node.op == Op::multiply || node.op == Op::concat ||
                     node.op == Op::global_avg_pool || node.op == Op::hard_swish;
    reals[i] = node.op == Op::relu || node.op == Op::sigmoid || node.op == Op::hard_sigmoid ||
               ((sum || moves_values(node.op)) && both);
    if (node.op == Op::relu || moves_values(node.op)) {
      integers[i] = integers[first];
      continue;
    }
    // A layer that one relu reads alone puts out in its range.
    bool ends_in_relu = false;
    for (int end = i; readers[end] == 1 && reader[end] >= 0;) {
      end = reader[end];
      if (graph.nodes[end].op != Op::identity && graph.nodes[end].op != Op::relu) break;
      ends_in_relu |= graph.nodes[end].op == Op::relu;
    }
    integers[i] = reals[i] || ends_in_relu;
  }
  return integers;
}

enum Kernel : std::uint32_t {
  matrix = 1,
  depthwise = 2,
  max_pool = 4,
  avg_pool = 8,
  global_avg_pool = 16,
  add = 32,
  multiply = 64,
  scale = 128,
  concat = 256,
  relu = 512,
  table = 1024,
  slice = 2048,
  channel_shuffle = 4096,
  upsample_nearest = 8192
};

struct Part {
  std::uint32_t kernel = 0;
  std::int64_t constants = 0;
  std::int64_t call = 0;  // bytes of code
};

// Sizes of the structures in synth/export/c on a 32-bit processor; what is passed by value ends up in the code.
constexpr std::int64_t convolution_bytes = 36, window_bytes = 16, addition_bytes = 28, product_bytes = 12,
                       table_bytes = 256;

Part layer_part(const Graph& graph, const Node& node) {
  const std::int64_t channels = node.output.channels, area = std::int64_t{node.kernel} * node.kernel,
                     inputs = graph.input_channels(node) / node.groups;
  const bool rows = runs_depthwise(graph, node);
  const std::int64_t weights = rows ? area * channels : channels * aligned(area * inputs);
  return {rows ? depthwise : matrix, aligned(weights) + 8 * channels + aligned(channels) + convolution_bytes,
          rows ? 12 : 22};
}

Part part_of(const Graph& graph, const Node& node) {
  switch (node.op) {
    case Op::conv2d:
    case Op::linear:
      return layer_part(graph, node);
    case Op::max_pool:
      return {max_pool, window_bytes, 104};
    case Op::avg_pool:
      return {avg_pool, window_bytes, 79};
    case Op::global_avg_pool:
      return {global_avg_pool, 0, 62};
    case Op::add:
      return {add, addition_bytes, 21};
    case Op::multiply:
      return {multiply, product_bytes, 0};
    case Op::scale:
      return {scale, aligned(node.output.channels), 0};
    case Op::concat:
      return {concat, 0, 111};
    case Op::relu:
      return {relu, 0, 0};
    case Op::sigmoid:
    case Op::hard_sigmoid:
    case Op::hard_swish:
      return {table, table_bytes, 120};
    case Op::slice:
      return {slice, 0, 39};
    case Op::channel_shuffle:
      return {channel_shuffle, 0, 59};
    case Op::upsample_nearest:
      return {upsample_nearest, 0, 37};
    default:
      return {};
  }
}

// Code of kernels by arm-none-eabi-gcc 12 with -O2, fitted to 187 programs (tests/bench/instructions.py); the C
// library's memcpy and memset are the program's.
constexpr struct {
  std::uint32_t kernel;
  std::int64_t bytes;
} code_sizes[] = {{matrix, 1978},  {depthwise, 1268}, {max_pool, 42}, {avg_pool, 130}, {add, 683},
                  {multiply, 370}, {scale, 386},      {concat, 201},  {relu, 12},      {upsample_nearest, 168}};
// What the fit missed at most, so that no program is larger than it says.
constexpr std::int64_t allowance = 120;

std::int64_t arena_bytes(const Graph& deployed, bool whole) {
  ArenaTasks all = arena_tasks(deployed, scratch_bytes(deployed));
  if (!whole && !all.tasks.empty()) {
    const int last = all.tasks.back().node;
    all.size[last] = aligned(deployed.nodes[last].output.elements());
  }
  return all.tasks.empty() ? 0 : std::max<std::int64_t>(4, least_live_set(all));
}

}  // namespace

std::int64_t Deployment::flash() const {
  if (kernels == 0) return 0;
  std::int64_t bytes = constants + calls + allowance;
  for (const auto& size : code_sizes)
    if ((kernels & size.kernel) != 0) bytes += size.bytes;
  return bytes;
}

void Deployment::add(const Deployment& part) {
  constants += part.constants;
  calls += part.calls;
  instructions += part.instructions;
  ram = std::max(ram, part.ram);
  kernels |= part.kernels;
}

Graph deployed_graph(Graph graph) {
  fold(graph);
  const std::vector<char> from_zero = never_negative(graph);
  for (std::size_t i = 0; i < graph.nodes.size(); ++i)
    if (graph.nodes[i].op == Op::relu && from_zero[i]) graph.nodes[i].op = Op::identity;
  return graph;
}

bool runs_depthwise(const Graph& deployed, const Node& node) {
  return node.op == Op::conv2d && node.groups > 1 && node.groups == deployed.input_channels(node) &&
         node.groups == node.output.channels;
}

bool gathers_inputs(const Graph& deployed, const Node& node) {
  return deployed.input_channels(node) / node.groups % 4 != 0 || node.kernel > 1 || node.padding > 0;
}

std::vector<std::int64_t> scratch_bytes(const Graph& deployed) {
  std::vector<std::int64_t> result(deployed.nodes.size(), 0);
  for (std::size_t i = 0; i < result.size(); ++i) {
    const Node& node = deployed.nodes[i];
    if (node.op != Op::conv2d && node.op != Op::linear) continue;
    const std::int64_t k = std::int64_t{node.kernel} * node.kernel * (deployed.input_channels(node) / node.groups);
    if (runs_depthwise(deployed, node)) {
      // A row of halves with its padding and what a step of two outputs reads beyond it.
      const int width = deployed.nodes[node.inputs[0]].output.width;
      result[i] = std::int64_t{node.kernel} * ((width + 2 * node.padding + node.stride + 1) / 2 * 2) * 2;
    } else if (gathers_inputs(deployed, node)) {
      result[i] = planned_pixels * aligned(k);
    }
  }
  return result;
}

Deployment deployment_of(const Graph& graph, bool whole) {
  const Graph deployed = deployed_graph(graph);
  Deployment result;
  double instructions = 0;
  for (int i = 1; i < static_cast<int>(deployed.nodes.size()); ++i) {
    const Part part = part_of(deployed, deployed.nodes[i]);
    if (part.kernel == 0) continue;
    result.kernels |= part.kernel;
    result.constants += part.constants;
    result.calls += part.call;
    instructions += instructions_of(deployed, i);
  }
  result.instructions = static_cast<std::int64_t>(instructions);
  result.ram = arena_bytes(deployed, whole);
  return result;
}

}  // namespace search_space
