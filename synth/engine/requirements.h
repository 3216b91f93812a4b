// The indicator function 1_r of eq. (1): every requirement is hard, never a penalty.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "evaluators/evaluation.h"

namespace synth::engine {

// Accuracy is a fraction in [0, 1]. All bounds are inclusive.
struct Requirements {
  std::optional<double> accuracy;                  // absolute
  std::optional<double> accuracy_below_prototype;  // accuracy>=prototype-X, X as a fraction
  int weight_bits = 32;
  int activation_bits = 32;
  std::optional<std::int64_t> parameters, multiply_adds, weight_bytes, peak_activation_bytes;
  std::optional<double> latency_ms;
  // Of the generated C on a Cortex-M4 (search_space/deployment.h).
  std::optional<std::int64_t> flash, ram, latency_cycles;

  bool deployed() const { return flash || ram || latency_cycles; }
};

// Grammar: cli.md. InputError names the item, what was found and what is allowed.
Requirements parse_requirements(const std::string& text);
std::string to_string(const Requirements& requirements);
// A number of parameters or multiply-adds in the same grammar: 2.97M, 500k, 1e6. `place` begins the message.
double parse_count(const std::string& text, const std::string& place);

}  // namespace synth::engine
