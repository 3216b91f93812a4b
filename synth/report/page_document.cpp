// A run as the page's document: columns rather than rows, since runs of 10^5 networks must fit into a file.
#include "synth/report/page_document.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "search_space/architecture_json.h"
#include "search_space/search_space.h"
#include "synth/report/landmarks.h"
#include "synth/report/network_detail.h"
#include "synth/report/page_numbers.h"
#include "synth/report/sessions.h"
#include "synth/report/spread.h"
#include "synth/report/test_errors.h"

namespace synth::report {

using nlohmann::ordered_json;

ordered_json page_number(double value, int digits) {
  if (!std::isfinite(value)) return {};
  return std::strtod(fmt::format("{:.{}g}", value, digits).c_str(), nullptr);
}

namespace {

constexpr int figures = 6;  // significant digits

std::string cut(const std::string& text, std::size_t bytes) {
  if (text.size() <= bytes) return text;
  std::size_t end = bytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;  // not within a letter
  return text.substr(0, end) + " ...";
}

ordered_json parsed(const std::string& text) {
  ordered_json json = ordered_json::parse(text, nullptr, false);
  return json.is_discarded() ? ordered_json(text) : json;
}

template <typename Value>
ordered_json or_null(const std::optional<Value>& value) {
  return value ? ordered_json(*value) : ordered_json();
}

ordered_json limits_of(const engine::Objective& objective) {
  const auto& required = objective.requirements();
  const double accuracy = objective.required_accuracy();
  return {{"accuracy", accuracy > 0 ? page_number(accuracy, figures) : ordered_json()},
          {"parameters", or_null(required.parameters)},
          {"multiply_adds", or_null(required.multiply_adds)},
          {"weight_bytes", or_null(required.weight_bytes)},
          {"peak_activation_bytes", or_null(required.peak_activation_bytes)},
          {"latency_ms", or_null(required.latency_ms)},
          {"flash", or_null(required.flash)},
          {"ram", or_null(required.ram)},
          {"latency_cycles", or_null(required.latency_cycles)},
          {"weight_bits", required.weight_bits},
          {"activation_bits", required.activation_bits}};
}

ordered_json decisions_of(const search_space::DesignSpace& space) {
  ordered_json decisions = ordered_json::array();
  for (const auto& decision : space.decisions()) {
    decisions.push_back({{"name", decision.name},
                         {"labels", decision.labels},
                         {"ordinal", decision.ordinal()},
                         {"slot", decision.slot},
                         {"parent", decision.parent},
                         {"parent_value", decision.parent_value}});
  }
  return decisions;
}

// Proposals that get their sentences, until these take `bytes`: accepted ones, then the newest.
std::set<int> explained(const RunView& view, std::size_t bytes) {
  std::vector<const results_db::GeneratorRecord*> order;
  for (auto it = view.generators.rbegin(); it != view.generators.rend(); ++it) order.push_back(&*it);
  std::stable_partition(order.begin(), order.end(), [](const auto* generator) { return generator->accepted; });
  std::set<int> chosen;
  std::size_t taken = 0;
  for (const auto* generator : order) {
    for (const auto& sentence : generator->evidence) taken += sentence.size();
    if (taken > bytes) break;
    chosen.insert(generator->proposal);
  }
  return chosen;
}

ordered_json generator_entry(const RunView& view, const results_db::GeneratorRecord& generator, bool explain,
                             const PageLimits& limits) {
  const Spread spread = spread_of(view, generator);
  const bool scored = spread.trained > 0;
  ordered_json margins = ordered_json::array();
  for (const Margin& margin : margins_of(view, generator)) {
    margins.push_back({margin.requirement, page_number(margin.bound, figures), page_number(margin.worst, figures),
                       page_number(margin.relative, 4)});
  }
  ordered_json entry = {{"proposal", generator.proposal},
                        {"index", generator.index},
                        {"parent", generator.parent},
                        {"accepted", generator.accepted},
                        {"reason", cut(generator.reason, limits.text_bytes)},
                        {"kl", page_number(generator.kl, 4)},
                        {"trust_region", page_number(generator.trust_region, 4)},
                        {"mean", scored ? page_number(generator.mean_performance, figures) : ordered_json()},
                        {"low", scored ? page_number(spread.lowest_performance, figures) : ordered_json()},
                        {"high", scored ? page_number(spread.highest_performance, figures) : ordered_json()},
                        {"networks", generator.networks},
                        {"margins", std::move(margins)}};
  if (explain) {
    entry["evidence"] = generator.evidence;
  } else if (!generator.evidence.empty()) {
    entry["evidence_left_out"] = generator.evidence.size();
  }
  return entry;
}

// Per network the k of the first accepted generator, else of the first proposal, that makes it; -1 = none.
std::vector<int> generators_of(const RunView& view) {
  std::vector<int> found(view.records.size(), -1);
  for (const bool accepted : {true, false}) {
    for (const auto& generator : view.generators) {
      if (generator.accepted != accepted) continue;
      for (const int id : generator.networks) {
        int& known = found.at(static_cast<std::size_t>(id) - 1);
        if (known < 0) known = generator.index;
      }
    }
  }
  return found;
}

// One letter per active decision, its value index counted from '0'; letters beyond ASCII are UTF-8. Whether a decision
// is active follows from those before it, so that the page can tell which letter is whose.
std::string letters(const search_space::DesignSpace& space, const search_space::Design& design) {
  std::string text;
  for (int decision = 0; decision < static_cast<int>(design.size()); ++decision) {
    if (!space.active(design, decision)) continue;
    const unsigned code = '0' + static_cast<unsigned>(std::clamp(design[decision], 0, 0x700));
    if (code < 0x80) {
      text += static_cast<char>(code);
    } else {
      text += static_cast<char>(0xc0 | (code >> 6));
      text += static_cast<char>(0x80 | (code & 0x3f));
    }
  }
  return text;
}

ordered_json networks_of(const RunView& view) {
  const auto& required = view.objective->requirements();
  std::map<std::string, ordered_json::array_t> columns;
  const std::vector<int> generators = generators_of(view);
  for (const auto& record : view.records) {
    const auto& evaluation = record.evaluation;
    const bool trained = evaluation.outcome == evaluators::Outcome::trained;
    const auto measured = [&](double value) { return trained ? page_number(value, figures) : ordered_json(); };
    columns["key"].emplace_back(record.key.substr(0, 8));
    columns["design"].emplace_back(letters(*view.space, record.design));
    columns["parent"].emplace_back(record.parent);
    columns["generator"].emplace_back(generators[static_cast<std::size_t>(record.id) - 1]);
    columns["outcome"].emplace_back(static_cast<int>(evaluation.outcome));
    columns["feasible"].emplace_back(record.feasible ? 1 : 0);
    columns["accuracy"].push_back(measured(evaluation.accuracy));
    columns["bound"].push_back(measured(record.accuracy_lower_bound));
    columns["float_accuracy"].push_back(measured(evaluation.float_accuracy));
    columns["netscore"].push_back(measured(record.performance));
    columns["samples"].emplace_back(evaluation.samples);
    columns["latency_ms"].push_back(page_number(evaluation.latency_ms, 4));
    columns["parameters"].emplace_back(evaluation.cost.parameters());
    columns["multiply_adds"].emplace_back(evaluation.cost.multiply_adds);
    columns["weight_bytes"].emplace_back(evaluation.cost.weight_bytes(required.weight_bits));
    columns["peak_activation_bytes"].emplace_back(evaluation.cost.peak_activation_bytes(required.activation_bits));
    columns["flash"].emplace_back(evaluation.cost.deployment.flash());
    columns["ram"].emplace_back(evaluation.cost.deployment.ram);
    columns["latency_cycles"].emplace_back(evaluation.cost.deployment.instructions);
    columns["seconds"].push_back(page_number(evaluation.seconds, 4));
  }
  ordered_json json = ordered_json::object();
  for (auto& [name, values] : columns) json[name] = std::move(values);
  return json;
}

ordered_json messages_of(const RunView& view, const PageLimits& limits) {
  ordered_json messages = ordered_json::object();
  for (const auto& record : view.records) {
    if (messages.size() >= limits.messages) break;
    if (record.evaluation.message.empty()) continue;
    messages[std::to_string(record.id)] = cut(record.evaluation.message, limits.text_bytes);
  }
  return messages;
}

// Probabilities of every value under the last accepted generator; empty for algorithms without one.
ordered_json theta_of(const RunView& view) {
  ordered_json theta = ordered_json::array();
  for (auto it = view.generators.rbegin(); it != view.generators.rend(); ++it) {
    if (!it->accepted) continue;
    for (const auto& decision : it->theta) {
      ordered_json row = ordered_json::array();
      for (const double probability : decision) row.push_back(page_number(probability, 3));
      theta.push_back(std::move(row));
    }
    break;
  }
  return theta;
}

ordered_json family_of(const RunView& view) {
  ordered_json family = ordered_json::array();
  for (const auto& member : view.family) {
    ordered_json result = parsed(member.result);
    if (result.is_object()) result.erase("test_errors");
    const auto errors = recorded_test_errors(member.result);
    family.push_back({{"name", member.name},
                      {"id", member.network},
                      {"generator", member.generator},
                      {"result", std::move(result)},
                      {"confusion", errors ? confusion_json(*errors) : ordered_json()}});
  }
  return family;
}

// Pictures, layer tables, and for family and best the architecture file; none for spaces that make no networks.
ordered_json details_of(const RunView& view, const RecordWithEvidence& with_evidence, int most) {
  ordered_json details = ordered_json::object();
  const auto* space = dynamic_cast<const search_space::SearchSpace*>(view.space);
  if (space == nullptr) return details;
  for (const int id : page_details(view, most)) {
    const results_db::Record record = with_evidence(id);
    details[std::to_string(id)] = network_detail(space->decode(record.design), record, view.objective->requirements());
  }
  return details;
}

ordered_json architectures_of(const RunView& view) {
  ordered_json files = ordered_json::object();
  const auto* space = dynamic_cast<const search_space::SearchSpace*>(view.space);
  if (space == nullptr) return files;
  const auto add = [&](int id, const std::string& name) {
    const std::string key = std::to_string(id);
    if (id < 1 || id > static_cast<int>(view.records.size()) || files.contains(key)) return;
    files[key] = search_space::architecture_to_json(space->decode(view.record(id).design), name);
  };
  for (const auto& member : view.family) add(member.network, member.name);
  if (view.best() != nullptr) add(view.best()->id, fmt::format("network-{}", view.best()->id));
  return files;
}

ordered_json landmarks_of(const RunView& view) {
  const auto* space = dynamic_cast<const search_space::SearchSpace*>(view.space);
  if (space == nullptr) return ordered_json::array();
  return landmarks_beside(space->source().design, view.objective->requirements());
}

}  // namespace

std::vector<int> page_details(const RunView& view, int most) {
  std::vector<int> chosen;
  std::set<int> seen;
  const auto add = [&](int id) {
    if (id < 1 || id > static_cast<int>(view.records.size()) || static_cast<int>(chosen.size()) >= most) return;
    if (seen.insert(id).second) chosen.push_back(id);
  };
  add(1);
  if (view.best() != nullptr) add(view.best()->id);
  for (const auto& member : view.family) add(member.network);
  for (auto it = view.generators.rbegin(); it != view.generators.rend(); ++it) {
    if (!it->accepted) continue;
    for (const int id : it->networks) add(id);
  }
  for (int id = static_cast<int>(view.records.size()); id > 0; --id) add(id);
  return chosen;
}

ordered_json page_run(const RunView& view, const RecordWithEvidence& with_evidence, const PageLimits& limits) {
  ordered_json generators = ordered_json::array();
  const std::set<int> chosen = explained(view, limits.evidence_bytes);
  for (const auto& generator : view.generators) {
    generators.push_back(generator_entry(view, generator, chosen.contains(generator.proposal), limits));
  }
  ordered_json outcomes = ordered_json::array();
  for (int i = 0; i <= static_cast<int>(evaluators::Outcome::crashed); ++i) {
    outcomes.push_back(evaluators::outcome_name(static_cast<evaluators::Outcome>(i)));
  }
  const auto& score = view.objective->score();
  return {{"name", view.name},
          {"state", view.run.state},
          {"message", view.run.message},
          {"data", view.run.data},
          {"evaluator", view.run.evaluator},
          {"config", parsed(view.run.config)},
          {"versions", parsed(view.run.versions)},
          {"seconds", page_number(view.run.seconds, figures)},
          {"requirements", engine::to_string(view.objective->requirements())},
          {"limits", limits_of(*view.objective)},
          {"score", {{"alpha", score.alpha}, {"beta", score.beta}, {"gamma", score.gamma}}},
          {"best", view.best() != nullptr ? ordered_json(view.best()->id) : ordered_json()},
          {"family", family_of(view)},
          {"sessions", sessions_json(view)},
          {"crashes", crashes_json(view)},
          {"outcomes", std::move(outcomes)},
          {"decisions", decisions_of(*view.space)},
          {"theta", theta_of(view)},
          {"generators", std::move(generators)},
          {"networks", networks_of(view)},
          {"landmarks", landmarks_of(view)},
          {"messages", messages_of(view, limits)},
          {"details", details_of(view, with_evidence, limits.details)},
          {"architectures", architectures_of(view)}};
}

}  // namespace synth::report
