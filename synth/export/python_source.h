// The forward pass as lines of Python, plain or TorchScript's.
#pragma once

#include <functional>
#include <string>

#include "search_space/graph.h"

namespace synth {

struct PythonSpelling {
  std::string functions;  // where relu and the like live: "functional" or "torch"
  std::string upsample;   // nearest, to a given size
  // The expression for a node that has parameters: conv2d, linear, batch_norm, scale.
  std::function<std::string(int node, const std::string& x)> layer;
};

// A node's name as an identifier: "stage1_slot2_vac_down".
std::string python_name(const search_space::Graph& graph, int node);

// "def forward(self, image): ..." up to the logits [batch, classes], indented by `indent`.
std::string python_forward(const search_space::Graph& graph, const PythonSpelling& spelling, const std::string& indent);

}  // namespace synth
