// U and 1_r: NetScore (AttoNets section 4.1) and the indicator function of eq. (1).
#include "synth/engine/objective.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace synth::engine {
namespace {

// The standard normal quantile by bisection of its distribution function; exact to the last few bits.
double normal_quantile(double probability) {
  double low = -12, high = 12;
  for (int step = 0; step < 80; ++step) {
    const double middle = (low + high) / 2;
    (0.5 * std::erfc(-middle / std::sqrt(2.0)) < probability ? low : high) = middle;
  }
  return (low + high) / 2;
}

std::string cost_violation(const Requirements& requirements, const search_space::Cost& cost) {
  const auto check = [](const char* what, std::int64_t value, const std::optional<std::int64_t>& bound) {
    return bound && value > *bound ? fmt::format("{} {} > {}", what, value, *bound) : std::string();
  };
  for (const std::string& text :
       {check("parameters", cost.parameters(), requirements.parameters),
        check("multiply-adds", cost.multiply_adds, requirements.multiply_adds),
        check("weight bytes", cost.weight_bytes(requirements.weight_bits), requirements.weight_bytes),
        check("peak activation bytes", cost.peak_activation_bytes(requirements.activation_bits),
              requirements.peak_activation_bytes),
        check("flash bytes", cost.deployment.flash(), requirements.flash),
        check("RAM bytes", cost.deployment.ram, requirements.ram),
        check("cycles", cost.deployment.instructions, requirements.latency_cycles)})
    if (!text.empty()) return text;
  return {};
}

}  // namespace

double NetScore::operator()(double accuracy_percent, double parameters, double multiply_adds) const {
  return 20 * (alpha * std::log10(accuracy_percent) - beta * std::log10(parameters / 1e6) -
               gamma * std::log10(multiply_adds / 1e9));
}

double wilson_lower_bound(double accuracy, int samples, double confidence) {
  if (samples <= 0) return accuracy;
  const double n = samples, z = normal_quantile(confidence), z2 = z * z;
  const double centre = accuracy + z2 / (2 * n);
  const double spread = z * std::sqrt(accuracy * (1 - accuracy) / n + z2 / (4 * n * n));
  return std::max(0.0, (centre - spread) / (1 + z2 / n));
}

Objective::Objective(NetScore score, Requirements requirements, double confidence)
    : score_(score), requirements_(std::move(requirements)), confidence_(confidence) {}

double Objective::performance(const evaluators::Evaluation& evaluation) const {
  if (evaluation.outcome != evaluators::Outcome::trained) return 0;
  // Floors keep U finite for a network that is never right or has no parameters.
  const double percent = std::max(100 * evaluation.accuracy, 0.01);
  return score_(percent, std::max<double>(1, evaluation.cost.parameters()),
                std::max<double>(1, evaluation.cost.multiply_adds));
}

double Objective::accuracy_lower_bound(const evaluators::Evaluation& evaluation) const {
  return lower_bound(evaluation.accuracy, evaluation.samples);
}

double Objective::lower_bound(double accuracy, int samples) const {
  return wilson_lower_bound(accuracy, samples, confidence_);
}

bool Objective::feasible(const evaluators::Evaluation& evaluation) const {
  return violation(evaluation).empty();
}

bool Objective::cost_feasible(const search_space::Cost& cost) const {
  return cost_violation(requirements_, cost).empty();
}

double Objective::cost_excess(const search_space::Cost& cost) const {
  double worst = 0;
  const auto consider = [&](std::int64_t value, const std::optional<std::int64_t>& bound) {
    if (bound) worst = std::max(worst, static_cast<double>(value) / static_cast<double>(*bound));
  };
  consider(cost.parameters(), requirements_.parameters);
  consider(cost.multiply_adds, requirements_.multiply_adds);
  consider(cost.weight_bytes(requirements_.weight_bits), requirements_.weight_bytes);
  consider(cost.peak_activation_bytes(requirements_.activation_bits), requirements_.peak_activation_bytes);
  consider(cost.deployment.flash(), requirements_.flash);
  consider(cost.deployment.ram, requirements_.ram);
  consider(cost.deployment.instructions, requirements_.latency_cycles);
  return worst;
}

std::string Objective::violation(const evaluators::Evaluation& evaluation) const {
  if (evaluation.outcome != evaluators::Outcome::trained)
    return fmt::format("not trained: {}{}{}", evaluators::outcome_name(evaluation.outcome),
                       evaluation.message.empty() ? "" : ", ", evaluation.message);
  const double required = required_accuracy(), bound = accuracy_lower_bound(evaluation);
  if (required > 1) return "the prototype was not trained, so there is no accuracy to compare with";
  if (bound < required) {
    if (evaluation.samples == 0) return fmt::format("accuracy {:.2f} % < {:.2f} %", 100 * bound, 100 * required);
    return fmt::format("accuracy {:.2f} % (lower bound {:.2f} %) < {:.2f} %", 100 * evaluation.accuracy, 100 * bound,
                       100 * required);
  }
  if (requirements_.latency_ms && evaluation.latency_ms > *requirements_.latency_ms)
    return fmt::format("latency {:.3g} ms > {:.3g} ms", evaluation.latency_ms, *requirements_.latency_ms);
  return cost_violation(requirements_, evaluation.cost);
}

void Objective::set_prototype(const evaluators::Evaluation& prototype) {
  prototype_bound_ = prototype.outcome == evaluators::Outcome::trained ? accuracy_lower_bound(prototype)
                                                                       : std::numeric_limits<double>::infinity();
}

double Objective::required_accuracy() const {
  double required = requirements_.accuracy.value_or(0);
  if (requirements_.accuracy_below_prototype) {
    if (!prototype_bound_)
      throw std::logic_error("accuracy relative to the prototype asked for before it was evaluated");
    required = std::max(required, *prototype_bound_ - *requirements_.accuracy_below_prototype);
  }
  return required;
}

}  // namespace synth::engine
