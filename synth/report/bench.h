// What a benchmark measured, as text, data and a picture.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "synth/engine/bench.h"

namespace synth::report {

std::string bench_text(const engine::BenchResult& result, int columns = 0);
nlohmann::ordered_json bench_json(const engine::BenchResult& result);  // schema synth/bench/1
// The median best-so-far curves over distinct evaluations (logarithmic), and the target.
std::string bench_svg(const engine::BenchResult& result);

}  // namespace synth::report
