// Reading what an own trainer answers.
#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <regex>

#include "evaluators/command_evaluator.h"
#include "search_space/errors.h"
#include "search_space/json_reader.h"

namespace evaluators {
namespace {

using search_space::JsonReader;

double number(const JsonReader& place, double largest) {
  const nlohmann::json& value = place.value();
  const std::string allowed = fmt::format("allowed is a number from 0 to {:g}", largest);
  if (!value.is_number()) place.fail(fmt::format("found {}; {}", value.dump().substr(0, 80), allowed));
  const double found = value.get<double>();
  if (!std::isfinite(found) || found < 0 || found > largest) place.fail(fmt::format("found {}; {}", found, allowed));
  return found;
}

double number_or(const JsonReader& answer, const char* name, double fallback, double largest) {
  return answer.has(name) ? number(answer.at(name), largest) : fallback;
}

// JSON has no such numbers, but Python's json module writes them.
bool says_not_finite(const std::string& text) {
  static const std::regex pattern(R"re("(float_)?accuracy"\s*:\s*(-?(NaN|nan|Infinity|inf)\b|null))re");
  return std::regex_search(text, pattern);
}

void take_fields(const JsonReader& answer, const std::string& key, const CommandSettings& settings,
                 Evaluation& result) {
  answer.object({"key", "accuracy", "samples", "float_accuracy", "latency_ms", "epochs", "outcome", "message"});
  if (settings.kept || answer.has("key")) {
    if (answer.at("key").text() != key)
      answer.at("key").fail(
          fmt::format("found '{}'; allowed is '{}', the request's", answer.at("key").text().substr(0, 80), key));
  }
  const std::string outcome =
      answer.one_of_or("outcome", "trained", {"trained", "diverged", "out_of_memory", "timed_out", "failed"});
  if (outcome != "trained") {
    result.outcome = outcome_from_name(outcome);
    result.message = search_space::printable(answer.text_or("message", "the trainer says no more").substr(0, 1000));
    return;
  }
  result.accuracy = number(answer.at("accuracy"), 1);
  result.samples = answer.integer("samples", 0, std::numeric_limits<int>::max());
  result.float_accuracy = number_or(answer, "float_accuracy", result.accuracy, 1);
  result.latency_ms =
      settings.needs_latency ? number(answer.at("latency_ms"), 1e9) : number_or(answer, "latency_ms", 0, 1e9);
  result.epochs = number_or(answer, "epochs", settings.epochs, 1e9);
}

}  // namespace

void read_answer(const std::string& text, const std::string& key, const CommandSettings& settings,
                 const std::string& place, Evaluation& result) {
  if (text.size() < 100000 && says_not_finite(text))
    throw search_space::InputError(
        place + ": the accuracy is no finite number; of a training that diverged tell {\"outcome\": \"diverged\"}");
  try {
    const nlohmann::json document = search_space::parse_json(text, place);
    take_fields(JsonReader(document, place), key, settings, result);
  } catch (const nlohmann::json::exception& error) {  // a text that is not UTF-8 cannot be shown
    throw search_space::InputError(search_space::printable(place + ": " + error.what()));
  }
}

void take_answer(const std::string& text, const std::string& key, const CommandSettings& settings, Evaluation& result) {
  const auto fail = [&result](Outcome outcome, const std::string& message) {
    result.outcome = outcome;
    result.message = message;
    result.accuracy = result.float_accuracy = result.latency_ms = 0;
    result.samples = 0;
  };
  if (text.find_first_not_of(" \t\r\n") == std::string::npos)
    return fail(Outcome::failed, "answer: found nothing on stdout; needed is a line of JSON with accuracy and samples");
  if (text.size() < 100000 && says_not_finite(text))
    return fail(Outcome::diverged,
                "answer: the accuracy is no finite number: " + search_space::printable(text.substr(0, 200)));
  try {
    read_answer(text, key, settings, "answer", result);
  } catch (const search_space::InputError& error) {
    fail(Outcome::failed, search_space::printable(std::string(error.what()).substr(0, 500)));
  }
}

}  // namespace evaluators
