// Depthwise separable convolution (MobileNets, Howard et al. 2017, section 3.1).
#include "search_space/module.h"

namespace search_space {
namespace {

class DepthwiseSeparable : public ModuleType {
 public:
  std::string_view name() const override { return "depthwise_separable"; }
  std::string_view summary() const override {
    return "depthwise, then pointwise convolution (MobileNet-V1, section 3.1)";
  }

  std::vector<ParameterSpec> decisions(const ModuleContext&) const override {
    return {{"kernel", "kernel size of the depthwise convolution", ParameterSpec::Role::kernel, {3, 5}, {}}};
  }

  int lower(const ModuleSpec& spec, const ModuleContext& context, int from, GraphBuilder& builder) const override {
    const int channels = context.input.channels;
    const int node = builder.conv_bn_relu("depthwise", from, channels, spec.at("kernel"), context.stride, channels);
    return builder.conv_bn("pointwise", node, context.width, 1);
  }
};

}  // namespace

std::unique_ptr<ModuleType> make_depthwise_separable() {
  return std::make_unique<DepthwiseSeparable>();
}

}  // namespace search_space
