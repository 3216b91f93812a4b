// Opening runs and finding networks in them.
#include "synth/cli/run_context.h"

#include <fmt/format.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "prototypes/prototype_json.h"
#include "search_space/errors.h"
#include "synth/cli/evaluator_option.h"
#include "synth/engine/experiment.h"
#include "synth/engine/full_accuracy.h"

namespace synth::cli {

using search_space::InputError;

RunContext open_run(const std::string& path, results_db::Access access) {
  results_db::ResultsDb db = results_db::ResultsDb::open(path, access);
  results_db::Run run = db.run();
  SearchOptions options;
  std::unique_ptr<search_space::SearchSpace> space;
  try {
    options = search_options_from_json(nlohmann::json::parse(run.config), path + ": configuration");
    space = std::make_unique<search_space::SearchSpace>(
        prototypes::prototype_from_json(nlohmann::json::parse(run.prototype), path + ": prototype"));
  } catch (const nlohmann::json::exception& error) {
    throw search_space::EnvironmentError(
        fmt::format("{}: the stored configuration is damaged: {}", path, error.what()));
  }
  engine::Objective objective = make_objective(options);
  if (objective.requirements().deployed()) space->count_deployment();
  return {path, std::move(db), std::move(run), std::move(options), std::move(space), std::move(objective)};
}

namespace {

// Numbers that point to nothing: a damaged file, or one that was made to mislead.
void check_numbers(const RunContext& context, const report::RunView& view) {
  const auto damaged = [&](const std::string& what) {
    throw search_space::EnvironmentError(fmt::format("{} is damaged: {}", context.path, what));
  };
  for (std::size_t i = 0; i < view.records.size(); ++i) {
    if (view.records[i].id == static_cast<int>(i) + 1) continue;
    damaged(fmt::format("found network {}, expected {}", view.records[i].id, i + 1));
  }
  for (const auto& generator : view.generators) {
    for (const int id : generator.networks) {
      if (id >= 1 && id <= static_cast<int>(view.records.size())) continue;
      damaged(fmt::format("proposal {} names network {}, the run has 1 to {}", generator.proposal, id,
                          view.records.size()));
    }
  }
}

void check_design(const RunContext& context, const results_db::Record& record) {
  std::string reason = context.space->why_not(record.design);
  if (record.parent < 0 || record.parent >= record.id)
    reason = fmt::format("parent: found {}, allowed is an earlier network, or none", record.parent);
  if (reason.empty()) return;
  throw search_space::EnvironmentError(
      fmt::format("{}: network {} is damaged: its {}", context.path, record.id, reason));
}

}  // namespace

search_space::Architecture RunContext::architecture(const results_db::Record& record) const {
  check_design(*this, record);
  return space->decode(record.design);
}

report::RunView RunContext::view() {
  report::RunView view;
  view.name = path;
  results_db::Contents contents = db.contents(results_db::Detail::figures);
  view.run = std::move(contents.run);
  view.records = std::move(contents.records);
  for (results_db::Record& record : view.records) {
    check_design(*this, record);
    if (objective.requirements().deployed())
      record.evaluation.cost.deployment = space->cost(record.design).deployment;
  }
  view.generators = std::move(contents.generators);
  view.family = std::move(contents.family);
  view.sessions = std::move(contents.sessions);
  view.crashes = std::move(contents.crashes);
  check_numbers(*this, view);
  // The prototype is always the first evaluation.
  if (!view.records.empty()) objective.set_prototype(view.records.front().evaluation);
  view.space = space.get();
  view.objective = &objective;
  return view;
}

engine::TrainingEpochs RunContext::training_epochs() const {
  return {options.epochs, options.tune_epochs, 0, !options.no_fit};
}

report::RunView RunContext::view_with_expectations() {
  report::RunView result = view();
  if (parse_evaluator(options.evaluator, "evaluator").own) return result;  // nothing is known of its training
  result.expected_full =
      engine::expected_full_accuracies(*space, result.records, training_epochs(), full_training * options.epochs);
  return result;
}

void require_same_engine(const RunContext& context) {
  const nlohmann::json stored = nlohmann::json::parse(context.run.versions, nullptr, false);
  const int engine = stored.is_object() ? stored.value("engine", 1) : 1;  // the first revision was not recorded
  if (engine == engine::engine_revision) return;
  throw search_space::EnvironmentError(fmt::format(
      "{0}: begun by revision {1} of the search engine; this program has revision {2}, which would take other steps. "
      "Go on with the program that began it, or begin a new search from one of its networks: --prototype {0}#ID",
      context.path, engine, engine::engine_revision));
}

results_db::Record find_network(const RunContext& context, const std::string& id_or_key, bool with_weights) {
  const std::vector<results_db::Record> records = context.db.records(false);
  const bool number =
      !id_or_key.empty() && id_or_key.size() < 8 && id_or_key.find_first_not_of("0123456789") == std::string::npos;
  std::vector<int> found;
  for (const auto& record : records) {
    if (number && record.id == std::stoi(id_or_key)) return context.db.record(record.id, with_weights);
    if (!number && !id_or_key.empty() && record.key.rfind(id_or_key, 0) == 0) found.push_back(record.id);
  }
  if (found.size() == 1) return context.db.record(found.front(), with_weights);
  if (found.empty()) {
    throw InputError(fmt::format("{}#{}: the run has no such network; it has numbers 1 to {}", context.path, id_or_key,
                                 records.size()));
  }
  throw InputError(fmt::format("{}#{}: {} networks have keys that begin so; give more digits", context.path, id_or_key,
                               found.size()));
}

results_db::Record find_place(const RunContext& context, const std::string& place, bool with_weights) {
  const std::string name = place.substr(1);
  if (place.front() == '#') return find_network(context, name, with_weights);
  int generator = 0, seed = 0, used = 0;
  if (std::sscanf(name.c_str(), "G%d:s%d%n", &generator, &seed, &used) == 2 && used == static_cast<int>(name.size()) &&
      generator >= 0 && seed >= 0) {
    return find_generated(context, generator, seed, with_weights);
  }
  std::vector<std::string> names;
  for (auto& member : context.db.family(with_weights)) {
    if (member.name == name) {
      results_db::Record record = context.db.record(member.network, false);
      record.evaluation.weights = std::move(member.weights);
      return record;
    }
    names.push_back(member.name);
  }
  throw InputError(fmt::format(
      "{}{}: after '@' comes G2:s3 (generator 2, seed index 3) or a family member's name{}", context.path, place,
      names.empty() ? fmt::format("; the run has no family yet: 'synth family {}' trains one", context.path)
                    : search_space::suggestion(name, names)));
}

results_db::Record find_generated(const RunContext& context, int generator, int seed, bool with_weights) {
  int last = -1;
  for (const auto& candidate : context.db.generators()) {
    if (!candidate.accepted) continue;
    last = candidate.index;
    if (candidate.index != generator) continue;
    if (seed >= static_cast<int>(candidate.networks.size())) {
      throw InputError(fmt::format("{}@G{}:s{}: seed indices go from 0 to {}", context.path, generator, seed,
                                   static_cast<int>(candidate.networks.size()) - 1));
    }
    return context.db.record(candidate.networks[seed], with_weights);
  }
  throw InputError(last < 0
                       ? fmt::format("{}@G{}: the run has no accepted generator yet", context.path, generator)
                       : fmt::format("{}@G{}: accepted generators go from 0 to {}", context.path, generator, last));
}

}  // namespace synth::cli
