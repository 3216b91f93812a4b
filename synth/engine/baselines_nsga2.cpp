// NSGA-II through pagmo2: its operators and selection, our evaluations.
#include <cmath>
#include <pagmo/algorithm.hpp>
#include <pagmo/algorithms/nsga2.hpp>
#include <pagmo/bfe.hpp>
#include <pagmo/population.hpp>
#include <pagmo/problem.hpp>

#include "synth/engine/baselines.h"
#include "synth/engine/baselines_common.h"

namespace synth::engine {

using search_space::Design;

namespace {

constexpr int population_size = 40;
constexpr double worst = 1e6;  // both objectives of what cannot be trained or lies outside the space

Design design_of(const Experiment& experiment, const double* genes) {
  Design design;
  for (std::size_t d = 0; d < experiment.space().decisions().size(); ++d)
    design.push_back(static_cast<int>(std::lround(genes[d])));
  return experiment.space().canonical(std::move(design));
}

// Two objectives, both minimised: what is lacking in accuracy, and the cost part of U. Their front holds the
// constrained optimum whatever the requirement.
void append_objectives(Experiment& experiment, const Record* record, pagmo::vector_double& to) {
  if (record == nullptr || record->evaluation.outcome != evaluators::Outcome::trained) {
    to.insert(to.end(), {worst, worst});
    return;
  }
  const NetScore& score = experiment.objective().score();
  const search_space::Cost& cost = record->evaluation.cost;
  to.push_back(1 - record->accuracy_lower_bound);
  to.push_back(score.beta * std::log10(std::max<double>(1, cost.parameters())) +
               score.gamma * std::log10(std::max<double>(1, cost.multiply_adds)));
}

// Evaluates a whole generation in one batch.
pagmo::vector_double evaluate_all(Experiment& experiment, const pagmo::vector_double& genes) {
  const std::size_t size = experiment.space().decisions().size();
  std::vector<Design> designs;
  std::vector<bool> inside;
  for (std::size_t begin = 0; begin < genes.size(); begin += size) {
    Design design = design_of(experiment, genes.data() + begin);
    inside.push_back(experiment.space().why_not(design).empty());
    if (inside.back()) designs.push_back(std::move(design));
  }
  const std::vector<const Record*> records = evaluate_step(experiment, designs);
  pagmo::vector_double fitness;
  auto next = records.begin();
  for (const bool valid : inside) append_objectives(experiment, valid ? *next++ : nullptr, fitness);
  return fitness;
}

// pagmo copies problems and batch evaluators freely, so both only point to the experiment.
struct Problem {
  Experiment* experiment = nullptr;
  pagmo::vector_double fitness(const pagmo::vector_double& genes) const { return evaluate_all(*experiment, genes); }
  std::pair<pagmo::vector_double, pagmo::vector_double> get_bounds() const {
    const auto& decisions = experiment->space().decisions();
    pagmo::vector_double high;
    for (const search_space::Decision& decision : decisions) high.push_back(decision.size() - 1);
    return {pagmo::vector_double(high.size(), 0.0), high};
  }
  pagmo::vector_double::size_type get_nobj() const { return 2; }
  pagmo::vector_double::size_type get_nix() const { return experiment->space().decisions().size(); }
};

struct BatchEvaluator {
  Experiment* experiment = nullptr;
  pagmo::vector_double operator()(const pagmo::problem&, const pagmo::vector_double& genes) const {
    return evaluate_all(*experiment, genes);
  }
};

pagmo::population first_population(Experiment& experiment, search_space::Random& random) {
  pagmo::population population{pagmo::problem{Problem{&experiment}}, 0, static_cast<unsigned>(random.next())};
  pagmo::vector_double genes;
  for (int i = 0; i < population_size; ++i) {
    Design design = i == 0 ? Design() : random_design(experiment.space(), random);
    if (design.empty()) design = experiment.space().prototype();
    genes.insert(genes.end(), design.begin(), design.end());
  }
  const pagmo::vector_double fitness = evaluate_all(experiment, genes);
  const std::size_t size = genes.size() / population_size;
  for (int i = 0; i < population_size; ++i) {
    population.push_back({genes.begin() + i * size, genes.begin() + (i + 1) * size},
                         {fitness[2 * i], fitness[2 * i + 1]});
  }
  return population;
}

}  // namespace

void nsga2(Experiment& experiment) {
  if (experiment.space().decisions().empty()) return;  // no problem without variables
  search_space::Random random(search_space::stream_seed(experiment.config().seed, "nsga2", "search"));
  pagmo::population population = first_population(experiment, random);
  // One mutated decision per child on average; the rest are pagmo's defaults.
  const double mutation = 1.0 / static_cast<double>(experiment.space().decisions().size());
  pagmo::nsga2 step(1, 0.95, 10, mutation, 50, static_cast<unsigned>(random.next()));
  step.set_bfe(pagmo::bfe{BatchEvaluator{&experiment}});
  const pagmo::algorithm algorithm(step);  // a copy goes on drawing where the last generation stopped
  for (int stalled = 0; stalled < stalled_proposals;) {
    const std::size_t before = experiment.records().size();
    population = algorithm.evolve(population);
    stalled = experiment.records().size() > before ? 0 : stalled + population_size;
  }
}

}  // namespace synth::engine
