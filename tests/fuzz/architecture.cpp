// Architecture files; what is accepted is lowered, costed and written again.
#include "search_space/architecture_json.h"
#include "search_space/cost.h"
#include "search_space/json_reader.h"
#include "search_space/lowering.h"
#include "tests/fuzz/fuzz.h"

void fuzz(std::string_view input) {
  using namespace search_space;
  const Architecture architecture = architecture_from_json(parse_json(input, "input"), "input");
  const Graph graph = lower(architecture);
  fuzzing::require(cost_of(graph).parameters() >= 0, "a network has no fewer than 0 parameters");
  const Architecture again = architecture_from_json(nlohmann::json(architecture_to_json(architecture)), "output");
  fuzzing::require(again.key() == architecture.key(), "an architecture survives being written");
}
