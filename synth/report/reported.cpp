// Published tables: data in data/*.json, arithmetic here.
#include "synth/report/reported.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "prototypes/embedded.h"
#include "prototypes/library.h"
#include "search_space/cost.h"
#include "search_space/errors.h"
#include "search_space/lowering.h"
#include "synth/engine/objective.h"
#include "synth/report/table.h"

namespace synth::report {

// Generated from data/*.json.
const std::vector<prototypes::EmbeddedFile>& embedded_files();

namespace {

using nlohmann::json;
using nlohmann::ordered_json;

struct Published {
  std::string name, builtin;  // builtin: empty where the paper does not say enough to build it
  double top1 = 0;            // percent
  double parameters = 0, multiply_adds = 0;
  std::optional<double> netscore;  // as printed
  int weight_bits = 32;
  std::optional<search_space::Cost> derived;

  double score() const { return engine::NetScore{}(top1, parameters, multiply_adds); }
  double weight_bytes() const { return parameters * weight_bits / 8; }
};

struct Claim {
  std::string network, baseline, quantity, claimed, paper;
  double printed = 0;  // what the printed figures give
  bool reproduced = false;
};

struct Set {
  json document;
  std::map<std::string, Published> networks;
  std::vector<std::string> order;
  std::vector<Claim> claims;
};

double quantity_of(const Claim& claim, const Published& network, const Published& baseline) {
  if (claim.quantity == "top1") return network.top1 - baseline.top1;
  // The printed score where there is one.
  if (claim.quantity == "netscore")
    return network.netscore.value_or(network.score()) - baseline.netscore.value_or(baseline.score());
  if (claim.quantity == "parameters") return baseline.parameters / network.parameters;
  if (claim.quantity == "multiply_adds") return baseline.multiply_adds / network.multiply_adds;
  return baseline.weight_bytes() / network.weight_bytes();
}

// A claim holds if the figure, rounded to the digits with which the claim is printed, is the claim.
bool rounds_to(double value, const std::string& claimed) {
  const std::size_t point = claimed.find('.');
  const int digits = point == std::string::npos ? 0 : static_cast<int>(claimed.size() - point - 1);
  const double unit = std::pow(10.0, -digits);
  return std::abs(value - std::stod(claimed)) <= unit / 2 + 1e-9;
}

Published published(const json& entry) {
  Published network;
  network.name = entry.at("name");
  network.builtin = entry.value("network", "");
  network.top1 = entry.at("top1");
  network.parameters = entry.at("parameters").get<double>() * 1e6;
  network.multiply_adds = entry.at("multiply_adds").get<double>() * 1e6;
  if (!entry.at("netscore").is_null()) network.netscore = entry.at("netscore").get<double>();
  network.weight_bits = entry.at("weight_bits");
  if (!network.builtin.empty()) {
    // The convention of the paper that the row comes from.
    const auto counting =
        entry.at("count") == "folded" ? search_space::Counting::folded : search_space::Counting::published;
    network.derived = search_space::cost_of(search_space::lower(prototypes::load(network.builtin).design), counting);
  }
  return network;
}

Set load_set(const std::string& name) {
  const auto sets = reported_sets();
  for (const auto& file : embedded_files()) {
    if (file.name != name || std::find(sets.begin(), sets.end(), name) == sets.end()) continue;
    Set set;
    set.document = json::parse(file.text);
    for (const json& entry : set.document.at("networks")) {
      Published network = published(entry);
      set.order.push_back(network.name);
      set.networks.emplace(network.name, std::move(network));
    }
    for (const json& entry : set.document.at("claims")) {
      Claim claim{entry.at("network"), entry.at("baseline"), entry.at("quantity"), entry.at("claimed"),
                  entry.at("paper")};
      claim.printed = quantity_of(claim, set.networks.at(claim.network), set.networks.at(claim.baseline));
      claim.reproduced = rounds_to(claim.printed, claim.claimed);
      set.claims.push_back(std::move(claim));
    }
    return set;
  }
  throw search_space::InputError("no reported figures named '" + name + "'" +
                                 search_space::suggestion(name, reported_sets()));
}

std::string table_text(const Set& set, const json& table, int columns) {
  Table text({{"network", Align::left},
              {"top-1"},
              {"parameters"},
              {"derived"},
              {"multiply-adds"},
              {"derived"},
              {"bits"},
              {"weights"},
              {"NetScore"},
              {"printed"}});
  for (const std::string name : table.at("networks")) {
    const Published& network = set.networks.at(name);
    const auto derived = [&](auto figure) {
      return network.derived ? format_count(static_cast<double>(figure(*network.derived))) : "-";
    };
    text.add({name, fmt::format("{:.2f} %", network.top1), format_count(network.parameters),
              derived([](const search_space::Cost& cost) { return cost.parameters(); }),
              format_count(network.multiply_adds),
              derived([](const search_space::Cost& cost) { return cost.multiply_adds; }),
              std::to_string(network.weight_bits), format_bytes(std::llround(network.weight_bytes())),
              format_score(network.score()), network.netscore ? format_score(*network.netscore) : "-"});
  }
  return table.at("title").get<std::string>() + "\n" + text.text(columns);
}

std::string claim_words(const Claim& claim) {
  if (claim.quantity == "top1") return "+" + claim.claimed + " % top-1";
  if (claim.quantity == "netscore") return "+" + claim.claimed + " NetScore";
  if (claim.quantity == "weight_memory") return claim.claimed + "x less memory";
  return claim.claimed + "x fewer " + (claim.quantity == "parameters" ? "params" : "MACs");
}

// "AttoNets 4.1": short enough for a column.
std::string place_words(std::string paper) {
  const std::string word = "section ";
  if (const std::size_t at = paper.find(word); at != std::string::npos) paper.erase(at, word.size());
  return paper;
}

}  // namespace

std::vector<std::string> reported_sets() {
  std::vector<std::string> names;
  for (const auto& file : embedded_files()) {
    if (json::parse(file.text).at("schema") == "synth/reported/1") names.emplace_back(file.name);
  }
  return names;
}

std::string reported_text(const std::string& name, int columns) {
  const Set set = load_set(name);
  std::string text;
  for (const json& table : set.document.at("tables")) text += table_text(set, table, columns) + "\n";
  text +=
      "Derived: counted from the networks built here at 3x224x224, by the convention\n"
      "that comes closest (MobileNets and ShuffleNet: 50 classes, batch norm counted;\n"
      "AttoNets: 51 classes, batch norm folded). Where both differ, no reading of the\n"
      "paper that was tried gives the printed figure; nothing is tuned to it.\n\n"
      "Claims of the papers' texts, and what the tables' printed figures give:\n";
  Table claims({{"claim", Align::left},
                {"than", Align::left},
                {"", Align::left},
                {"table"},
                {"reproduced", Align::left},
                {"stated in", Align::left}});
  for (const Claim& claim : set.claims) {
    claims.add({claim.network, claim.baseline, claim_words(claim), fmt::format("{:.3g}", claim.printed),
                claim.reproduced ? "yes" : "NO", place_words(claim.paper)});
  }
  return text + claims.text(columns);
}

ordered_json reported_json(const std::string& name) {
  const Set set = load_set(name);
  ordered_json document = {{"schema", "synth/compare/1"},
                           {"reported", name},
                           {"networks", ordered_json::array()},
                           {"claims", ordered_json::array()}};
  for (const std::string& key : set.order) {
    const Published& network = set.networks.at(key);
    document["networks"].push_back(
        {{"name", network.name},
         {"accuracy", network.top1 / 100},
         {"parameters", network.derived ? ordered_json(network.derived->parameters()) : ordered_json()},
         {"multiply_adds", network.derived ? ordered_json(network.derived->multiply_adds) : ordered_json()},
         {"weight_bits", network.weight_bits},
         {"weight_bytes", network.weight_bytes()},
         {"netscore", network.score()},
         {"reported",
          {{"accuracy", network.top1 / 100},
           {"parameters", network.parameters},
           {"multiply_adds", network.multiply_adds},
           {"netscore", network.netscore ? ordered_json(*network.netscore) : ordered_json()}}},
         {"vs_baseline", nullptr}});
  }
  for (const Claim& claim : set.claims) {
    document["claims"].push_back({{"network", claim.network},
                                  {"baseline", claim.baseline},
                                  {"quantity", claim.quantity},
                                  {"claimed", std::stod(claim.claimed)},
                                  {"printed", claim.printed},
                                  {"reproduced", claim.reproduced},
                                  {"paper", claim.paper}});
  }
  return document;
}

}  // namespace synth::report
