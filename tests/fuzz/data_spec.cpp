// Data specifications; what is accepted can be written and read again.
#include "evaluators/data/dataset.h"
#include "tests/fuzz/fuzz.h"

void fuzz(std::string_view input) {
  using namespace evaluators;
  const std::string text = data_spec_text(parse_data_spec(std::string(input)));
  fuzzing::require(data_spec_text(parse_data_spec(text)) == text, "a data specification survives being written");
}
