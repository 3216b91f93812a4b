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
#include "synth/report/detection.h"
#include "synth/report/table.h"

namespace synth::report {

// Generated from data/*.json.
const std::vector<prototypes::EmbeddedFile>& embedded_files();

namespace {

using nlohmann::json;
using nlohmann::ordered_json;

// One row of a table, with the digits printed.
struct Row {
  std::string network, top1, parameters, multiply_adds, netscore;  // top-1 in percent; netscore may be empty
};

struct PrintedTable {
  std::string title;
  std::vector<Row> rows;
};

struct Published {
  std::string name;
  Row printed;  // in the first table that has it
  int weight_bits = 32;
  search_space::Counting counting = search_space::Counting::folded;  // the convention that comes closest
  std::optional<search_space::Cost> derived;  // absent where the paper does not say enough to build the network
};

// "3260 K" -> 3260000, "64.52" -> 64.52.
double value_of(const std::string& printed) {
  const double number = std::stod(printed);
  const double unit = printed.ends_with('K') ? 1e3 : printed.ends_with('M') ? 1e6 : 1;
  return unit == 1 ? number : std::round(number * unit);
}

// Computed from the printed figures.
double score_of(const Row& row) {
  return engine::NetScore{}(value_of(row.top1), value_of(row.parameters), value_of(row.multiply_adds));
}

double printed_weight_bytes(const Published& network) {
  return value_of(network.printed.parameters) * network.weight_bits / 8;
}

struct Claim {
  std::string network, baseline, quantity, claimed, paper;
  double computed = 0;  // from the printed figures
  bool reproduced = false;
};

struct Set {
  std::vector<PrintedTable> tables;
  std::map<std::string, Published> networks;
  std::vector<std::string> order;
  std::vector<Claim> claims;
};

double quantity_of(const Claim& claim, const Published& network, const Published& baseline) {
  const Row &own = network.printed, &other = baseline.printed;
  if (claim.quantity == "top1") return value_of(own.top1) - value_of(other.top1);
  if (claim.quantity == "netscore") return value_of(own.netscore) - value_of(other.netscore);
  if (claim.quantity == "parameters") return value_of(other.parameters) / value_of(own.parameters);
  if (claim.quantity == "multiply_adds") return value_of(other.multiply_adds) / value_of(own.multiply_adds);
  return printed_weight_bytes(baseline) / printed_weight_bytes(network);
}

// A claim holds if the figure, rounded to the digits with which the claim is printed, is the claim.
bool rounds_to(double value, const std::string& claimed) {
  const std::size_t point = claimed.find('.');
  const int digits = point == std::string::npos ? 0 : static_cast<int>(claimed.size() - point - 1);
  const double unit = std::pow(10.0, -digits);
  return std::abs(value - std::stod(claimed)) <= unit / 2 + 1e-9;
}

std::vector<PrintedTable> tables_of(const json& document) {
  std::vector<PrintedTable> tables;
  for (const json& entry : document.at("tables")) {
    tables.push_back({entry.at("title"), {}});
    for (const json& row : entry.at("rows")) {
      tables.back().rows.push_back({row.at("network"), row.at("top1"), row.at("parameters"), row.at("multiply_adds"),
                                    row.value("netscore", "")});
    }
  }
  return tables;
}

Published published(const json& entry, const std::vector<PrintedTable>& tables) {
  Published network;
  network.name = entry.at("name");
  for (const PrintedTable& table : tables) {
    const auto row = std::find_if(table.rows.begin(), table.rows.end(),
                                  [&](const Row& candidate) { return candidate.network == network.name; });
    if (row == table.rows.end()) continue;
    network.printed = *row;
    break;
  }
  network.weight_bits = entry.at("weight_bits");
  if (entry.contains("network")) {
    if (entry.at("count") == "published") network.counting = search_space::Counting::published;
    const auto design = prototypes::load(entry.at("network").get<std::string>()).design;
    network.derived = search_space::cost_of(search_space::lower(design), network.counting);
  }
  return network;
}

Set load_set(const std::string& name) {
  const auto sets = reported_sets();
  for (const auto& file : embedded_files()) {
    if (file.name != name || std::find(sets.begin(), sets.end(), name) == sets.end()) continue;
    const json document = json::parse(file.text);
    Set set;
    set.tables = tables_of(document);
    for (const json& entry : document.at("networks")) {
      Published network = published(entry, set.tables);
      set.order.push_back(network.name);
      set.networks.emplace(network.name, std::move(network));
    }
    for (const json& entry : document.at("claims")) {
      Claim claim{entry.at("network"), entry.at("baseline"), entry.at("quantity"), entry.at("claimed"),
                  entry.at("paper")};
      claim.computed = quantity_of(claim, set.networks.at(claim.network), set.networks.at(claim.baseline));
      claim.reproduced = rounds_to(claim.computed, claim.claimed);
      set.claims.push_back(std::move(claim));
    }
    return set;
  }
  throw search_space::InputError("no reported figures named '" + name + "'" +
                                 search_space::suggestion(name, reported_sets()));
}

// Five digits in the unit of the printed figure, so that a thousandth of difference shows.
std::string beside(const std::string& printed, std::int64_t derived) {
  const bool thousands = printed.ends_with('K');
  return fmt::format("{:#.5g} {}", static_cast<double>(derived) / (thousands ? 1e3 : 1e6), thousands ? "K" : "M");
}

std::string table_text(const Set& set, const PrintedTable& table, int columns) {
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
  for (const Row& row : table.rows) {
    const Published& network = set.networks.at(row.network);
    const auto& derived = network.derived;
    text.add({row.network, row.top1 + " %", row.parameters,
              derived ? beside(row.parameters, derived->parameters()) : "-", row.multiply_adds,
              derived ? beside(row.multiply_adds, derived->multiply_adds) : "-", std::to_string(network.weight_bits),
              format_bytes(std::llround(printed_weight_bytes(network))), format_score(score_of(row)),
              row.netscore.empty() ? "-" : row.netscore});
  }
  return table.title + "\n" + text.text(columns);
}

// As the papers' texts put it; `brief`: for a column.
std::string claim_words(const std::string& quantity, const std::string& claimed, bool brief) {
  if (quantity == "top1") return claimed + (brief ? " % top-1" : " % higher accuracy");
  if (quantity == "netscore") return claimed + (brief ? " NetScore" : " points higher NetScore");
  if (quantity == "weight_memory") return claimed + (brief ? "x less memory" : "x lower weight memory requirements");
  if (quantity == "parameters") return claimed + (brief ? "x fewer params" : "x fewer parameters");
  return claimed + (brief ? "x fewer MACs" : "x fewer multiply-add operations");
}

// "AttoNets 4.1": short enough for a column.
std::string place_words(std::string paper) {
  const std::string word = "section ";
  if (const std::size_t at = paper.find(word); at != std::string::npos) paper.erase(at, word.size());
  return paper;
}

std::string claims_text(const Set& set, int columns) {
  Table claims({{"claim", Align::left},
                {"than", Align::left},
                {"", Align::left},
                {"table"},
                {"reproduced", Align::left},
                {"stated in", Align::left}});
  for (const Claim& claim : set.claims) {
    const bool difference = claim.quantity == "top1" || claim.quantity == "netscore";
    claims.add({claim.network, claim.baseline,
                (difference ? "+" : "") + claim_words(claim.quantity, claim.claimed, true),
                fmt::format("{:.3g}", claim.computed), claim.reproduced ? "yes" : "NO", place_words(claim.paper)});
  }
  return claims.text(columns);
}

using Variant = search_space::MaskRcnn::Variant;

bool reproduced(const DetectionClaim& claim, Variant variant) {
  return std::any_of(claim.readings.begin(), claim.readings.end(), [&](const DetectionClaim::Reading& reading) {
    return reading.variant == variant && rounds_to(reading.ratio, claim.claimed);
  });
}

std::string range_of(const DetectionClaim& claim, Variant variant) {
  double low = INFINITY, high = 0;
  for (const auto& reading : claim.readings) {
    if (reading.variant != variant) continue;
    low = std::min(low, reading.ratio);
    high = std::max(high, reading.ratio);
  }
  return fmt::format("{:.3g}-{:.3g}", low, high);
}

std::string detection_claims_text(int columns) {
  Table claims({{"claim", Align::left},
                {"FPN", Align::left},
                {"C4", Align::left},
                {"reproduced", Align::left},
                {"stated in", Align::left}});
  const auto all = detection_claims();
  for (const DetectionClaim& claim : all) {
    const bool fpn = reproduced(claim, Variant::fpn), c4 = reproduced(claim, Variant::c4);
    claims.add({claim_words(claim.quantity, claim.claimed, true), range_of(claim, Variant::fpn),
                range_of(claim, Variant::c4),
                fpn && c4 ? "yes"
                : fpn     ? "with FPN"
                : c4      ? "with C4"
                          : "NO",
                place_words(claim.paper)});
  }
  const search_space::MaskRcnn task;
  return prose(fmt::format("{} than {}: no table prints the latter's figures, so these ratios are derived, with a "
                           "feature pyramid (FPN) and without (C4), from the least to the most that the AttoNets give "
                           "at {} x {} with {} classes and {} regions:\n",
                           all.front().network, all.front().baseline, task.height, task.width, task.classes,
                           task.proposals),
               columns) +
         claims.text(columns);
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
  for (const PrintedTable& table : set.tables) text += table_text(set, table, columns) + "\n";
  text += prose(
      "Top-1, parameters, multiply-adds: as printed; weights and NetScore: computed from these, beside the printed "
      "score. Derived: counted from the networks built here at 3x224x224, by the convention that comes closest "
      "(MobileNets and ShuffleNet: 50 classes, batch norm counted; AttoNets: 51 classes, batch norm folded). Where "
      "both differ, no reading of the paper that was tried gives the printed figure; nothing is tuned to it.\n\n"
      "Claims of the papers' texts, and what the tables' printed figures give:\n",
      columns);
  return text + claims_text(set, columns) + "\n" + detection_claims_text(columns);
}

namespace {

// Derived figures and printed ones apart; the accuracy, which nothing here measures, is the printed one in both.
ordered_json network_json(const Published& network) {
  const Row& row = network.printed;
  ordered_json derived = {{"parameters", nullptr},   {"multiply_adds", nullptr}, {"weight_bits", network.weight_bits},
                          {"weight_bytes", nullptr}, {"netscore", nullptr},      {"counting", nullptr}};
  if (network.derived) {
    const auto& cost = *network.derived;
    derived["parameters"] = cost.parameters();
    derived["multiply_adds"] = cost.multiply_adds;
    derived["weight_bytes"] = cost.weight_bytes(network.weight_bits);
    derived["netscore"] = engine::NetScore{}(value_of(row.top1), static_cast<double>(cost.parameters()),
                                             static_cast<double>(cost.multiply_adds));
    derived["counting"] = network.counting == search_space::Counting::folded ? "folded" : "published";
  }
  ordered_json entry = {{"name", network.name}, {"accuracy", value_of(row.top1) / 100}, {"accuracy_split", "reported"}};
  entry.update(derived);
  entry["reported"] = {{"accuracy", value_of(row.top1) / 100},
                       {"parameters", std::llround(value_of(row.parameters))},
                       {"multiply_adds", std::llround(value_of(row.multiply_adds))},
                       {"netscore", row.netscore.empty() ? ordered_json() : ordered_json(value_of(row.netscore))},
                       {"computed_weight_bytes", std::llround(printed_weight_bytes(network))},
                       {"computed_netscore", score_of(row)}};
  entry["vs_baseline"] = nullptr;
  return entry;
}

ordered_json claim_json(const DetectionClaim& claim) {
  ordered_json readings = ordered_json::array();
  for (const auto& reading : claim.readings) {
    readings.push_back(
        {{"task", task_name(reading.variant)}, {"backbone", reading.backbone}, {"computed", reading.ratio}});
  }
  return {{"network", claim.network},
          {"baseline", claim.baseline},
          {"quantity", claim.quantity},
          {"text", "~" + claim_words(claim.quantity, claim.claimed, false)},
          {"claimed", std::stod(claim.claimed)},
          {"computed", nullptr},
          {"computed_from", "derived"},
          {"readings", std::move(readings)},
          {"reproduced", reproduced(claim, Variant::fpn) || reproduced(claim, Variant::c4)},
          {"paper", claim.paper}};
}

}  // namespace

ordered_json reported_json(const std::string& name) {
  const Set set = load_set(name);
  ordered_json document = {{"schema", "synth/compare/1"},
                           {"reported", name},
                           {"networks", ordered_json::array()},
                           {"claims", ordered_json::array()}};
  for (const std::string& key : set.order) document["networks"].push_back(network_json(set.networks.at(key)));
  for (const Claim& claim : set.claims) {
    document["claims"].push_back({{"network", claim.network},
                                  {"baseline", claim.baseline},
                                  {"quantity", claim.quantity},
                                  {"text", "~" + claim_words(claim.quantity, claim.claimed, false)},
                                  {"claimed", std::stod(claim.claimed)},
                                  {"computed", claim.computed},
                                  {"computed_from", "reported"},
                                  {"readings", nullptr},
                                  {"reproduced", claim.reproduced},
                                  {"paper", claim.paper}});
  }
  for (const DetectionClaim& claim : detection_claims()) document["claims"].push_back(claim_json(claim));
  return document;
}

}  // namespace synth::report
