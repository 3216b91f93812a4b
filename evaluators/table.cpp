// What both forms of tables share, and the choice between them.
#include "evaluators/table.h"

#include <fmt/format.h>

#include "evaluators/table_csv.h"
#include "evaluators/table_json.h"
#include "search_space/errors.h"
#include "search_space/random.h"

namespace evaluators {

using search_space::Design;
using search_space::InputError;

std::string Table::key(const Design& design) const {
  return search_space::content_hash(fmt::format("{}:{}", head_.name, fmt::join(design, ",")));
}

std::string Table::range_error(const Design& design) const {
  const auto& decisions = head_.decisions;
  if (design.size() != decisions.size()) {
    return fmt::format("it has {} decisions where the table has {}", design.size(), decisions.size());
  }
  for (std::size_t d = 0; d < decisions.size(); ++d) {
    if (design[d] < 0 || design[d] >= decisions[d].size()) {
      return fmt::format("decision '{}' has value index {}, allowed are 0 to {}", decisions[d].name, design[d],
                         decisions[d].size() - 1);
    }
  }
  return {};
}

std::string Table::why_not(const Design& design) const {
  std::string reason = range_error(design);
  return reason.empty() ? hole(design) : reason;
}

bool Table::visit_all(std::uint64_t limit, const std::function<void(const Design&)>& visit) const {
  std::uint64_t combinations = 1;
  for (const search_space::Decision& decision : head_.decisions) {
    combinations *= static_cast<std::uint64_t>(decision.size());
    if (combinations > limit) return false;
  }
  Design design(head_.decisions.size(), 0);
  for (;;) {
    if (hole(design).empty()) visit(design);
    std::size_t d = design.size();  // count up, the last decision fastest
    while (d > 0 && ++design[d - 1] == head_.decisions[d - 1].size()) design[--d] = 0;
    if (d == 0) return true;
  }
}

void Table::settle_prototype(const Design& costliest) {
  prototype_ = head_.prototype.value_or(costliest);
  const std::string reason = why_not(prototype_);
  if (!reason.empty())
    throw InputError(fmt::format("table '{}': its prototype cannot be used: {}", head_.name, reason));
}

Evaluation Table::evaluate(const Request& request) const {
  Evaluation evaluation;
  evaluation.message = why_not(request.design);
  if (!evaluation.message.empty()) {
    evaluation.outcome = Outcome::failed;
    return evaluation;
  }
  evaluation.cost = cost(request.design);
  evaluation.accuracy = drawn_accuracy(request.design, request.seed);
  evaluation.float_accuracy = evaluation.accuracy;
  return evaluation;
}

std::unique_ptr<const Table> load_table(const std::string& path) {
  const std::string text = read_text_file(path);
  nlohmann::json document;
  try {
    document = nlohmann::json::parse(text);
  } catch (const nlohmann::json::exception& error) {
    throw InputError(fmt::format("{}: not valid JSON: {}", path, error.what()));
  }
  const JsonPlace root(document, path);
  const JsonPlace schema = root.object().at("schema");
  if (schema.value() == "synth/table/1") return make_listed_table(root, path, text);
  if (schema.value() == "synth/surrogate-table/1") return make_surrogate_table(root, path, text);
  schema.fail("\"synth/table/1\" or \"synth/surrogate-table/1\"");
}

}  // namespace evaluators
