// What several reports say about a run in the same words.
#include "synth/report/run_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace synth::report {

using nlohmann::ordered_json;

namespace {

bool trained(const results_db::Record& record) {
  return record.evaluation.outcome == evaluators::Outcome::trained;
}

// JSON has no infinities: the score of a network that was never right is null.
ordered_json finite(double value) {
  return std::isfinite(value) ? ordered_json(value) : ordered_json();
}

ordered_json expected_full(const RunView& view, const results_db::Record& record) {
  if (view.expected_full.empty() || !trained(record)) return {};
  return finite(view.expected_full[static_cast<std::size_t>(record.id) - 1]);
}

}  // namespace

const results_db::Record& RunView::record(int id) const {
  if (id < 1 || id > static_cast<int>(records.size())) {
    throw std::out_of_range(fmt::format("run has no network {}", id));
  }
  return records[static_cast<std::size_t>(id) - 1];
}

const results_db::Record* RunView::best() const {
  const results_db::Record* found = nullptr;
  for (const auto& record : records) {
    if (record.feasible && (found == nullptr || record.performance > found->performance)) found = &record;
  }
  return found;
}

const results_db::GeneratorRecord* RunView::generator_making(int id) const {
  const results_db::GeneratorRecord* proposed = nullptr;
  for (const auto& generator : generators) {
    if (std::find(generator.networks.begin(), generator.networks.end(), id) == generator.networks.end()) continue;
    if (generator.accepted) return &generator;
    if (proposed == nullptr) proposed = &generator;
  }
  return proposed;
}

int RunView::generator_of(int id) const {
  const auto* generator = generator_making(id);
  return generator == nullptr ? -1 : generator->index;
}

double minimum_accuracy(const RunView& view, const results_db::GeneratorRecord& generator) {
  double lowest = 2;
  for (const int id : generator.networks) {
    if (trained(view.record(id))) lowest = std::min(lowest, view.record(id).evaluation.accuracy);
  }
  return lowest > 1 ? 0 : lowest;
}

ordered_json generator_json(const RunView& view, const results_db::GeneratorRecord& generator) {
  return {{"index", generator.index},
          {"proposal", generator.proposal},
          {"accepted", generator.accepted},
          {"reason", generator.reason},
          {"mean_netscore", finite(generator.mean_performance)},
          {"min_accuracy", finite(minimum_accuracy(view, generator))},
          {"networks", generator.networks}};
}

ordered_json network_json(const RunView& view, const results_db::Record& record) {
  const auto& evaluation = record.evaluation;
  const int generator = view.generator_of(record.id);
  ordered_json seed;  // the seed index of the first generator that makes it
  for (const auto& proposal : view.generators) {
    const auto found = std::find(proposal.networks.begin(), proposal.networks.end(), record.id);
    if (found == proposal.networks.end() || proposal.index != generator) continue;
    seed = found - proposal.networks.begin();
    break;
  }
  ordered_json json = {{"id", record.id},
                       {"key", record.key},
                       {"generator", generator < 0 ? ordered_json() : ordered_json(generator)},
                       {"seed", seed},
                       {"parent", record.parent == 0 ? ordered_json() : ordered_json(record.parent)},
                       {"accuracy", finite(evaluation.accuracy)},
                       {"accuracy_lower_bound", finite(record.accuracy_lower_bound)},
                       {"float_accuracy", finite(evaluation.float_accuracy)},
                       {"expected_full_accuracy", expected_full(view, record)},
                       {"samples", evaluation.samples},
                       {"parameters", evaluation.cost.parameters()},
                       {"multiply_adds", evaluation.cost.multiply_adds},
                       {"netscore", trained(record) ? finite(record.performance) : ordered_json()},
                       {"feasible", record.feasible},
                       {"outcome", evaluators::outcome_name(evaluation.outcome)}};
  if (!evaluation.message.empty()) json["message"] = evaluation.message;
  return json;
}

}  // namespace synth::report
