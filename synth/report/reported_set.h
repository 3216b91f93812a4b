// Published tables with the digits printed, what is derived beside them, and the claims made from them. Internal to
// reports.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "search_space/cost.h"

namespace synth::report {

// One row of a table, with the digits printed.
struct PrintedRow {
  std::string network, top1, parameters, multiply_adds, netscore;  // top-1 in percent; netscore may be empty
};

struct PrintedTable {
  std::string paper, title;  // "AttoNets", "Table 2"
  std::vector<PrintedRow> rows;
};

// How a derived figure stands to the printed one.
struct Derivation {
  bool reproduced = false;  // equal once rounded to the digits printed, or within a thousandth
  double difference = 0;    // derived / printed - 1
};

struct PublishedNetwork {
  std::string name;
  std::string builtin;  // its name in the library; empty where the paper does not say enough to build the network
  PrintedRow printed;   // in the first table that has it
  int weight_bits = 32;
  search_space::Counting counting = search_space::Counting::folded;  // the convention that comes closest
  std::optional<search_space::Cost> derived;  // absent where the paper does not say enough to build the network
  Derivation parameters, multiply_adds;       // where derived
};

struct PublishedClaim {
  std::string network, baseline, quantity, claimed, paper;  // paper: with the section
  double computed = 0;                                      // from the figures that the claim's own paper prints
  bool reproduced = false;
};

struct ReportedSet {
  std::vector<PrintedTable> tables;
  std::vector<PublishedNetwork> networks;
  std::vector<PublishedClaim> claims;

  const PublishedNetwork& network(const std::string& name) const;  // std::out_of_range if absent
};

ReportedSet load_reported_set(const std::string& name);  // InputError with a suggestion if unknown

double printed_value(const std::string& printed);             // "3260 K" -> 3260000, "64.52" -> 64.52
double printed_netscore(const PrintedRow& row);               // computed from the printed figures
double weight_bytes(const PrintedRow& row, int weight_bits);  // of the printed parameters

// A claim holds if the figure, rounded to the digits with which the claim is printed, is the claim.
bool rounds_to(double value, const std::string& claimed);

}  // namespace synth::report
