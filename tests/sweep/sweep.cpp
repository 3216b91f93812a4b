// The program of one sweep: operator_sweep SWEEP TYPE FORMAT; exit 1 where a result is wrong.
#include "sweep.h"

#include <ATen/Parallel.h>
#include <torch/csrc/autograd/autograd.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <sstream>

namespace sweep {

using at::Tensor;

namespace {

int cases = 0, wrong = 0;

struct Results {
  Tensor output;
  std::vector<Tensor> gradients;
};

Results run(const Operator& call, const std::vector<Tensor>& inputs, at::ScalarType type, at::MemoryFormat format) {
  std::vector<Tensor> leaves;
  for (const Tensor& input : inputs) {
    Tensor leaf = input.to(type);
    leaf = leaf.dim() == 4 ? leaf.contiguous(format) : leaf.contiguous();
    leaves.push_back(
        leaf.detach().clone(leaf.dim() == 4 ? format : at::MemoryFormat::Contiguous).set_requires_grad(true));
  }
  Results results;
  results.output = call(leaves);
  // Not constant, and equal for both precisions.
  const Tensor upstream = at::cos(at::arange(results.output.numel(), at::kDouble)).view(results.output.sizes());
  torch::autograd::backward({results.output},
                            {upstream.to(at::kBFloat16)
                                 .to(results.output.scalar_type())
                                 .contiguous(results.output.dim() == 4 ? format : at::MemoryFormat::Contiguous)});
  for (const Tensor& leaf : leaves) results.gradients.push_back(leaf.grad());
  return results;
}

// Relative to the greatest value that is right; infinite where something is no number or absent.
double deviation(const Tensor& found, const Tensor& expected) {
  if (!expected.defined()) return 0;
  if (!found.defined() || found.sizes() != expected.sizes()) return HUGE_VAL;
  const Tensor difference = (found.detach().to(at::kDouble) - expected.detach()).abs();
  const double greatest = difference.max().item<double>();
  if (!std::isfinite(greatest)) return HUGE_VAL;
  return greatest / std::max(1e-3, expected.detach().abs().max().item<double>());
}

}  // namespace

void announce(const std::string& shape) {
  const std::string line = shape + "\n";
  // Overwrites the last one: who reads it wants to know where it ended.
  if (::ftruncate(3, 0) == 0 && ::pwrite(3, line.data(), line.size(), 0) < 0) std::perror("operator_sweep");
}

void compare(const Case& tested, const Variant& variant) {
  announce(tested.shape);
  ++cases;
  const Results found = run(tested.tested, tested.inputs, variant.type, variant.format);
  const Results expected = run(tested.reference, tested.inputs, at::kDouble, at::MemoryFormat::Contiguous);
  // Sums of n terms are off by up to n roundings; a bfloat16 has 8 bits.
  const double allowed = variant.type == at::kFloat ? 1e-4 : 2e-2;
  std::ostringstream report;
  const auto check = [&](const std::string& what, const Tensor& a, const Tensor& b) {
    if (const double off = deviation(a, b); off > allowed) report << ' ' << what << " off by " << off;
  };
  check("output", found.output, expected.output);
  for (std::size_t i = 0; i < tested.inputs.size(); ++i)
    check("gradient " + std::to_string(i), found.gradients[i], expected.gradients[i]);
  if (report.str().empty()) return;
  ++wrong;
  std::printf("WRONG %s:%s\n", tested.shape.c_str(), report.str().c_str());
}

int cases_run() {
  return cases;
}
int wrong_results() {
  return wrong;
}

Tensor drawn(at::IntArrayRef sizes, const Variant& variant) {
  const Tensor values = (at::rand(sizes, at::kDouble) * 2 - 1).to(variant.type).to(at::kDouble);
  // Where the pieces of the hard functions meet (at 3, of four times the value), either slope is right.
  return values.masked_fill(values.abs() == 0.75, 0.5);
}

}  // namespace sweep

int main(int count, char** arguments) {
  if (count != 4) {
    std::fputs("usage: operator_sweep conv:K:S:dense|grouped|depthwise, or operators, float32|bfloat16 nchw|nhwc\n",
               stderr);
    return 2;
  }
  at::set_num_threads(1);
  at::manual_seed(1);
  const std::string name = arguments[1], type = arguments[2], format = arguments[3];
  const sweep::Variant variant{type == "float32" ? at::kFloat : at::kBFloat16,
                               format == "nchw" ? at::MemoryFormat::Contiguous : at::MemoryFormat::ChannelsLast};
  if (name == "operators")
    sweep::operators(variant);
  else
    sweep::convolutions(name[5] - '0', name[7] - '0', name.substr(9), variant);
  std::printf("%d cases, %d wrong\n", sweep::cases_run(), sweep::wrong_results());
  return sweep::wrong_results() > 0 ? 1 : 0;
}
