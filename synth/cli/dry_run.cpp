// Feasibility, size of the space, range of costs, and a measured estimate of the time.
#include "synth/cli/dry_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "evaluators/trained_evaluator.h"
#include "search_space/random.h"
#include "synth/cli/evaluator_option.h"
#include "synth/cli/json_output.h"
#include "synth/cli/space_summary.h"
#include "synth/report/table.h"

namespace synth::cli {

namespace {

struct TimeEstimate {
  double prototype_seconds = 0;  // training the prototype from scratch
  double candidate_seconds = 0;  // tuning a candidate as costly as the prototype: an upper bound for smaller ones
  double evaluations_per_hour = 0;
};

// Times two short trainings of the prototype, after one that warms up; their difference is the cost of training alone.
TimeEstimate estimate_time(const RunParts& parts) {
  evaluators::TrainedEvaluatorSettings settings = evaluator_settings(parts.options);
  const double epochs = settings.epochs;
  const auto seconds_for = [&](int batches) {
    settings.epochs = std::max(0.001, double(batches) * settings.batch_size / parts.data.train.size());
    settings.probe = false;
    const auto evaluator = evaluators::make_trained_evaluator(parts.space, parts.data, settings);
    evaluators::Request request;
    request.design = parts.space.prototype();
    request.key = parts.space.key(request.design);
    request.seed = search_space::stream_seed(0, request.key, "timing");
    return evaluator->evaluate(request).seconds;
  };
  constexpr int few_batches = 2, more_batches = 14;
  seconds_for(1);
  const double few = seconds_for(few_batches), more = seconds_for(more_batches);
  const double per_epoch =
      std::max(0.0, more - few) / (more_batches - few_batches) * std::max(1.0, double(parts.data.train.size()) / settings.batch_size);
  TimeEstimate estimate;
  estimate.prototype_seconds = few + per_epoch * epochs;
  estimate.candidate_seconds = few + per_epoch * (parts.options.no_inheritance ? epochs : settings.tune_epochs);
  estimate.evaluations_per_hour = 3600 * engine_config(parts.options).jobs / std::max(1e-3, estimate.candidate_seconds);
  return estimate;
}

}  // namespace

int run_dry(const RunParts& parts, const engine::CostRange& range, const std::string& infeasible, Console& console,
            bool json) {
  TimeEstimate time;
  const bool own = parse_evaluator(parts.options.evaluator, "--evaluator").own;  // only it knows how long it takes
  if (infeasible.empty() && !own) {
    console.detail("timing a few training steps of the prototype");
    time = estimate_time(parts);
  }
  if (json) {
    const engine::Requirements requirements = engine::parse_requirements(parts.options.require);
    nlohmann::ordered_json document = {{"schema", "synth/search/1"},
                                       {"dry_run", true},
                                       {"feasible", infeasible.empty()},
                                       {"feasible_by_cost", engine::why_infeasible(range, requirements).empty()},
                                       {"message", infeasible}};
    document.update(space_summary_json(parts.space, range));
    if (!own) {
      document["estimated_seconds"] = {{"prototype", time.prototype_seconds}, {"candidate", time.candidate_seconds}};
      document["estimated_evaluations_per_hour"] = time.evaluations_per_hour;
    }
    print_json(document);
  } else {
    std::string text = space_summary_text(parts.space, range);
    text += infeasible.empty() ? "feasible       costs rule nothing out\n"
                               : report::wrapped_text("infeasible     " + infeasible + "\n", output_width(), 15);
    if (infeasible.empty() && !own) {
      text +=
          fmt::format("time           about {} for the prototype, at most {} for a candidate, {:.0f} an hour or more\n",
                      report::format_seconds(time.prototype_seconds), report::format_seconds(time.candidate_seconds),
                      time.evaluations_per_hour);
      if (parts.options.judge == "full" && engine::parse_requirements(parts.options.require).accuracy)
        text += fmt::format("               up to {:.0f} times that for one that misses the accuracy at first\n",
                            full_training * parts.options.epochs / parts.options.tune_epochs);
    }
    std::fputs(text.c_str(), stdout);
  }
  return infeasible.empty() ? Exit::done : Exit::infeasible;
}

}  // namespace synth::cli
