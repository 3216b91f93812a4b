// Stem, slots and head as primitives.
#include "search_space/lowering.h"

#include <fmt/format.h>

#include <stdexcept>

#include "search_space/errors.h"
#include "search_space/graph_builder.h"
#include "search_space/module.h"

namespace search_space {
namespace {

bool shrinks_nothing(const Shape& shape, int stride) {
  return stride > 1 && (shape.height < 2 || shape.width < 2);
}

std::string too_small(const Shape& shape, int stride) {
  return fmt::format("stride {} on an image of {} x {}; the input is too small for the strides of this network", stride,
                     shape.height, shape.width);
}

bool activated(const Graph& graph, int node) {
  // Pooling keeps what relu made non-negative.
  while (graph.nodes[node].op == Op::max_pool) node = graph.nodes[node].inputs[0];
  return graph.nodes[node].op == Op::relu;
}

int lower_layer(const Layer& layer, int from, GraphBuilder& builder) {
  if (shrinks_nothing(builder.shape(from), layer.stride))
    throw InputError(too_small(builder.shape(from), layer.stride));
  if (layer.op == "max_pool") {
    const bool odd = layer.kernel % 2 == 1;
    return builder.max_pool("pool", from, layer.kernel, layer.stride, odd ? layer.kernel / 2 : 0, !odd);
  }
  if (layer.op != "conv") {
    throw InputError(fmt::format("op '{}'{}", layer.op, suggestion(layer.op, {"conv", "max_pool"})));
  }
  return builder.activation(layer.activation, builder.conv_bn("conv", from, layer.width, layer.kernel, layer.stride));
}

int lower_slot(const Slot& slot, int index, int position, int from, GraphBuilder& builder) {
  const Shape in = builder.shape(from);
  if (slot.stride < 1 || slot.stride > 2) throw InputError(fmt::format("stride {}; allowed: 1, 2", slot.stride));
  if (shrinks_nothing(in, slot.stride)) throw InputError(too_small(in, slot.stride));
  const ModuleType& type = module_type(slot.module.kind);
  const ModuleContext context{in, slot.width, slot.stride, 1};
  const bool identity = slot.stride == 1 && in.channels == slot.width && slot.shortcut != Shortcut::none;
  if (std::string reason = type.why_not(context); !reason.empty()) throw InputError(reason);

  builder.enter(type.name(), index, slot.stage, position);
  int out = type.lower(slot.module, context, from, builder);
  if (out < 0) {
    if (!identity) throw InputError("an absent module needs an identity shortcut");
    out = from;
  } else {
    const Shape expected{slot.width, (in.height + slot.stride - 1) / slot.stride,
                         (in.width + slot.stride - 1) / slot.stride};
    if (builder.shape(out) != expected) throw std::logic_error("module '" + slot.module.kind + "' broke the shape law");
    builder.enter("shortcut", index, slot.stage, position);
    if (identity) {
      out = builder.add("add", out, from);
    } else if (slot.shortcut == Shortcut::residual) {
      out = builder.add("add", out, builder.conv_bn("conv", from, slot.width, 1, slot.stride));
    }
  }
  if (slot.activation == "relu" && activated(builder.graph(), out)) return out;
  return builder.activation(slot.activation, out);
}

int lower_head(const Head& head, int classes, int node, GraphBuilder& builder) {
  for (int i = 0; i < static_cast<int>(head.layers.size()); ++i) {
    builder.enter("head", -1, -1, i);
    node = lower_layer(head.layers[i], node, builder);
  }
  builder.enter("head", -1, -1, -1);
  node = builder.global_avg_pool("pool", node);
  if (head.hidden > 0) node = builder.activation(head.hidden_activation, builder.linear("hidden", node, head.hidden));
  return builder.softmax(builder.linear("dense", node, classes));
}

}  // namespace

int lower_stem(const Architecture& architecture, GraphBuilder& builder) {
  int node = 0, index = 0;
  try {
    for (; index < static_cast<int>(architecture.stem.size()); ++index) {
      builder.enter("stem", -1, -1, index);
      node = lower_layer(architecture.stem[index], node, builder);
    }
  } catch (const InputError& error) {
    throw InputError(fmt::format("stem[{}]: {}", index, error.what()));
  }
  return node;
}

int lower_slots(const Architecture& architecture, int first, int last, int from, GraphBuilder& builder) {
  const auto& slots = architecture.slots;
  int index = first, position = 0;
  while (position < first && slots[first - position - 1].stage == slots[first].stage) ++position;
  try {
    for (; index < last; ++index, ++position) {
      if (index > first && slots[index].stage != slots[index - 1].stage) position = 0;
      from = lower_slot(slots[index], index, position, from, builder);
    }
  } catch (const InputError& error) {
    throw InputError(fmt::format("slots[{}]: {}", index, error.what()));
  }
  return from;
}

Graph lower(const Architecture& architecture) {
  const int slots = static_cast<int>(architecture.slots.size());
  GraphBuilder builder(architecture.input, architecture.classes);
  builder.reserve(nodes_per_slot * (slots + 2));
  const int node = lower_slots(architecture, 0, slots, lower_stem(architecture, builder), builder);
  try {
    lower_head(architecture.head, architecture.classes, node, builder);
  } catch (const InputError& error) {
    throw InputError(fmt::format("head: {}", error.what()));
  }
  return std::move(builder).finish();
}

}  // namespace search_space
