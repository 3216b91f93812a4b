// What exporters read, from what a user names.
#pragma once

#include <cstdint>
#include <string>

#include "synth/export/export.h"

namespace synth::cli {

class Console;

struct ExportSource {
  std::string network, weights;  // as on the command line; empty weights: those the run keeps
  std::string data;              // empty: the run's, else the default
  std::int64_t seed = 1;         // of its split
  bool seed_given = false;
};

// With images and the integer network where the format needs them. InputError: a wrong name, weights that do not fit.
ExportInput export_input(const ExportFormat& format, ExportSource source, bool verify, Console& console);

}  // namespace synth::cli
