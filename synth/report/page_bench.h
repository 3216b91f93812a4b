// Results of `synth bench` for the page: curves with bands.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace synth::report {

// `text`: what `synth bench --json` printed, of `path`. {"name", "table", "requirements", "target", "max_evaluations",
// "algorithms": [{"name", "seeds", "success_rate", "median", "lower", "upper": evaluations to the target, "curve":
// [[evaluations, lower, median, upper], ...]}]}: quartiles over the runs of the best U so far, null where some have
// found nothing, the outer ones null throughout in results of programs that did not tell each run's course. InputError
// naming the file if it is something else.
nlohmann::ordered_json page_bench(const std::string& path, const std::string& text);

}  // namespace synth::report
