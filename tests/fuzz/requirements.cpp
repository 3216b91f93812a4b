// Lists of requirements; what is accepted can be written and read again.
#include "synth/engine/requirements.h"

#include "tests/fuzz/fuzz.h"

void fuzz(std::string_view input) {
  using namespace synth::engine;
  const std::string text = to_string(parse_requirements(std::string(input)));
  fuzzing::require(to_string(parse_requirements(text)) == text, "requirements survive being written");
}
