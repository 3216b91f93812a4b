// Names of outcomes: what the database stores and reports print.
#include "evaluators/evaluation.h"

#include <array>
#include <utility>

#include "search_space/errors.h"

namespace evaluators {
namespace {

constexpr std::array<std::pair<Outcome, std::string_view>, 6> names = {{{Outcome::trained, "trained"},
                                                                        {Outcome::diverged, "diverged"},
                                                                        {Outcome::out_of_memory, "out_of_memory"},
                                                                        {Outcome::timed_out, "timed_out"},
                                                                        {Outcome::failed, "failed"},
                                                                        {Outcome::crashed, "crashed"}}};

}  // namespace

std::string_view outcome_name(Outcome outcome) {
  for (const auto& [value, name] : names) {
    if (value == outcome) return name;
  }
  throw std::logic_error("outcome without a name");
}

Outcome outcome_from_name(std::string_view name) {
  std::vector<std::string> known;
  for (const auto& [value, known_name] : names) {
    if (known_name == name) return value;
    known.emplace_back(known_name);
  }
  throw search_space::InputError("unknown outcome '" + std::string(name) + "'" + search_space::suggestion(name, known));
}

}  // namespace evaluators
