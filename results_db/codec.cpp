// Lists and evidence as JSON text whose numbers round-trip bit for bit.
#include "results_db/codec.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdlib>
#include <limits>
#include <nlohmann/json.hpp>

#include "search_space/errors.h"

namespace results_db {
namespace {

using nlohmann::json;

// JSON has no infinities and no NaN; a diverged network's evidence may.
json number(double value) {
  if (std::isfinite(value)) return value;
  return std::isnan(value) ? "nan" : value > 0 ? "inf" : "-inf";
}

// Of all doubles that turn into this float, the one with the shortest decimal: 0.1 rather than 0.10000000149011612.
json number(float value) {
  if (!std::isfinite(value)) return number(static_cast<double>(value));
  const double shortest = std::strtod(fmt::format("{}", value).c_str(), nullptr);
  return static_cast<float>(shortest) == value ? shortest : static_cast<double>(value);
}

double real(const json& value) {
  if (!value.is_string()) return value.get<double>();
  const std::string name = value.get<std::string>();
  if (name == "nan") return std::numeric_limits<double>::quiet_NaN();
  if (name != "inf" && name != "-inf") throw search_space::EnvironmentError("'" + name + "' where a number belongs");
  return name == "inf" ? std::numeric_limits<double>::infinity() : -std::numeric_limits<double>::infinity();
}

// Messages of the system may hold bytes that are not UTF-8; they must not stop a run from being recorded.
std::string dump(const json& document) {
  return document.dump(-1, ' ', false, json::error_handler_t::replace);
}

// Only a whole number that the type holds: others are undefined when they are converted.
template <typename Number>
Number whole(const json& value) {
  const bool fits =
      value.is_number_unsigned()
          ? value.get<std::uint64_t>() <= static_cast<std::uint64_t>(std::numeric_limits<Number>::max())
          : value.is_number_integer() && std::numeric_limits<Number>::is_signed &&
                value.get<std::int64_t>() >= static_cast<std::int64_t>(std::numeric_limits<Number>::min());
  if (!fits) throw search_space::EnvironmentError(value.dump() + " where a whole number belongs");
  return value.get<Number>();
}

template <typename Number>
std::vector<Number> whole_numbers(const json& values) {
  if (!values.is_array()) throw search_space::EnvironmentError("no list where one belongs");
  std::vector<Number> result;
  for (const json& value : values) result.push_back(whole<Number>(value));
  return result;
}

template <typename Read>
auto parsed(const std::string& text, const std::string& where, Read&& read) {
  try {
    return read(json::parse(text));
  } catch (const std::exception& error) {
    throw search_space::EnvironmentError(where + " is damaged: " + error.what());
  }
}

}  // namespace

std::string to_text(const search_space::Design& design) {
  return dump(design);
}

search_space::Design design_from(const std::string& text, const std::string& where) {
  return parsed(text, where, [](const json& document) { return whole_numbers<int>(document); });
}

std::string to_text(const std::vector<std::vector<double>>& theta) {
  json document = json::array();
  for (const auto& row : theta) {
    json& values = document.emplace_back(json::array());
    for (const double value : row) values.push_back(number(value));
  }
  return dump(document);
}

std::vector<std::vector<double>> theta_from(const std::string& text, const std::string& where) {
  return parsed(text, where, [](const json& document) {
    std::vector<std::vector<double>> theta;
    for (const json& values : document) {
      auto& row = theta.emplace_back();
      for (const json& value : values) row.push_back(real(value));
    }
    return theta;
  });
}

std::string to_text(const std::vector<std::uint64_t>& seeds) {
  return dump(seeds);
}

std::vector<std::uint64_t> seeds_from(const std::string& text, const std::string& where) {
  return parsed(text, where, [](const json& document) { return whole_numbers<std::uint64_t>(document); });
}

std::string to_text(const std::vector<std::string>& sentences) {
  return dump(sentences);
}

std::vector<std::string> sentences_from(const std::string& text, const std::string& where) {
  return parsed(text, where, [](const json& document) { return document.get<std::vector<std::string>>(); });
}

std::string to_text(const evaluators::Evidence& evidence) {
  json layers = json::array();
  for (const auto& layer : evidence.layers) {
    json saliency = json::array();
    for (const float value : layer.saliency) saliency.push_back(number(value));
    layers.push_back({{"layer", layer.layer},
                      {"slot", layer.slot},
                      {"effective_rank", number(layer.effective_rank)},
                      {"quantisation_snr_db", number(layer.quantisation_snr_db)},
                      {"saliency", std::move(saliency)}});
  }
  json slots = json::array();
  for (const auto& slot : evidence.slots) {
    slots.push_back({{"slot", slot.slot}, {"bypass_loss_change", number(slot.bypass_loss_change)}});
  }
  json document = {
      {"probe_loss", number(evidence.probe_loss)}, {"layers", std::move(layers)}, {"slots", std::move(slots)}};
  for (const auto& fit : evidence.fits)
    document["fits"].push_back({{"slot", fit.slot}, {"explained", number(fit.explained)}});
  return dump(document);
}

evaluators::Evidence evidence_from(const std::string& text, const std::string& where) {
  return parsed(text, where, [](const json& document) {
    evaluators::Evidence evidence;
    evidence.probe_loss = real(document.at("probe_loss"));
    for (const json& source : document.at("layers")) {
      auto& layer = evidence.layers.emplace_back();
      layer.layer = source.at("layer").get<std::string>();
      layer.slot = whole<int>(source.at("slot"));
      layer.effective_rank = real(source.at("effective_rank"));
      layer.quantisation_snr_db = real(source.at("quantisation_snr_db"));
      for (const json& value : source.at("saliency")) layer.saliency.push_back(static_cast<float>(real(value)));
    }
    for (const json& source : document.at("slots")) {
      evidence.slots.push_back({whole<int>(source.at("slot")), real(source.at("bypass_loss_change"))});
    }
    if (document.contains("fits")) {  // from schema version 4 on, where modules were fitted
      for (const json& source : document.at("fits"))
        evidence.fits.push_back({whole<int>(source.at("slot")), real(source.at("explained"))});
    }
    return evidence;
  });
}

}  // namespace results_db
