// Inverted residual of MobileNet-V3 (Howard et al. 2019, section 3 and table 2): any expanded width, squeeze-and-excite
// before the projection, ReLU or hard-swish.
#include "search_space/module.h"

namespace search_space {
namespace {

// Squeeze-and-excite reads a quarter of the expanded channels, as a multiple of 8 (section 5.3 and its published code).
constexpr int squeeze_ratio = 4;
constexpr int squeeze_multiple = 8;

class InvertedResidualV3 : public ModuleType {
 public:
  std::string_view name() const override { return "inverted_residual_v3"; }
  std::string_view summary() const override {
    return "inverted residual with squeeze-and-excite and hard-swish (MobileNet-V3, table 2)";
  }

  std::vector<ParameterSpec> decisions(const ModuleContext& context) const override {
    using Role = ParameterSpec::Role;
    constexpr int widest_expansion = 6;
    return {{"expanded",
             "channels of the depthwise convolution; without expansion where they are the input's",
             Role::width,
             width_ladder(widest_expansion * context.input.channels, context.channel_multiple),
             {}},
            {"kernel", "kernel size of the depthwise convolution", Role::kernel, {3, 5}, {}},
            {"squeeze_excite", "1: channels are weighed by squeeze-and-excite", Role::flag, {0, 1}, {}},
            {"hard_swish", "1: hard-swish instead of ReLU", Role::flag, {0, 1}, {}}};
  }

  int lower(const ModuleSpec& spec, const ModuleContext& context, int from, GraphBuilder& builder) const override {
    const int expanded = spec.at("expanded");
    const std::string_view activation = spec.at("hard_swish") == 1 ? "hard_swish" : "relu";
    int node = from;
    if (expanded != context.input.channels) {
      node = builder.activation(activation, builder.conv_bn("expanded", from, expanded, 1));
    }
    node = builder.conv_bn("depthwise", node, expanded, spec.at("kernel"), context.stride, expanded);
    node = builder.activation(activation, node);
    if (spec.at("squeeze_excite") == 1) node = weighed(node, expanded, builder);
    return builder.conv_bn("project", node, context.width, 1);
  }

 private:
  // Every channel times what two biased 1x1 convolutions make of all channels' means.
  static int weighed(int from, int channels, GraphBuilder& builder) {
    const int inner = nearest_multiple(static_cast<double>(channels) / squeeze_ratio, squeeze_multiple);
    int gate = builder.global_avg_pool("pool", from);
    gate = builder.relu(builder.conv("squeeze", gate, inner, 1, 1, 1, true));
    gate = builder.activation("hard_sigmoid", builder.conv("excite", gate, channels, 1, 1, 1, true));
    return builder.multiply("weigh", from, gate);
  }
};

}  // namespace

std::unique_ptr<ModuleType> make_inverted_residual_v3() {
  return std::make_unique<InvertedResidualV3>();
}

}  // namespace search_space
