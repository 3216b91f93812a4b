// No module: only the slot's identity shortcut remains.
#include "search_space/module.h"

namespace search_space {
namespace {

class Skip : public ModuleType {
 public:
  std::string_view name() const override { return "skip"; }
  std::string_view summary() const override { return "module absent, only the identity shortcut remains"; }

  std::vector<ParameterSpec> decisions(const ModuleContext&) const override { return {}; }

  std::string why_not(const ModuleContext& context) const override {
    return context.stride == 1 && context.input.channels == context.width ? "" : "skip needs stride 1 and equal widths";
  }

  int lower(const ModuleSpec&, const ModuleContext&, int, GraphBuilder&) const override { return -1; }
};

}  // namespace

std::unique_ptr<ModuleType> make_skip() {
  return std::make_unique<Skip>();
}

}  // namespace search_space
