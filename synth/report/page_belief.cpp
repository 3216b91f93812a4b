// Beliefs as the page reads them: accuracies, and the U that they make with costs that are exact.
#include "synth/report/page_belief.h"

#include <nlohmann/json.hpp>

#include "synth/engine/full_accuracy.h"
#include "synth/report/page_numbers.h"

namespace synth::report {
namespace {

using nlohmann::ordered_json;

ordered_json value_of(const RunView& view, const engine::Belief& belief) {
  if (!belief.possible) return {};
  constexpr int digits = 5;
  const auto score = [&](double accuracy) {
    evaluators::Evaluation expected;
    expected.accuracy = accuracy;
    expected.cost = belief.cost;
    return page_number(view.objective->performance(expected), digits);
  };
  const auto& [mean, low, high] = belief.accuracy;
  return {page_number(mean, digits),
          page_number(low, digits),
          page_number(high, digits),
          score(mean),
          score(low),
          score(high),
          belief.cost.parameters(),
          belief.cost.multiply_adds};
}

}  // namespace

ordered_json page_belief(const RunView& view, engine::TrainingEpochs epochs, double full_epochs) {
  const engine::FullAccuracyModel model(*view.space, view.records, epochs, full_epochs);
  if (!model.knows()) return {};
  const results_db::Record& centre = view.best() != nullptr ? *view.best() : view.records.front();
  ordered_json decisions = ordered_json::array();
  for (const auto& values : engine::beliefs_around(*view.space, model, centre.design)) {
    ordered_json row = ordered_json::array();
    for (const engine::Belief& belief : values) row.push_back(value_of(view, belief));
    decisions.push_back(std::move(row));
  }
  return {{"around", centre.id}, {"epochs", page_number(full_epochs, 4)}, {"decisions", std::move(decisions)}};
}

}  // namespace synth::report
