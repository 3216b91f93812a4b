// The one list of module kinds. A self-registering object in a static library would be dropped by the linker.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "search_space/errors.h"
#include "search_space/module.h"

namespace search_space {

std::unique_ptr<ModuleType> make_vac();
std::unique_ptr<ModuleType> make_pepe();
std::unique_ptr<ModuleType> make_grouped();
std::unique_ptr<ModuleType> make_conv();
std::unique_ptr<ModuleType> make_bottleneck();
std::unique_ptr<ModuleType> make_skip();
std::unique_ptr<ModuleType> make_depthwise_separable();
std::unique_ptr<ModuleType> make_inverted_residual();
std::unique_ptr<ModuleType> make_shuffle_unit();
std::unique_ptr<ModuleType> make_inverted_residual_v3();

namespace {

using Factory = std::unique_ptr<ModuleType> (*)();

constexpr Factory factories[] = {
    make_vac,         //
    make_pepe,        //
    make_grouped,     //
    make_conv,        //
    make_bottleneck,  //
    make_skip,        //
    make_depthwise_separable,
    make_inverted_residual,
    make_shuffle_unit,
    make_inverted_residual_v3,
};

}  // namespace

const std::vector<const ModuleType*>& module_registry() {
  static const std::vector<const ModuleType*> registry = [] {
    static std::vector<std::unique_ptr<ModuleType>> owners;
    std::vector<const ModuleType*> types;
    for (const Factory make : factories) types.push_back(owners.emplace_back(make()).get());
    return types;
  }();
  return registry;
}

const ModuleType& module_type(std::string_view kind) {
  for (const ModuleType* type : module_registry()) {
    if (type->name() == kind) return *type;
  }
  std::vector<std::string> known;
  for (const ModuleType* type : module_registry()) known.emplace_back(type->name());
  throw InputError("unknown module kind '" + std::string(kind) + "'" + suggestion(kind, known));
}

std::vector<int> width_ladder(int largest, int multiple) {
  // Ten geometric steps from `largest` down to a sixteenth of it, rounded to multiples.
  constexpr int steps = 10;
  constexpr double span = 16.0;
  const int top = std::max(multiple, largest / multiple * multiple);
  std::vector<int> ladder;
  for (int step = steps - 1; step >= 0; --step) {
    const double exact = top * std::pow(span, -static_cast<double>(step) / (steps - 1));
    const int width = std::max(multiple, static_cast<int>(std::lround(exact / multiple)) * multiple);
    if (ladder.empty() || width > ladder.back()) ladder.push_back(width);
  }
  return ladder;
}

int nearest_multiple(double exact, int multiple) {
  const int rounded = std::max(multiple, static_cast<int>(exact + multiple / 2.0) / multiple * multiple);
  return rounded < 0.9 * exact ? rounded + multiple : rounded;
}

std::vector<int> group_ladder(int largest) {
  std::vector<int> ladder;
  for (int groups = 1; groups <= std::max(1, largest); groups *= 2) ladder.push_back(groups);
  return ladder;
}

int largest_common_divisor(const std::vector<int>& widths, int at_most) {
  int common = 0;
  for (const int width : widths) common = std::gcd(common, width);
  for (int divisor = std::min(common, at_most); divisor > 1; --divisor) {
    if (common % divisor == 0) return divisor;
  }
  return 1;
}

}  // namespace search_space
