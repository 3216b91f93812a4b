// Compares operators with float64, shape by shape, in a process of its own: a crash is the parent's to report.
#pragma once

#include <ATen/ATen.h>

#include <functional>
#include <string>
#include <vector>

namespace sweep {

struct Variant {
  at::ScalarType type = at::kFloat;  // kFloat or kBFloat16
  at::MemoryFormat format = at::MemoryFormat::ChannelsLast;
};

// Tensors in, one tensor out; every floating tensor in gets a gradient.
using Operator = std::function<at::Tensor(const std::vector<at::Tensor>&)>;

struct Case {
  std::string shape;               // names it in reports
  std::vector<at::Tensor> inputs;  // float64
  Operator tested, reference;
};

// Runs one operator and its gradients as `variant` says, and in float64. Prints
// a line WRONG with the deviations where one is beyond the type's precision.
void compare(const Case& tested, const Variant& variant);
// Where a process that dies is: written to the file descriptor 3, if open, before every case.
void announce(const std::string& shape);
int cases_run();
int wrong_results();

// NAME of a sweep on the command line: "conv:K:S:GROUPING", GROUPING dense, grouped, depthwise; "operators".
void convolutions(int kernel, int stride, const std::string& grouping, const Variant& variant);
void operators(const Variant& variant);

// Uniform in [-1, 1], rounded to what `variant.type` can hold; drawn from `shape`.
at::Tensor drawn(at::IntArrayRef sizes, const Variant& variant);

}  // namespace sweep
