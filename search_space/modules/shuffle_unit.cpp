// Unit of ShuffleNet-V2 (Ma et al. 2018, figure 3 c and d): half of the channels pass, the rest are convolved, then
// both are shuffled. At stride 2 both branches read all channels.
#include "search_space/module.h"

namespace search_space {
namespace {

class ShuffleUnit : public ModuleType {
 public:
  std::string_view name() const override { return "shuffle_unit"; }
  std::string_view summary() const override {
    return "channel split, depthwise separable branch, concatenation, channel shuffle (ShuffleNet-V2, figure 3)";
  }

  std::vector<ParameterSpec> decisions(const ModuleContext& context) const override {
    return {{"inner",
             "channels of the branch's depthwise convolution",
             ParameterSpec::Role::width,
             width_ladder(context.width / 2, context.channel_multiple),
             {}}};
  }

  std::string why_not(const ModuleContext& context) const override {
    if (context.width % 2 != 0) return "shuffle_unit needs an even width";
    if (context.stride == 1 && context.input.channels != context.width)
      return "shuffle_unit at stride 1 needs equal widths";
    return {};
  }

  int lower(const ModuleSpec& spec, const ModuleContext& context, int from, GraphBuilder& builder) const override {
    const int half = context.width / 2, inner = spec.at("inner");
    int kept = from, branch = from;
    if (context.stride == 1) {
      kept = builder.slice("keep", from, 0, half);
      branch = builder.slice("split", from, half, half);
    } else {
      const int channels = context.input.channels;
      kept = builder.conv_bn("keep_depthwise", from, channels, 3, context.stride, channels);
      kept = builder.conv_bn_relu("keep_pointwise", kept, half, 1);
    }
    branch = builder.conv_bn_relu("inner", branch, inner, 1);
    branch = builder.conv_bn("depthwise", branch, inner, 3, context.stride, inner);
    branch = builder.conv_bn_relu("pointwise", branch, half, 1);
    return builder.channel_shuffle("shuffle", builder.concat("concat", kept, branch), 2);
  }
};

}  // namespace

std::unique_ptr<ModuleType> make_shuffle_unit() {
  return std::make_unique<ShuffleUnit>();
}

}  // namespace search_space
