// Follows the weights of slots from parent to child.
#include "synth/engine/training_age.h"

#include <algorithm>
#include <cmath>

namespace synth::engine {

using search_space::Design;

TrainingAge::TrainingAge(const search_space::DesignSpace& space, TrainingEpochs epochs)
    : space_(space), opened_(space.opened()), epochs_(epochs) {
  for (const auto& decision : space.decisions()) slots_ = std::max(slots_, decision.slot + 1);
}

std::vector<double> TrainingAge::from_scratch(double epochs) const {
  return std::vector<double>(slots_, epochs > 0 ? epochs : epochs_.from_scratch);
}

std::vector<double> TrainingAge::inherited(const Design& design, const Design& parent, std::vector<double> ages,
                                           const std::vector<evaluators::FitEvidence>& fits, double epochs) const {
  const auto carried = [&](int slot) {
    if (!epochs_.fitted) return 0.0;
    const auto found = std::find_if(fits.begin(), fits.end(), [slot](const auto& fit) { return fit.slot == slot; });
    return found != fits.end() ? found->explained : fits.empty() ? expected_fit : 0.0;
  };
  const auto& decisions = space_.decisions();
  for (std::size_t i = 0; i < decisions.size(); ++i) {
    if (decisions[i].slot < 0 || decisions[i].ordinal() || design[i] == parent[i]) continue;
    if (!opened_[i][design[i]].empty()) ages[decisions[i].slot] *= carried(decisions[i].slot);
  }
  for (double& age : ages) age += epochs > 0 ? epochs : epochs_.inherited;
  return ages;
}

double TrainingAge::doublings(const std::vector<double>& ages) const {
  if (epochs_.from_scratch <= 0 || epochs_.inherited <= 0 || ages.empty()) return 0;
  double sum = 0;
  for (const double age : ages) sum += std::log2(age / epochs_.from_scratch);
  return sum / static_cast<double>(ages.size());
}

double TrainingAge::doublings(double epochs) const {
  return doublings(std::vector<double>(slots_, epochs));
}

}  // namespace synth::engine
