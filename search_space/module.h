// The extension point: a module kind is one source file in modules/ and one line in module_registry.cpp.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "search_space/architecture.h"
#include "search_space/graph_builder.h"

namespace search_space {

// What the slot fixes for a module.
struct ModuleContext {
  Shape input;    // of the module's input
  int width = 0;  // output channels the module must produce
  int stride = 1;
  int channel_multiple = 4;  // widths are multiples of this
};

// One open parameter of a module kind, as data: sampling, JSON validation, `synth list modules` and the documentation
// all derive from it.
struct ParameterSpec {
  enum class Role {
    width,       // channels; multiples of channel_multiple
    groups,      // convolution groups; the value used is the largest common divisor of the `divides` widths that is <=
                 // value
    multiplier,  // depth multiplier, expansion factor
    kernel,      // odd kernel size
    flag         // 0 or 1: whether the kind has a part
  };
  std::string name;     // points of the JSON file: "down", "groups"
  std::string meaning;  // for people, with the paper's term
  Role role = Role::width;
  std::vector<int> domain;  // ascending; what a search may choose in this context
  std::vector<std::string>
      divides;  // groups only: names of the parameters whose widths it must divide ("in" = input width)
};

class ModuleType {
 public:
  virtual ~ModuleType() = default;
  virtual std::string_view name() const = 0;
  virtual std::string_view summary() const = 0;  // one line, with the source's section
  // Empty domains never occur: a kind that cannot serve the context says so through `why_not`.
  virtual std::vector<ParameterSpec> decisions(const ModuleContext& context) const = 0;
  // Why this kind cannot stand in this context ("skip needs stride 1 and equal widths"); empty if it can.
  virtual std::string why_not(const ModuleContext&) const { return {}; }
  // Emits the main branch for input node `from`; returns its output node, of shape {width, ceil(h/stride),
  // ceil(w/stride)}, or -1 for an absent module (skip).
  virtual int lower(const ModuleSpec& spec, const ModuleContext& context, int from, GraphBuilder& builder) const = 0;
};

// Channel widths a search may choose up to `largest`: a ladder of about ten roughly geometric multiples of `multiple`.
std::vector<int> width_ladder(int largest, int multiple);

// The published MobileNets' rule for widths: the nearest multiple, but never below 90 % of the exact width.
int nearest_multiple(double exact, int multiple);

// Group counts a search may choose: powers of two up to `largest`.
std::vector<int> group_ladder(int largest);

// The largest common divisor of all `widths` that is at most `at_most` (at least 1).
int largest_common_divisor(const std::vector<int>& widths, int at_most);

const std::vector<const ModuleType*>& module_registry();
const ModuleType& module_type(std::string_view kind);  // InputError with a suggestion if unknown

}  // namespace search_space
