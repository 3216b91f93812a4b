// A plain spatial or pointwise convolution.
#include "search_space/module.h"

namespace search_space {
namespace {

class Conv : public ModuleType {
 public:
  std::string_view name() const override { return "conv"; }
  std::string_view summary() const override { return "one spatial (3x3) or pointwise (1x1) convolution"; }

  std::vector<ParameterSpec> decisions(const ModuleContext&) const override {
    return {{"kernel", "kernel size", ParameterSpec::Role::kernel, {1, 3}, {}}};
  }

  int lower(const ModuleSpec& spec, const ModuleContext& context, int from, GraphBuilder& builder) const override {
    return builder.conv_bn("conv", from, context.width, spec.at("kernel"), context.stride);
  }
};

}  // namespace

std::unique_ptr<ModuleType> make_conv() {
  return std::make_unique<Conv>();
}

}  // namespace search_space
