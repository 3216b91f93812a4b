// A small run with real networks, made without training: what the renderers are tested on.
#pragma once

#include <algorithm>
#include <memory>
#include <string>

#include "prototypes/library.h"
#include "search_space/search_space.h"
#include "synth/report/run_view.h"

namespace synth::report::test {

struct SampleRun {
  search_space::SearchSpace space{prototypes::load("residual9,size=28,channels=1")};
  engine::Objective objective{{}, engine::parse_requirements("accuracy>=90%,weight_bits=8,params<=2M")};
  RunView view;

  // Accuracy falls by a point per decision changed; two generators accepted, one rejected, one network diverged.
  SampleRun() {
    view.name = "run.db";
    view.space = &space;
    view.objective = &objective;
    view.run.config = R"({"algorithm":"generative-synthesis","seed":7,"seeds":2,"prototype":"residual9"})";
    view.run.config_hash = "00ff";
    view.run.data = "shapes";
    view.run.versions = R"({"synth":"0.1.0"})";
    view.run.state = "done";
    view.run.message = "2 generators accepted";
    view.run.seconds = 754;
    search_space::Design design = space.prototype();
    add(design, 0, 0.975);
    add(changed(design, "stage1.slot1"), 1, 0.96);
    add(changed(view.records[1].design, "stage2.slot2"), 2, 0.953);
    add(changed(design, "stage3.slot3"), 1, 0.5);
    view.records[3].evaluation.outcome = evaluators::Outcome::diverged;
    view.records[3].evaluation.message = "loss is not finite";
    view.records[3].performance = 0;
    view.records[3].feasible = false;
    propose(0, 0, -1, true, {1, 1}, "the prototype meets every requirement");
    propose(1, 1, 0, false, {2, 4}, "network 4 diverged");
    propose(2, 1, 0, true, {2, 3}, "mean U rose and every network meets the requirements");
    view.generators[2].evidence = {"stage1.slot1: bypass costs 0.01 of loss", "<escape> & \"quote\" me"};
  }
  SampleRun(const SampleRun&) = delete;
  SampleRun& operator=(const SampleRun&) = delete;

  // The same design with the last value of the first decision of the slot named, a module kind.
  search_space::Design changed(search_space::Design design, const std::string& slot) const {
    for (std::size_t i = 0; i < design.size(); ++i) {
      const auto& decision = space.decisions()[i];
      if (decision.name.rfind(slot, 0) != 0 || decision.size() < 2) continue;
      design[i] = (design[i] + 1) % decision.size();
      return space.canonical(design);
    }
    throw std::logic_error("nothing to decide in " + slot);
  }

 private:
  void add(const search_space::Design& design, int parent, double accuracy) {
    results_db::Record record;
    record.id = static_cast<int>(view.records.size()) + 1;
    record.key = space.key(design);
    record.design = design;
    record.parent = parent;
    record.evaluation.accuracy = accuracy;
    record.evaluation.float_accuracy = accuracy;
    record.evaluation.samples = 5000;
    record.evaluation.cost = space.cost(design);
    record.evaluation.seconds = 12.5;
    record.performance = objective.performance(record.evaluation);
    record.accuracy_lower_bound = objective.accuracy_lower_bound(record.evaluation);
    record.feasible = objective.feasible(record.evaluation);
    view.records.push_back(record);
  }

  void propose(int proposal, int index, int parent, bool accepted, std::vector<int> networks,
               const std::string& reason) {
    results_db::GeneratorRecord generator;
    generator.proposal = proposal;
    generator.index = index;
    generator.parent = parent;
    generator.accepted = accepted;
    generator.reason = reason;
    generator.kl = parent < 0 ? 0 : 0.75;
    generator.trust_region = 1;
    generator.seeds = {11, 12};
    int trained = 0;
    for (const int id : networks) {
      if (view.record(id).evaluation.outcome != evaluators::Outcome::trained) continue;
      generator.mean_performance += view.record(id).performance;
      ++trained;
    }
    generator.mean_performance /= std::max(1, trained);
    generator.networks = std::move(networks);
    view.generators.push_back(generator);
  }
};

}  // namespace synth::report::test
