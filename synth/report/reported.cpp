// Published tables as text, JSON and picture.
#include "synth/report/reported.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "synth/engine/objective.h"
#include "synth/report/comparison.h"
#include "synth/report/detection.h"
#include "synth/report/reported_set.h"
#include "synth/report/table.h"

namespace synth::report {

namespace {

using nlohmann::ordered_json;

// Five digits in the unit of the printed figure, so that a thousandth of difference shows.
std::string beside(const std::string& printed, std::int64_t derived) {
  const bool thousands = printed.ends_with('K');
  return fmt::format("{:#.5g} {}", static_cast<double>(derived) / (thousands ? 1e3 : 1e6), thousands ? "K" : "M");
}

// How a derived figure differs from the printed one.
std::string difference_words(const PublishedNetwork& network, const Derivation& derivation) {
  if (!network.derived) return "-";
  return derivation.reproduced ? "no" : fmt::format("{:+.1f} %", derivation.difference * 100);
}

std::string table_text(const ReportedSet& set, const PrintedTable& table, int columns) {
  Table text({{"network", Align::left},
              {"top-1"},
              {"parameters"},
              {"derived"},
              {"differs"},
              {"multiply-adds"},
              {"derived"},
              {"differs"},
              {"bits"},
              {"weights"},
              {"NetScore"},
              {"printed"}});
  for (const PrintedRow& row : table.rows) {
    const PublishedNetwork& network = set.network(row.network);
    const auto& derived = network.derived;
    text.add({row.network, row.top1 + " %", row.parameters,
              derived ? beside(row.parameters, derived->parameters()) : "-",
              difference_words(network, network.parameters), row.multiply_adds,
              derived ? beside(row.multiply_adds, derived->multiply_adds) : "-",
              difference_words(network, network.multiply_adds), std::to_string(network.weight_bits),
              format_bytes(std::llround(weight_bytes(row, network.weight_bits))), format_score(printed_netscore(row)),
              row.netscore.empty() ? "-" : row.netscore});
  }
  return table.paper + ", " + table.title + "\n" + text.text(columns);
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

std::string claims_text(const ReportedSet& set, int columns) {
  Table claims({{"claim", Align::left},
                {"than", Align::left},
                {"", Align::left},
                {"table"},
                {"reproduced", Align::left},
                {"stated in", Align::left}});
  for (const PublishedClaim& claim : set.claims) {
    const bool difference = claim.quantity == "top1" || claim.quantity == "netscore";
    claims.add({claim.network, claim.baseline,
                (difference ? "+" : "") + claim_words(claim.quantity, claim.claimed, true),
                fmt::format("{:.3g}", claim.computed), claim.reproduced ? "yes" : "NO", place_words(claim.paper)});
  }
  return claims.text(columns);
}

// "ShuffleNet-V2: 1.32 M parameters (-1.8 %), 140.1 M multiply-adds (+2.8 %)."
std::string underivable_text(const ReportedSet& set, int columns) {
  std::string text, unbuilt;
  for (const PublishedNetwork& network : set.networks) {
    if (!network.derived) unbuilt += (unbuilt.empty() ? "" : ", ") + network.name;
    std::string figures;
    const auto add = [&](const Derivation& derivation, const std::string& printed, const char* what) {
      if (!network.derived || derivation.reproduced) return;
      figures += fmt::format("{}{} {} ({})", figures.empty() ? "" : ", ", printed, what,
                             difference_words(network, derivation));
    };
    add(network.parameters, network.printed.parameters, "parameters");
    add(network.multiply_adds, network.printed.multiply_adds, "multiply-adds");
    if (!figures.empty()) text += "  " + network.name + ": " + figures + "\n";
  }
  text =
      "Printed figures that cannot be derived: no reading of the paper that was tried gives them, and nothing is tuned "
      "to them. In brackets, by how much the network built here differs:\n" +
      text;
  if (!unbuilt.empty()) text += "Not built, since the paper does not print their channels: " + unbuilt + ".\n";
  return prose(text, columns);
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

std::string reported_text(const std::string& name, int columns) {
  const ReportedSet set = load_reported_set(name);
  std::string text;
  for (const PrintedTable& table : set.tables) text += table_text(set, table, columns) + "\n";
  text += prose(
      "Top-1, parameters, multiply-adds: as printed; weights and NetScore: computed from these, beside the printed "
      "score. Derived: counted from the networks built here at 3x224x224, by the convention that comes closest "
      "(MobileNets and ShuffleNet: 50 classes, batch norm counted; AttoNets: 51 classes, batch norm folded). Differs: "
      "no, "
      "where the derived figure rounds to the printed one or is within 0.1 % of it.\n\n",
      columns);
  text += underivable_text(set, columns) + "\n";
  text += prose("Claims of the papers' texts, and what the printed figures of each claim's own paper give:\n", columns);
  return text + claims_text(set, columns) + "\n" + detection_claims_text(columns);
}

namespace {

// Derived figures and printed ones apart; the accuracy, which nothing here measures, is the printed one in both.
ordered_json network_json(const PublishedNetwork& network) {
  const PrintedRow& row = network.printed;
  ordered_json derived = {{"parameters", nullptr},   {"multiply_adds", nullptr}, {"weight_bits", network.weight_bits},
                          {"weight_bytes", nullptr}, {"netscore", nullptr},      {"counting", nullptr}};
  if (network.derived) {
    const auto& cost = *network.derived;
    derived["parameters"] = cost.parameters();
    derived["multiply_adds"] = cost.multiply_adds;
    derived["weight_bytes"] = cost.weight_bytes(network.weight_bits);
    derived["netscore"] = engine::NetScore{}(printed_value(row.top1), static_cast<double>(cost.parameters()),
                                             static_cast<double>(cost.multiply_adds));
    derived["counting"] = network.counting == search_space::Counting::folded ? "folded" : "published";
  }
  ordered_json entry = {
      {"name", network.name}, {"accuracy", printed_value(row.top1) / 100}, {"accuracy_split", "reported"}};
  entry.update(derived);
  entry["reported"] = {{"accuracy", printed_value(row.top1) / 100},
                       {"parameters", std::llround(printed_value(row.parameters))},
                       {"multiply_adds", std::llround(printed_value(row.multiply_adds))},
                       {"netscore", row.netscore.empty() ? ordered_json() : ordered_json(printed_value(row.netscore))},
                       {"computed_weight_bytes", std::llround(weight_bytes(row, network.weight_bits))},
                       {"computed_netscore", printed_netscore(row)}};
  entry["derivation"] = nullptr;
  if (network.derived) {
    const auto mark = [](const Derivation& derivation) {
      return ordered_json{{"reproduced", derivation.reproduced}, {"difference", derivation.difference}};
    };
    entry["derivation"] = {{"parameters", mark(network.parameters)}, {"multiply_adds", mark(network.multiply_adds)}};
  }
  entry["vs_baseline"] = nullptr;
  return entry;
}

// A published or a detection claim, and what it is held against.
template <typename Claim>
ordered_json claim_json(const Claim& claim, ordered_json computed, const char* computed_from, ordered_json readings,
                        bool holds) {
  return {{"network", claim.network},
          {"baseline", claim.baseline},
          {"quantity", claim.quantity},
          {"text", "~" + claim_words(claim.quantity, claim.claimed, false)},
          {"claimed", std::stod(claim.claimed)},
          {"computed", std::move(computed)},
          {"computed_from", computed_from},
          {"readings", std::move(readings)},
          {"reproduced", holds},
          {"paper", claim.paper}};
}

ordered_json claim_json(const DetectionClaim& claim) {
  ordered_json readings = ordered_json::array();
  for (const auto& reading : claim.readings) {
    readings.push_back(
        {{"task", task_name(reading.variant)}, {"backbone", reading.backbone}, {"computed", reading.ratio}});
  }
  return claim_json(claim, nullptr, "derived", std::move(readings),
                    reproduced(claim, Variant::fpn) || reproduced(claim, Variant::c4));
}

}  // namespace

ordered_json reported_json(const std::string& name) {
  const ReportedSet set = load_reported_set(name);
  ordered_json document = {{"schema", "synth/compare/1"},
                           {"reported", name},
                           {"networks", ordered_json::array()},
                           {"claims", ordered_json::array()}};
  for (const PublishedNetwork& network : set.networks) document["networks"].push_back(network_json(network));
  for (const PublishedClaim& claim : set.claims) {
    document["claims"].push_back(claim_json(claim, claim.computed, "reported", nullptr, claim.reproduced));
  }
  for (const DetectionClaim& claim : detection_claims()) document["claims"].push_back(claim_json(claim));
  return document;
}

std::string reported_svg(const std::string& name) {
  const ReportedSet set = load_reported_set(name);
  Comparison comparison;
  for (const PublishedNetwork& network : set.networks) {
    ComparedNetwork row;
    row.name = network.name;
    row.accuracy = printed_value(network.printed.top1) / 100;
    row.cost.weights = std::llround(printed_value(network.printed.parameters));
    row.cost.multiply_adds = std::llround(printed_value(network.printed.multiply_adds));
    comparison.networks.push_back(std::move(row));
  }
  std::string note = "all figures as printed:";
  for (const PrintedTable& table : set.tables) {
    note += fmt::format("{} {}, {}", note.back() == ':' ? "" : " and", table.paper, table.title);
  }
  return comparison_svg(comparison, note);
}

}  // namespace synth::report
