// The module of AttoNets (section 4, figure 3): compression, grouped 3x3 convolution, mixing, expansion.
#include "search_space/module.h"

namespace search_space {
namespace {

class Grouped : public ModuleType {
 public:
  std::string_view name() const override { return "grouped"; }
  std::string_view summary() const override {
    return "compression, grouped 3x3 convolution, mixing, expansion (AttoNets, figure 3)";
  }

  std::vector<ParameterSpec> decisions(const ModuleContext& context) const override {
    using Role = ParameterSpec::Role;
    const std::vector<int> narrow = width_ladder(context.width / 4, context.channel_multiple);
    const std::vector<int> wide = width_ladder(context.width / 2, context.channel_multiple);
    return {
        {"compress", "channels after the 1x1 compression", Role::width, narrow, {}},
        {"grouped", "channels after the grouped 3x3 convolution", Role::width, wide, {}},
        {"groups", "groups of that convolution", Role::groups, group_ladder(narrow.back()), {"compress", "grouped"}},
        {"mix", "channels after the 1x1 mixing", Role::width, narrow, {}}};
  }

  int lower(const ModuleSpec& spec, const ModuleContext& context, int from, GraphBuilder& builder) const override {
    int node = builder.conv_bn_relu("compress", from, spec.at("compress"), 1);
    node = builder.conv_bn_relu("grouped", node, spec.at("grouped"), 3, context.stride, spec.at("groups"));
    node = builder.conv_bn_relu("mix", node, spec.at("mix"), 1);
    return builder.conv_bn("expand", node, context.width, 1);
  }
};

}  // namespace

std::unique_ptr<ModuleType> make_grouped() {
  return std::make_unique<Grouped>();
}

}  // namespace search_space
