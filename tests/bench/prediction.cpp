// How well the inquisitor would have foretold each network of recorded runs from those before it.
// Usage: bench_prediction RUN.db ... [REQUIREMENTS]     (another indicator function than the recorded one)
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "prototypes/prototype_json.h"
#include "results_db/results_db.h"
#include "search_space/search_space.h"
#include "synth/engine/inquisitor.h"

namespace {

using namespace synth::engine;

// Answers with what was recorded. Weights are said to exist, so that networks become parents.
class Recall : public evaluators::Evaluator {
 public:
  Recall(const std::vector<Record>& records, TrainingEpochs epochs) : epochs_(epochs) {
    for (const Record& record : records) evaluations_[record.key] = record.evaluation;
    for (auto& [key, evaluation] : evaluations_) evaluation.weights = "recorded";
  }
  std::string name() const override { return "recall"; }
  std::string settings_key() const override { return "recall/1"; }
  TrainingEpochs training() const override { return epochs_; }
  evaluators::Evaluation evaluate(const evaluators::Request& request) const override {
    return evaluations_.at(request.key);
  }

 private:
  TrainingEpochs epochs_;
  std::map<std::string, evaluators::Evaluation> evaluations_;
};

// Sums over the networks of a run.
struct Score {
  int networks = 0, feasible = 0;
  double log_loss = 0, of_frequency = 0, accuracy_error = 0;

  void add(const Verdict& verdict, const Record& found) {
    const auto loss = [&](double p) { return -std::log(found.feasible ? p : 1 - p); };
    log_loss += loss(std::clamp(verdict.feasibility, 0.001, 0.999));
    of_frequency += loss((feasible + 1.0) / (networks + 2.0));  // what knows only how many were feasible so far
    accuracy_error += std::abs(verdict.accuracy - found.accuracy_lower_bound);
    feasible += found.feasible ? 1 : 0;
    ++networks;
  }
};

void foretell(const std::string& path, const std::string& requirements) {
  const results_db::Contents contents =
      results_db::ResultsDb::open(path, results_db::Access::read).contents(results_db::Detail::evidence);
  const auto config = nlohmann::json::parse(contents.run.config);
  const search_space::SearchSpace space(
      prototypes::prototype_from_json(nlohmann::json::parse(contents.run.prototype), path));
  const Recall recall(contents.records, {config.at("epochs"), config.at("tune_epochs")});
  const std::string wanted = requirements.empty() ? config.at("require").get<std::string>() : requirements;
  Experiment experiment(space, recall, Objective(NetScore{}, parse_requirements(wanted)), Config{}, {});
  experiment.evaluate({space.prototype()});
  Inquisitor inquisitor(experiment);
  Score score;
  auto step = contents.generators.begin();
  for (std::size_t i = 1; i < contents.records.size(); ++i) {
    const auto& design = contents.records[i].design;
    // Accepted generators decide which networks may be parents.
    const auto known = [&](int network) { return network <= static_cast<int>(i); };
    for (; step != contents.generators.end() && std::all_of(step->networks.begin(), step->networks.end(), known);
         ++step)
      experiment.record(*step);
    inquisitor.learn(experiment.best() != nullptr ? experiment.best()->design : space.prototype());
    const Verdict verdict = inquisitor.judge(design);
    const Record& found = *experiment.evaluate({design}).front();
    if (found.evaluation.outcome == evaluators::Outcome::trained) score.add(verdict, found);
  }
  const double count = std::max(1, score.networks);
  fmt::print("{} {}: {} networks, {} feasible; log loss {:.4f} (frequency alone {:.4f}), accuracy off by {:.4f}\n",
             path, wanted, score.networks, score.feasible, score.log_loss / count, score.of_frequency / count,
             score.accuracy_error / count);
}

}  // namespace

int main(int count, char** arguments) {
  std::vector<std::string> runs(arguments + 1, arguments + count);
  std::string requirements;
  if (!runs.empty() && runs.back().find('=') != std::string::npos) {
    requirements = runs.back();
    runs.pop_back();
  }
  if (runs.empty()) {
    fmt::print(stderr, "usage: bench_prediction RUN.db ... [REQUIREMENTS]\n");
    return 2;
  }
  for (const std::string& path : runs) foretell(path, requirements);
}
