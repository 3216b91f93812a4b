// Projection-expansion-projection-expansion (AttendNets, section 3).
#include "search_space/module.h"

namespace search_space {
namespace {

class Pepe : public ModuleType {
 public:
  std::string_view name() const override { return "pepe"; }
  std::string_view summary() const override {
    return "projection, depthwise expansion, projection, expansion (AttendNets, section 3)";
  }

  std::vector<ParameterSpec> decisions(const ModuleContext& context) const override {
    using Role = ParameterSpec::Role;
    const std::vector<int> widths = width_ladder(context.width / 4, context.channel_multiple);
    return {{"projection1", "channels after the first projection", Role::width, widths, {}},
            {"multiplier", "depthwise expansion: filters per channel", Role::multiplier, {1, 2, 3, 4}, {}},
            {"projection2", "channels after the second projection", Role::width, widths, {}}};
  }

  int lower(const ModuleSpec& spec, const ModuleContext& context, int from, GraphBuilder& builder) const override {
    const int projection = spec.at("projection1");
    int node = builder.conv_bn_relu("projection1", from, projection, 1);
    node = builder.conv_bn_relu("multiplier", node, projection * spec.at("multiplier"), 3, context.stride, projection);
    node = builder.conv_bn_relu("projection2", node, spec.at("projection2"), 1);
    return builder.conv_bn("expansion", node, context.width, 1);
  }
};

}  // namespace

std::unique_ptr<ModuleType> make_pepe() {
  return std::make_unique<Pepe>();
}

}  // namespace search_space
