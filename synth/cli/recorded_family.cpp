// Reading and showing a recorded family.
#include "synth/cli/recorded_family.h"

#include <fmt/format.h>

#include <cstdio>
#include <limits>
#include <nlohmann/json.hpp>

#include "synth/cli/colours.h"
#include "synth/cli/json_output.h"

namespace synth::cli {

namespace {

using nlohmann::ordered_json;

// The prototype as the search measured it, where a family was recorded without it.
FamilyRow prototype_without_test(const RunContext& context) {
  const results_db::Record record = context.db.record(1, false);
  FamilyRow row;
  row.name = context.space->source().name;
  row.id = record.id;
  row.validation_accuracy = record.evaluation.accuracy;
  row.test_accuracy = row.int8_test_accuracy = row.netscore = std::numeric_limits<double>::quiet_NaN();
  row.cost = record.evaluation.cost;
  return row;
}

}  // namespace

RecordedFamily recorded_family(const RunContext& context) {
  RecordedFamily family;
  family.prototype = prototype_without_test(context);
  for (const results_db::FamilyMember& member : context.db.family(false)) {
    const ordered_json result = ordered_json::parse(member.result, nullptr, false);
    FamilyRow row = family_row_from_json(result.is_object() ? result : ordered_json::object());
    row.name = member.name;
    row.id = member.network;
    row.generator = member.generator;
    family.members.push_back(std::move(row));
    if (!result.is_object() || !result.contains("family")) continue;
    const ordered_json& whole = result["family"];
    family.asked = whole.value("members", 0);
    family.epochs = whole.value("epochs", 0.0);
    family.distinct = whole.value("distinct", "");
    if (whole.contains("baseline")) family.prototype = family_row_from_json(whole["baseline"]);
  }
  return family;
}

std::string member_result(const FamilyRow& row, const FamilyRow& prototype, int asked, double epochs,
                          const std::string& distinct, const report::TestErrors& errors) {
  ordered_json result = family_row_json(row);
  result["family"] = {
      {"members", asked}, {"epochs", epochs}, {"distinct", distinct}, {"baseline", family_row_json(prototype)}};
  result["test_errors"] = report::test_errors_json(errors);
  return result.dump();
}

int show_recorded(const RecordedFamily& family, const RunContext& context, Console& console, bool json) {
  if (json) {
    print_json(family_json(family.prototype, family.members));
  } else {
    std::fputs(coloured(family_text(family.prototype, family.members, output_width())).c_str(), stdout);
    std::fflush(stdout);
  }
  console.warn(
      fmt::format("synth: {}: has a family already, shown here as recorded: its test split has been measured, and a "
                  "figure that is measured again after a look is worth less; --overwrite trains and measures anew",
                  context.path));
  return Exit::usage;
}

}  // namespace synth::cli
