// NETWORK arguments: a built-in name, an architecture file, or a network of a run.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "results_db/records.h"
#include "search_space/architecture.h"
#include "search_space/prototype.h"

namespace synth::cli {

// What the networks of a run were trained on. Other splits of the same data hold images they have seen.
struct RunData {
  std::string spec;
  std::int64_t seed = 0;
  std::string requirements;
};

struct NetworkArgument {
  std::string name;   // short, for tables; from the file's name, so that two files differ
  std::string title;  // as a file calls its network, else the same
  search_space::Architecture architecture;
  std::optional<std::string> weights;        // safetensors, where the run kept them
  std::optional<results_db::Record> record;  // where it comes from a run
  std::optional<RunData> data;               // likewise
  int weight_bits = 32;                      // precision at which `record` was measured
  std::optional<double> test_accuracy;       // top-1 at that precision, of a family's member after full training
};

// Forms (cli.md): NAME[,options], FILE.json[,options], RUN#ID, RUN@G2:s3, RUN@MEMBER (a family's member). InputError if
// it is none of them.
NetworkArgument resolve_network(const std::string& text, bool with_weights = false);

// The same forms as a prototype. A network of a run opens the space of that run, from itself instead of the run's own
// prototype.
search_space::Prototype resolve_prototype(const std::string& text);

// Whether it names a network of a run, by RUN#ID or RUN@PLACE; existing files are what their names say.
bool names_run(const std::string& text);

}  // namespace synth::cli
