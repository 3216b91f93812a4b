// Mask R-CNN as primitives behind a backbone.
#include "search_space/mask_rcnn.h"

#include <fmt/format.h>

#include <algorithm>

#include "search_space/errors.h"
#include "search_space/graph_builder.h"
#include "search_space/lowering.h"

namespace search_space {
namespace {

constexpr int pyramid_levels = MaskRcnnGraphs::pooled_levels, box_side = MaskRcnnGraphs::box_side;
constexpr int mask_side = MaskRcnnGraphs::mask_side, region_side = 14, c4_mask_width = 256;
constexpr int pyramid_anchors = 3, c4_anchors = 15;

// Adds what `graph` costs when it runs `times` times; the weights count only where they are new.
void add_runs(Cost& cost, const Graph& graph, Counting counting, int times, bool new_weights) {
  const Cost one = cost_of(graph, counting);
  cost.multiply_adds += one.multiply_adds * times;
  if (!new_weights) return;
  cost.weights += one.weights;
  cost.biases += one.biases;
}

// A 2x2 transposed convolution of stride 2: every input position makes four outputs of its own. No primitive does this,
// and nothing else needs it.
void add_deconvolution(Cost& cost, const Shape& in, int channels, int times) {
  const std::int64_t weights = std::int64_t{4} * in.channels * channels;
  cost.weights += weights;
  cost.biases += channels;
  cost.multiply_adds += weights * in.height * in.width * times;
}

// One node per resolution, the last one of that size, from high to low; `slot` is the first slot that works at it.
struct Level {
  int node = 0, slot = 0, stride = 1;
};

std::vector<Level> levels_of(const Architecture& backbone, int slots, GraphBuilder& builder) {
  int node = lower_stem(backbone, builder), stride = 1;
  for (const Layer& layer : backbone.stem) stride *= layer.stride;
  std::vector<Level> levels = {{node, 0, stride}};
  for (int slot = 0; slot < slots; ++slot) {
    node = lower_slots(backbone, slot, slot + 1, node, builder);
    stride *= backbone.slots[slot].stride;
    if (backbone.slots[slot].stride > 1) levels.push_back({node, slot, stride});
    levels.back().node = node;
  }
  return levels;
}

// The last levels must have the published strides.
void check_strides(const std::vector<Level>& levels, const std::vector<int>& published, const char* form) {
  std::vector<int> found;
  for (const Level& level : levels) found.push_back(level.stride);
  const auto last = found.end() - static_cast<std::ptrdiff_t>(std::min(found.size(), published.size()));
  if (std::equal(last, found.end(), published.begin(), published.end())) return;
  throw InputError(fmt::format(
      "a Mask R-CNN {} stands on feature maps of strides {}; this network's maps have strides {}. Choose a network "
      "that ends at stride 32, or another stem: NETWORK,stem=NAME",
      form, fmt::join(published, ", "), fmt::join(found, ", ")));
}

struct Proposed {
  int objectness = 0, deltas = 0;
};

// Emits the region proposal network on one map.
Proposed propose(GraphBuilder& builder, int map, int width, int anchors) {
  builder.enter("rpn", -1, -1, -1);
  const int hidden = builder.relu(builder.conv("conv", map, width, 3, 1, 1, true));
  const int objectness = builder.conv("objectness", hidden, anchors, 1, 1, 1, true);
  return {objectness, builder.conv("deltas", hidden, 4 * anchors, 1, 1, 1, true)};
}

// Splits the costs of a graph by part: nodes of modules "fpn" and "rpn", all others are the backbone's.
std::vector<MaskRcnnCost::Part> split_by_part(const Graph& graph, Counting counting) {
  std::vector<MaskRcnnCost::Part> parts = {{"backbone", {}}, {"FPN", {}}, {"RPN", {}}};
  const std::vector<Cost> costs = cost_per_node(graph, counting);
  for (std::size_t i = 0; i < costs.size(); ++i) {
    const Node& node = graph.nodes[i];
    Cost& cost = parts[node.module == "fpn" ? 1 : node.module == "rpn" ? 2 : 0].cost;
    cost.multiply_adds += costs[i].multiply_adds;
    cost.weights += costs[i].weights;
    cost.biases += costs[i].biases;
  }
  return parts;
}

Architecture resized(const Architecture& backbone, const MaskRcnn& task) {
  if (std::min(task.height, task.width) < MaskRcnn::smallest_side) {
    throw InputError(fmt::format("an image of {} x {}: a Mask R-CNN needs sides of at least {}", task.height,
                                 task.width, MaskRcnn::smallest_side));
  }
  Architecture result = backbone;
  result.input.height = task.height;
  result.input.width = task.width;
  return result;
}

void add_pyramid(const Architecture& backbone, const MaskRcnn& task, MaskRcnnGraphs& graphs) {
  GraphBuilder builder(backbone.input, task.classes);
  const std::vector<Level> levels = levels_of(backbone, static_cast<int>(backbone.slots.size()), builder);
  check_strides(levels, {4, 8, 16, 32}, "with a feature pyramid");
  graphs.maps.resize(pyramid_levels);
  int above = -1;
  for (int level = pyramid_levels - 1; level >= 0; --level) {
    builder.enter("fpn", -1, -1, level);
    const int feature = levels[levels.size() - pyramid_levels + level].node;
    int merged = builder.conv("lateral", feature, task.pyramid_width, 1, 1, 1, true);
    if (above >= 0) {
      const Shape size = builder.shape(merged);
      merged = builder.add("add", merged, builder.upsample_nearest("top_down", above, size.height, size.width));
    }
    above = merged;
    graphs.maps[level] = builder.conv("output", merged, task.pyramid_width, 3, 1, 1, true);
  }
  graphs.maps.push_back(builder.max_pool("subsample", graphs.maps.back(), 1, 2, 0, false));
  graphs.features = std::move(builder).finish();
}

// The region proposal network on a map of that shape.
Graph proposal_graph(const Shape& map, Proposed& proposed) {
  GraphBuilder builder(map, 1);
  proposed = propose(builder, 0, map.channels, pyramid_anchors);
  return std::move(builder).finish();
}

void add_heads(const MaskRcnn& task, MaskRcnnGraphs& graphs) {
  GraphBuilder box({task.pyramid_width * box_side * box_side, 1, 1}, task.classes);
  box.enter("box", -1, -1, -1);
  const int hidden = box.relu(box.linear("fc2", box.relu(box.linear("fc1", 0, task.box_width)), task.box_width));
  graphs.classes = box.linear("classes", hidden, task.classes);
  graphs.box_deltas = box.linear("deltas", hidden, 4 * task.classes);
  graphs.boxes = std::move(box).finish();

  GraphBuilder mask({task.pyramid_width, mask_side, mask_side}, task.classes);
  int node = 0;
  for (int i = 0; i < task.mask_layers; ++i) {
    mask.enter("mask", -1, -1, i);
    node = mask.relu(mask.conv("conv", node, task.mask_width, 3, 1, 1, true));
  }
  graphs.masks = std::move(mask).finish();
  GraphBuilder logits({task.mask_width, 2 * mask_side, 2 * mask_side}, task.classes);
  logits.enter("mask", -1, -1, -1);
  logits.conv("logits", 0, task.classes, 1, 1, 1, true);
  graphs.mask_logits = std::move(logits).finish();
}

MaskRcnnCost with_pyramid(const Architecture& backbone, const MaskRcnn& task, Counting counting) {
  const MaskRcnnGraphs graphs = mask_rcnn_graphs(backbone, task);
  MaskRcnnCost result{split_by_part(graphs.features, counting)};
  for (const int map : graphs.maps) {
    Proposed unused;
    const Graph graph = proposal_graph(graphs.features.nodes[map].output, unused);
    add_runs(result.parts.back().cost, graph, counting, 1, map == graphs.maps.front());
  }
  add_runs(result.parts.emplace_back(MaskRcnnCost::Part{"box head", {}}).cost, graphs.boxes, counting, task.proposals,
           true);
  Cost& cost = result.parts.emplace_back(MaskRcnnCost::Part{"mask head", {}}).cost;
  add_runs(cost, graphs.masks, counting, task.detections, true);
  add_deconvolution(cost, {task.mask_width, mask_side, mask_side}, task.mask_width, task.detections);
  add_runs(cost, graphs.mask_logits, counting, task.detections, true);
  return result;
}

MaskRcnnCost without_pyramid(const Architecture& backbone, const MaskRcnn& task, Counting counting) {
  const int slots = static_cast<int>(backbone.slots.size());
  GraphBuilder whole(backbone.input, task.classes);
  const std::vector<Level> levels = levels_of(backbone, slots, whole);
  check_strides(levels, {16, 32}, "without a feature pyramid");
  const int first_of_last = levels.back().slot;

  GraphBuilder shared(backbone.input, task.classes);
  const int map = lower_slots(backbone, 0, first_of_last, lower_stem(backbone, shared), shared);
  const int width = shared.shape(map).channels;
  propose(shared, map, width, c4_anchors);
  MaskRcnnCost result{split_by_part(std::move(shared).finish(), counting)};

  GraphBuilder last_stage({width, region_side, region_side}, task.classes);
  const int features = lower_slots(backbone, first_of_last, slots, 0, last_stage);
  const Shape region = last_stage.shape(features);
  const Graph stage = std::move(last_stage).finish();
  GraphBuilder box({region.channels, 1, 1}, task.classes);
  box.linear("classes", 0, task.classes);
  box.linear("deltas", 0, 4 * task.classes);
  Cost& box_cost = result.parts.emplace_back(MaskRcnnCost::Part{"box head", {}}).cost;
  add_runs(box_cost, stage, counting, task.proposals, true);
  add_runs(box_cost, std::move(box).finish(), counting, task.proposals, true);

  GraphBuilder logits({c4_mask_width, 2 * region.height, 2 * region.width}, task.classes);
  logits.conv("masks", 0, task.classes, 1, 1, 1, true);
  Cost& mask_cost = result.parts.emplace_back(MaskRcnnCost::Part{"mask head", {}}).cost;
  add_runs(mask_cost, stage, counting, task.detections, false);
  add_deconvolution(mask_cost, region, c4_mask_width, task.detections);
  add_runs(mask_cost, std::move(logits).finish(), counting, task.detections, true);
  return result;
}

}  // namespace

Cost MaskRcnnCost::total() const {
  Cost sum;
  for (const Part& part : parts) {
    sum.weights += part.cost.weights;
    sum.biases += part.cost.biases;
    sum.multiply_adds += part.cost.multiply_adds;
  }
  return sum;
}

MaskRcnnCost mask_rcnn_cost(const Architecture& backbone, const MaskRcnn& task, Counting counting) {
  return task.variant == MaskRcnn::Variant::fpn ? with_pyramid(backbone, task, counting)
                                                : without_pyramid(resized(backbone, task), task, counting);
}

MaskRcnnGraphs mask_rcnn_graphs(const Architecture& backbone, const MaskRcnn& task) {
  MaskRcnnGraphs graphs;
  add_pyramid(resized(backbone, task), task, graphs);
  Proposed proposed;
  graphs.proposals = proposal_graph(graphs.features.nodes[graphs.maps.front()].output, proposed);
  graphs.objectness = proposed.objectness;
  graphs.proposal_deltas = proposed.deltas;
  add_heads(task, graphs);
  return graphs;
}

}  // namespace search_space
