// Designs are drawn near the best one so far, accuracies fall with their size: figures of a plausible shape.
#include "tests/support/made_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "prototypes/library.h"
#include "prototypes/prototype_json.h"
#include "search_space/random.h"

namespace synth::test {
namespace {

constexpr const char* prototype = "residual9,width=0.5";
constexpr const char* requirements = "accuracy>=80%,weight_bits=8";

results_db::Run described(const MadeRun& made) {
  results_db::Run run;
  run.config = nlohmann::json{{"prototype", prototype}, {"require", requirements}, {"seeds", made.seeds}}.dump();
  run.config_hash = "made";
  run.prototype = prototypes::prototype_to_json(prototypes::load(prototype)).dump();
  run.data = "shapes";
  run.data_fingerprint = "made";
  run.evaluator = "made";
  run.versions = "{}";
  return run;
}

}  // namespace

RunMaker::RunMaker(const std::string& path, const MadeRun& made)
    : made_(made),
      space_(prototypes::load(prototype)),
      objective_({}, engine::parse_requirements(requirements)),
      db_(results_db::ResultsDb::create(path, described(made))),
      best_(space_.prototype()) {}

results_db::Record RunMaker::next_record() {
  search_space::Random random(search_space::stream_seed(made_.seed, std::to_string(networks_), "made run"));
  results_db::Record record;
  record.id = ++networks_;
  record.design = record.id == 1 ? space_.prototype() : best_;
  for (int i = 0; record.id > 1 && i < 3; ++i) {
    const int decision = random.below(static_cast<int>(record.design.size()));
    search_space::Design changed = record.design;
    changed[decision] = random.below(space_.decisions()[decision].size());
    changed = space_.canonical(std::move(changed));
    if (space_.why_not(changed).empty()) record.design = changed;
  }
  record.key = space_.key(record.design);
  record.parent = best_network_;
  auto& evaluation = record.evaluation;
  evaluation.cost = space_.cost(record.design);
  const double size = std::log10(static_cast<double>(evaluation.cost.parameters()));
  evaluation.accuracy = std::clamp(0.99 - 0.02 * std::max(0.0, 5 - size) + 0.01 * random.normal(), 0.0, 1.0);
  evaluation.float_accuracy = evaluation.accuracy;
  evaluation.samples = 1000;
  evaluation.seconds = 1 + 9 * random.uniform();
  if (record.id > 1 && random.below(50) == 0) {
    evaluation.outcome = evaluators::Outcome::diverged;
    evaluation.message = "loss is not finite";
  } else {
    record.performance = objective_.performance(evaluation);
    record.accuracy_lower_bound = objective_.accuracy_lower_bound(evaluation);
    record.feasible = objective_.feasible(evaluation);
  }
  return record;
}

void RunMaker::propose() {
  results_db::GeneratorRecord generator;
  generator.proposal = proposals_++;
  generator.parent = last_accepted_;
  generator.networks = pending_;
  generator.outcomes.assign(pending_.size(), "trained");
  double sum = 0;
  for (const int id : pending_) sum += db_.record(id, false).performance;
  generator.mean_performance = sum / static_cast<double>(pending_.size());
  generator.accepted = generator.proposal % 3 == 0;
  generator.index = accepted_;
  generator.reason = generator.accepted ? "mean U rose, every network is feasible" : "mean U did not rise";
  generator.kl = 10;
  generator.trust_region = 8;
  for (const auto& decision : space_.decisions()) {
    generator.theta.emplace_back(decision.labels.size(), 1.0 / static_cast<double>(decision.labels.size()));
  }
  for (std::size_t i = 0; i < pending_.size(); ++i) generator.seeds.push_back(i + 1);
  for (int i = 0; i < made_.evidence; ++i) {
    generator.evidence.push_back(fmt::format(
        "stage1.slot{}.kind bottleneck -> skip in 2 of 4 networks: bypassing the slot changed the loss by +0.129 "
        "(rank 2 of 9, 1 = least needed); alone, predicted accuracy -1.37 points, parameters -1.6 %, multiply-adds "
        "-7.5 %",
        i + 1));
  }
  if (generator.accepted) {
    last_accepted_ = generator.proposal;
    ++accepted_;
  }
  db_.add(generator);
  pending_.clear();
}

bool RunMaker::step() {
  if (networks_ >= made_.networks) return false;
  const results_db::Record record = next_record();
  db_.add(record, networks_);
  if (record.feasible && record.performance > best_performance_) {
    best_performance_ = record.performance;
    best_network_ = record.id;
    best_ = record.design;
  }
  pending_.push_back(record.id);
  if (record.id == 1 || static_cast<int>(pending_.size()) == made_.seeds) propose();
  return true;
}

void RunMaker::begin_attempt(int network) {
  results_db::Session session;
  session.versions = session.limits = "{}";
  db_.begin_attempt({db_.begin_session(session), network, "made"});
}

void RunMaker::finish() {
  db_.set_state("done", fmt::format("{} networks evaluated", networks_), networks_);
}

void make_run(const std::string& path, const MadeRun& made) {
  RunMaker maker(path, made);
  while (maker.step()) {
  }
  maker.finish();
}

}  // namespace synth::test
