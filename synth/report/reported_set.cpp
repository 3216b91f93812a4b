// Published tables: data in data/*.json, arithmetic here.
#include "synth/report/reported_set.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "prototypes/embedded.h"
#include "prototypes/library.h"
#include "search_space/errors.h"
#include "search_space/lowering.h"
#include "synth/engine/objective.h"
#include "synth/report/reported.h"

namespace synth::report {

// Generated from data/*.json.
const std::vector<prototypes::EmbeddedFile>& embedded_files();

namespace {

using nlohmann::json;

constexpr double agreement = 0.001;  // counts that differ by no more are taken for the same

double unit_of(const std::string& printed) {
  return printed.ends_with('K') ? 1e3 : printed.ends_with('M') ? 1e6 : 1;
}

const PrintedRow* row_of(const PrintedTable& table, const std::string& network) {
  const auto row = std::find_if(table.rows.begin(), table.rows.end(),
                                [&](const PrintedRow& candidate) { return candidate.network == network; });
  return row == table.rows.end() ? nullptr : &*row;
}

// Of the paper named at the beginning of `place`, where its tables have the network; else of the first table that does.
const PrintedRow& row_of(const std::vector<PrintedTable>& tables, const std::string& network,
                         const std::string& place = {}) {
  const PrintedRow* first = nullptr;
  for (const PrintedTable& table : tables) {
    const PrintedRow* row = row_of(table, network);
    if (row != nullptr && place.starts_with(table.paper + " ")) return *row;
    if (first == nullptr) first = row;
  }
  if (first == nullptr) throw std::out_of_range("no table has a row of " + network);
  return *first;
}

double quantity_of(const std::string& quantity, const PrintedRow& own, int own_bits, const PrintedRow& other,
                   int other_bits) {
  if (quantity == "top1") return printed_value(own.top1) - printed_value(other.top1);
  if (quantity == "netscore") return printed_value(own.netscore) - printed_value(other.netscore);
  if (quantity == "parameters") return printed_value(other.parameters) / printed_value(own.parameters);
  if (quantity == "multiply_adds") return printed_value(other.multiply_adds) / printed_value(own.multiply_adds);
  return weight_bytes(other, other_bits) / weight_bytes(own, own_bits);
}

std::vector<PrintedTable> tables_of(const json& document) {
  std::vector<PrintedTable> tables;
  for (const json& entry : document.at("tables")) {
    tables.push_back({entry.at("paper"), entry.at("title"), {}});
    for (const json& row : entry.at("rows")) {
      tables.back().rows.push_back({row.at("network"), row.at("top1"), row.at("parameters"), row.at("multiply_adds"),
                                    row.value("netscore", "")});
    }
  }
  return tables;
}

Derivation derivation_of(const std::string& printed, std::int64_t derived) {
  const auto value = static_cast<double>(derived);
  const double difference = value / printed_value(printed) - 1;
  return {std::abs(difference) <= agreement || rounds_to(value / unit_of(printed), printed), difference};
}

PublishedNetwork published(const json& entry, const std::vector<PrintedTable>& tables) {
  PublishedNetwork network;
  network.name = entry.at("name");
  network.printed = row_of(tables, network.name);
  network.weight_bits = entry.at("weight_bits");
  if (!entry.contains("network")) return network;
  if (entry.at("count") == "published") network.counting = search_space::Counting::published;
  const auto specification = entry.at("network").get<std::string>();
  network.builtin = prototypes::base_of(specification);
  const auto design = prototypes::load(specification).design;
  network.derived = search_space::cost_of(search_space::lower(design), network.counting);
  network.parameters = derivation_of(network.printed.parameters, network.derived->parameters());
  network.multiply_adds = derivation_of(network.printed.multiply_adds, network.derived->multiply_adds);
  return network;
}

PublishedClaim claim_of(const json& entry, const ReportedSet& set) {
  PublishedClaim claim{entry.at("network"), entry.at("baseline"), entry.at("quantity"), entry.at("claimed"),
                       entry.at("paper")};
  claim.computed = quantity_of(claim.quantity, row_of(set.tables, claim.network, claim.paper),
                               set.network(claim.network).weight_bits, row_of(set.tables, claim.baseline, claim.paper),
                               set.network(claim.baseline).weight_bits);
  claim.reproduced = rounds_to(claim.computed, claim.claimed);
  return claim;
}

}  // namespace

double printed_value(const std::string& printed) {
  const double number = std::stod(printed), unit = unit_of(printed);
  return unit == 1 ? number : std::round(number * unit);
}

double printed_netscore(const PrintedRow& row) {
  return engine::NetScore{}(printed_value(row.top1), printed_value(row.parameters), printed_value(row.multiply_adds));
}

double weight_bytes(const PrintedRow& row, int weight_bits) {
  return printed_value(row.parameters) * weight_bits / 8;
}

bool rounds_to(double value, const std::string& claimed) {
  const auto point = std::find(claimed.begin(), claimed.end(), '.');
  const auto digits = point == claimed.end()
                          ? 0
                          : std::count_if(point, claimed.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
  const double unit = std::pow(10.0, -static_cast<double>(digits));
  return std::abs(value - std::stod(claimed)) <= unit / 2 + 1e-9;
}

const PublishedNetwork& ReportedSet::network(const std::string& name) const {
  const auto found = std::find_if(networks.begin(), networks.end(),
                                  [&](const PublishedNetwork& candidate) { return candidate.name == name; });
  if (found == networks.end()) throw std::out_of_range("no published network " + name);
  return *found;
}

std::vector<std::string> reported_sets() {
  std::vector<std::string> names;
  for (const auto& file : embedded_files()) {
    if (json::parse(file.text).at("schema") == "synth/reported/1") names.emplace_back(file.name);
  }
  return names;
}

ReportedSet load_reported_set(const std::string& name) {
  const auto sets = reported_sets();
  for (const auto& file : embedded_files()) {
    if (file.name != name || std::find(sets.begin(), sets.end(), name) == sets.end()) continue;
    const json document = json::parse(file.text);
    ReportedSet set;
    set.tables = tables_of(document);
    for (const json& entry : document.at("networks")) set.networks.push_back(published(entry, set.tables));
    for (const json& entry : document.at("claims")) set.claims.push_back(claim_of(entry, set));
    return set;
  }
  throw search_space::InputError("no reported figures named '" + name + "'" +
                                 search_space::suggestion(name, reported_sets()));
}

}  // namespace synth::report
