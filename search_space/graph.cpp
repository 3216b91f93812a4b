// Names and queries of the lowered graph.
#include "search_space/graph.h"

namespace search_space {

std::string_view op_name(Op op) {
  switch (op) {
    case Op::input:
      return "input";
    case Op::conv2d:
      return "conv2d";
    case Op::linear:
      return "linear";
    case Op::batch_norm:
      return "batch_norm";
    case Op::relu:
      return "relu";
    case Op::hard_swish:
      return "hard_swish";
    case Op::sigmoid:
      return "sigmoid";
    case Op::hard_sigmoid:
      return "hard_sigmoid";
    case Op::max_pool:
      return "max_pool";
    case Op::avg_pool:
      return "avg_pool";
    case Op::upsample_nearest:
      return "upsample_nearest";
    case Op::multiply:
      return "multiply";
    case Op::add:
      return "add";
    case Op::scale:
      return "scale";
    case Op::concat:
      return "concat";
    case Op::slice:
      return "slice";
    case Op::channel_shuffle:
      return "channel_shuffle";
    case Op::global_avg_pool:
      return "global_avg_pool";
    case Op::softmax:
      return "softmax";
    case Op::identity:
      return "identity";
  }
  return "unknown";
}

bool may_run_in_place(Op op) {
  switch (op) {
    case Op::batch_norm:
    case Op::relu:
    case Op::hard_swish:
    case Op::sigmoid:
    case Op::hard_sigmoid:
    case Op::multiply:
    case Op::add:
    case Op::scale:
    case Op::softmax:
    case Op::identity:
      return true;
    default:
      return false;
  }
}

namespace {

// Batch norm and activations carry the name of the node they follow; the suffix tells them apart.
std::string_view suffix(Op op) {
  switch (op) {
    case Op::batch_norm:
      return ".bn";
    case Op::relu:
      return ".relu";
    case Op::hard_swish:
      return ".hard_swish";
    case Op::sigmoid:
      return ".sigmoid";
    case Op::hard_sigmoid:
      return ".hard_sigmoid";
    default:
      return "";
  }
}

}  // namespace

std::string Graph::full_name(int index) const {
  const Node& node = nodes[index];
  if (node.op == Op::input) return "input";
  std::string text;
  if (node.slot >= 0) {
    text = "stage" + std::to_string(node.stage + 1) + ".slot" + std::to_string(node.position + 1) + ".";
  }
  text.append(node.module).append(".").append(node.name);
  if (node.slot < 0 && node.position >= 0) text += std::to_string(node.position + 1);
  return text.append(suffix(node.op));
}

int Graph::slot_output(int slot) const {
  int last = 0;
  for (int i = 0; i < static_cast<int>(nodes.size()); ++i) {
    if (nodes[i].module == "head" || nodes[i].slot > slot) break;
    last = i;
  }
  return last;
}

int Graph::slot_input(int slot) const {
  return slot_output(slot - 1);
}

std::vector<int> Graph::use_counts() const {
  std::vector<int> counts(nodes.size(), 0);
  for (const Node& node : nodes) {
    for (const int input : node.inputs) {
      if (input >= 0) ++counts[input];
    }
  }
  return counts;
}

}  // namespace search_space
