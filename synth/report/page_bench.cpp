// Quartiles over the runs of a benchmark, at every evaluation where one of them changes.
#include "synth/report/page_bench.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <vector>

#include "search_space/errors.h"
#include "synth/engine/bench.h"
#include "synth/report/page_numbers.h"

namespace synth::report {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr std::size_t most_points = 500;
constexpr int digits = 6;

using Course = std::vector<std::pair<int, double>>;  // evaluations, best U from there on

double best_at(const Course& course, int evaluations) {
  double best = -std::numeric_limits<double>::infinity();
  for (const auto& [at, score] : course) {
    if (at <= evaluations) best = score;
  }
  return best;
}

ordered_json curve_of(const std::vector<Course>& courses) {
  std::set<int> changes;
  for (const Course& course : courses) {
    for (const auto& [at, score] : course) changes.insert(at);
  }
  const std::vector<int> places(changes.begin(), changes.end());
  const std::size_t step = places.size() / most_points + 1;
  ordered_json curve = ordered_json::array();
  for (std::size_t i = 0; i < places.size(); i += step) {
    const int at = places[std::min(i + step, places.size()) - 1];
    std::vector<double> values;
    for (const Course& course : courses) values.push_back(best_at(course, at));
    const engine::Quartiles found = engine::quartiles(values);
    if (!std::isfinite(found.median)) continue;
    curve.push_back(
        {at, page_number(found.lower, digits), page_number(found.median, digits), page_number(found.upper, digits)});
  }
  return curve;
}

// As the file tells it, where the runs' courses are missing.
ordered_json medians_of(const json& algorithm) {
  ordered_json curve = ordered_json::array();
  for (const json& point : algorithm.at("curve"))
    curve.push_back({point.at(0).get<int>(), nullptr, page_number(point.at(1).get<double>(), digits), nullptr});
  return curve;
}

ordered_json algorithm_of(const json& algorithm) {
  std::vector<Course> courses;
  bool told = true;
  for (const json& run : algorithm.at("runs")) {
    told = told && run.contains("improvements");
    if (told) courses.push_back(run.at("improvements").get<Course>());
  }
  const json& quartiles = algorithm.at("quartiles_to_target");
  return {{"name", algorithm.at("name").get<std::string>()},
          {"seeds", algorithm.at("seeds").get<int>()},
          {"success_rate", page_number(algorithm.at("success_rate").get<double>(), digits)},
          {"median", page_number(algorithm.at("median_evaluations_to_target").get<double>(), digits)},
          {"lower", page_number(quartiles.at(0).get<double>(), digits)},
          {"upper", page_number(quartiles.at(1).get<double>(), digits)},
          {"curve", told && !courses.empty() ? curve_of(courses) : medians_of(algorithm)}};
}

}  // namespace

ordered_json page_bench(const std::string& path, const std::string& text) {
  const json document = json::parse(text, nullptr, false);
  if (!document.is_object() || document.value("schema", json()) != "synth/bench/1") {
    throw search_space::InputError(fmt::format(
        "{}: is no result of a benchmark; needed is what 'synth bench --json' prints (schema synth/bench/1)",
        search_space::printable(path)));
  }
  try {
    ordered_json algorithms = ordered_json::array();
    for (const json& algorithm : document.at("algorithms")) algorithms.push_back(algorithm_of(algorithm));
    const json& target = document.at("target");
    return {{"name", path},
            {"table", document.at("table").get<std::string>()},
            {"requirements", document.at("requirements").get<std::string>()},
            {"target", target.is_number() ? page_number(target.get<double>(), digits) : ordered_json()},
            {"max_evaluations", document.at("max_evaluations").get<int>()},
            {"algorithms", std::move(algorithms)}};
  } catch (const json::exception& error) {
    throw search_space::InputError(fmt::format("{}: is damaged: {}; make it again with 'synth bench --json'",
                                               search_space::printable(path), error.what()));
  }
}

}  // namespace synth::report
