// What the engine itself costs: processor time per proposal and memory of a search whose evaluations take no time.
// Usage: bench_engine [PROTOTYPE] [SEEDS] [EVALUATIONS] [JOBS] [SEED]
#include <fmt/format.h>
#include <sys/resource.h>

#include <cmath>
#include <cstdlib>
#include <ctime>

#include "prototypes/library.h"
#include "search_space/random.h"
#include "search_space/search_space.h"
#include "synth/engine/experiment.h"

namespace {

// Error rises as parameters and multiply-adds fall, by a share of the network's own; measured on 5000 images.
class ModelEvaluator : public evaluators::Evaluator {
 public:
  explicit ModelEvaluator(const search_space::DesignSpace& space)
      : space_(space), reference_(space.cost(space.prototype())) {}
  std::string name() const override { return "model"; }
  std::string settings_key() const override { return "model/1"; }
  evaluators::Evaluation evaluate(const evaluators::Request& request) const override {
    search_space::Random random(request.seed);
    evaluators::Evaluation result;
    result.cost = space_.cost(request.design);
    const auto halvings = [](std::int64_t now, std::int64_t before) {
      return std::log2(static_cast<double>(before) / static_cast<double>(std::max<std::int64_t>(1, now)));
    };
    const double smaller = halvings(result.cost.parameters(), reference_.parameters()) +
                           halvings(result.cost.multiply_adds, reference_.multiply_adds);
    const double own = 0.1 * search_space::Random(search_space::stream_seed(1, request.key, "own")).normal();
    const double error = std::min(0.9, 0.07 * std::exp(0.03 * smaller + 0.004 * smaller * smaller + own));
    result.samples = 5000;
    result.accuracy = 1 - error + std::sqrt(error * (1 - error) / result.samples) * random.normal();
    result.weights = "kept";
    return result;
  }

 private:
  const search_space::DesignSpace& space_;
  search_space::Cost reference_;
};

}  // namespace

int main(int count, char** arguments) {
  const auto number = [&](int at, int otherwise) { return count > at ? std::atoi(arguments[at]) : otherwise; };
  const std::string prototype = count > 1 ? arguments[1] : "residual9";
  const search_space::SearchSpace space(prototypes::load(prototype));
  const ModelEvaluator evaluator(space);
  synth::engine::Config config;
  config.seeds = number(2, 4);
  config.evaluations = number(3, 60);
  config.jobs = number(4, 1);
  config.seed = static_cast<std::uint64_t>(number(5, 0));
  synth::engine::Experiment experiment(space, evaluator,
                                       {{}, synth::engine::parse_requirements("accuracy>=prototype-2%")}, config, {});
  const std::clock_t start = std::clock();  // processor time: other work on the machine does not count
  synth::engine::run(experiment);
  const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  int accepted = 0;
  for (const auto& generator : experiment.generators()) accepted += generator.accepted ? 1 : 0;
  fmt::print(
      "{}: {} decisions, {} seeds, {} evaluations, {} proposals, {} accepted, best {:.2f}; {:.0f} ms per proposal, "
      "{:.1f} ms per evaluation, {} MiB\n",
      prototype, space.decisions().size(), config.seeds, experiment.records().size(), experiment.generators().size(),
      accepted, experiment.best() != nullptr ? experiment.best()->performance : 0.0,
      1e3 * seconds / static_cast<double>(experiment.generators().size()),
      1e3 * seconds / static_cast<double>(experiment.records().size()), usage.ru_maxrss / 1024);
}
