// Visual attention condenser (AttendNets, section 2): spatial attention from a condensed embedding of down-mixed
// channels.
#include "search_space/module.h"

namespace search_space {
namespace {

class Vac : public ModuleType {
 public:
  std::string_view name() const override { return "vac"; }
  std::string_view summary() const override {
    return "visual attention condenser: down-mix, condensed spatial attention, up-mix (AttendNets, section 2)";
  }

  std::vector<ParameterSpec> decisions(const ModuleContext& context) const override {
    using Role = ParameterSpec::Role;
    const std::vector<int> widths = width_ladder(context.width / 2, context.channel_multiple);
    return {{"down", "channels after the down-mixing layer M", Role::width, widths, {}},
            {"embedding", "channels of the embedding structure E's grouped 3x3 convolution", Role::width, widths, {}},
            {"groups", "groups of that convolution", Role::groups, group_ladder(widths.back()), {"down", "embedding"}}};
  }

  int lower(const ModuleSpec& spec, const ModuleContext& context, int from, GraphBuilder& builder) const override {
    const int down = spec.at("down");
    const int reduced = context.stride == 1 ? from : builder.avg_pool("reduce", from, 2, 2, 0, true);
    const int mixed = builder.conv_bn_relu("down", reduced, down, 1);                                       // V' = M(V)
    const int condensed = builder.max_pool("condense", mixed, 2, 2, 0, true);                               // Q = C(V')
    int key = builder.conv_bn_relu("embedding", condensed, spec.at("embedding"), 3, 1, spec.at("groups"));  // K = E(Q)
    key = builder.conv_bn("attention", key, down, 1);
    const Shape full = builder.shape(mixed);
    const int expanded = builder.upsample_nearest("unpool", key, full.height, full.width);
    const int attention = builder.activation("sigmoid", expanded);                               // A = sigmoid(X(K))
    const int selective = builder.scale("scale", builder.multiply("attend", mixed, attention));  // V' * A * S
    return builder.conv_bn("up", selective, context.width, 1);                                   // M'(V'')
  }
};

}  // namespace

std::unique_ptr<ModuleType> make_vac() {
  return std::make_unique<Vac>();
}

}  // namespace search_space
