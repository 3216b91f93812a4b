// Fatal signals (SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL): one line for the user, a note for `synth resume`, and then
// the end that the signal brings anyway (docs/reproducibility.md).
#pragma once

#include <string>
#include <vector>

#include "results_db/results_db.h"

namespace synth::cli {

// Installs the handlers. `command` is what the line names: "synth search".
void watch_for_crashes(const std::string& command);

// From now on a crash is one of this session of the run, and leaves its note in "<path>.crash".
void crashes_concern(const std::string& path, int session);

// While it lives, the calling thread evaluates the network.
class Underway {
 public:
  Underway(int network, const std::string& key);
  Underway(const Underway&) = delete;
  Underway& operator=(const Underway&) = delete;
  ~Underway();

 private:
  struct Slot* slot_;
};

// Takes what crashed sessions left beside the run into the database, and removes it.
void collect_crashes(const std::string& path, results_db::ResultsDb& db);
// Before a new run: what lies there belongs to a run that is no more.
void forget_crashes(const std::string& path);

}  // namespace synth::cli
