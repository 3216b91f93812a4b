// Inverted residual with linear bottleneck (MobileNet-V2, Sandler et al. 2018, table 1). ReLU stands for the paper's
// ReLU6: at 8 bits the calibrated range clips likewise.
#include "search_space/module.h"

namespace search_space {
namespace {

class InvertedResidual : public ModuleType {
 public:
  std::string_view name() const override { return "inverted_residual"; }
  std::string_view summary() const override {
    return "pointwise expansion, depthwise, linear pointwise convolution (MobileNet-V2, table 1)";
  }

  std::vector<ParameterSpec> decisions(const ModuleContext&) const override {
    using Role = ParameterSpec::Role;
    return {
        {"expansion", "channels of the depthwise convolution per input channel", Role::multiplier, {1, 2, 3, 4, 6}, {}},
        {"kernel", "kernel size of the depthwise convolution", Role::kernel, {3, 5}, {}}};
  }

  int lower(const ModuleSpec& spec, const ModuleContext& context, int from, GraphBuilder& builder) const override {
    const int expansion = spec.at("expansion");
    const int inner = context.input.channels * expansion;
    int node = expansion == 1 ? from : builder.conv_bn_relu("expansion", from, inner, 1);
    node = builder.conv_bn_relu("depthwise", node, inner, spec.at("kernel"), context.stride, inner);
    return builder.conv_bn("project", node, context.width, 1);
  }
};

}  // namespace

std::unique_ptr<ModuleType> make_inverted_residual() {
  return std::make_unique<InvertedResidual>();
}

}  // namespace search_space
