// ResNet's bottleneck (He et al. 2016, figure 5); the stride sits on the 3x3 convolution, as in the common "v1.5".
#include "search_space/module.h"

namespace search_space {
namespace {

class Bottleneck : public ModuleType {
 public:
  std::string_view name() const override { return "bottleneck"; }
  std::string_view summary() const override { return "1x1, 3x3, 1x1 convolutions (ResNet, figure 5)"; }

  std::vector<ParameterSpec> decisions(const ModuleContext& context) const override {
    return {{"inner",
             "channels of the 3x3 convolution",
             ParameterSpec::Role::width,
             width_ladder(context.width / 4, context.channel_multiple),
             {}}};
  }

  int lower(const ModuleSpec& spec, const ModuleContext& context, int from, GraphBuilder& builder) const override {
    const int inner = spec.at("inner");
    int node = builder.conv_bn_relu("inner", from, inner, 1);
    node = builder.conv_bn_relu("spatial", node, inner, 3, context.stride);
    return builder.conv_bn("expand", node, context.width, 1);
  }
};

}  // namespace

std::unique_ptr<ModuleType> make_bottleneck() {
  return std::make_unique<Bottleneck>();
}

}  // namespace search_space
