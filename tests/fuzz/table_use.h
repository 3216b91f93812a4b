// What is asked of every table that was read.
#pragma once

#include "evaluators/table.h"
#include "tests/fuzz/fuzz.h"

namespace fuzzing {

inline void use_table(const std::string& name) {
  const auto table = evaluators::load_table(folder() + name);
  require(table->why_not(table->prototype()).empty(), "a table holds its prototype");
  table->visit_all(100, [&](const search_space::Design& design) {
    require(table->why_not(design).empty(), "a table holds what it visits");
    table->evaluate({.design = design});
    table->cheap_accuracy(design);
  });
}

}  // namespace fuzzing
