// Numbers for the page: few digits, and null for what JSON cannot say. Internal to reports.
#pragma once

#include <nlohmann/json_fwd.hpp>

namespace synth::report {

// `value` to so many significant digits; null where it is not finite.
nlohmann::ordered_json page_number(double value, int digits);

}  // namespace synth::report
