// Prototype files; what is accepted opens a space that holds its own prototype.
#include "prototypes/prototype_json.h"
#include "search_space/json_reader.h"
#include "search_space/search_space.h"
#include "tests/fuzz/fuzz.h"

void fuzz(std::string_view input) {
  using namespace search_space;
  const Prototype prototype = prototypes::prototype_from_json(parse_json(input, "input"), "input");
  const SearchSpace space(prototype);
  fuzzing::require(space.encode(space.decode(space.prototype())) == space.prototype(), "a space holds its prototype");
  const nlohmann::json written = prototypes::prototype_to_json(prototype);
  const nlohmann::json again = prototypes::prototype_to_json(prototypes::prototype_from_json(written, "output"));
  fuzzing::require(again == written, "a prototype survives being written");
}
