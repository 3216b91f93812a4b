// What a run records of the processes that worked at it: on which machine, what they were evaluating, how they crashed.
#pragma once

#include <string>
#include <vector>

#include "search_space/design_space.h"

namespace results_db {

// One `search` or `resume`, with everything that its rounding depends on.
struct Session {
  int id = 0;         // 1, 2, ... in order; set by the database
  std::string began;  // UTC, ISO 8601; set by the database
  std::string processor;
  std::vector<std::string> instruction_sets;
  std::string kernels;           // level of the program's own kernels
  bool bf16 = false;             // whether networks are trained in bfloat16
  std::string versions;          // JSON object: program, compiler, libraries; the database adds its own
  std::string limits;            // JSON object: environment variables that limit instruction sets, those that are set
  bool other_processor = false;  // went on by --on-other-processor, where the session before rounded differently
};

// An evaluation that has begun and is not recorded yet.
struct Attempt {
  int session = 0;
  int network = 0;
  std::string key;
};

// A network that is to be evaluated elsewhere (synth ask, synth tell) and is not recorded yet.
struct Candidate {
  int network = 0;
  std::string key;
  search_space::Design design;
  std::string asked;   // when it was given out, UTC; empty = not yet; set by the database
  std::string answer;  // JSON, schema synth/evaluation-answer/1; empty = not told yet
};

// A fatal signal, and the network whose evaluation drew it.
struct Crash {
  int session = 0;
  int network = 0;
  std::string key;
  std::string signal;  // "SIGSEGV"
  std::string phase;   // "training"
};

}  // namespace results_db
