// The narrow seam between searching and measuring.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "evaluators/evaluation.h"
#include "search_space/design_space.h"

namespace evaluators {

// A trained relative to inherit weights from.
struct Parent {
  search_space::Design design;
  std::string key;
  std::string weights;  // safetensors
  Evidence evidence;    // its channel saliencies say which channels to keep
};

struct Progress {
  double epoch = 0;     // so far, fractional
  double epochs = 0;    // in all
  double accuracy = 0;  // running training accuracy
};

// Epochs that an evaluation trains for. 0: nothing is trained, as in tables.
struct TrainingEpochs {
  double from_scratch = 0, inherited = 0;
  double full = 0;      // a network that misses what is asked for is trained on up to so many; 0 = it is not
  bool fitted = false;  // fresh modules are fitted to what they replace first
};

struct Request {
  search_space::Design design;
  std::string key;
  std::uint64_t seed = 0;                // of this evaluation alone: stream_seed(run seed, key, "evaluation")
  std::shared_ptr<const Parent> parent;  // null = from scratch
  bool brief = false;                    // from scratch, but no longer than after inheriting
  // By how much an accuracy, in [0, 1], measured on so many images is above what is asked for, in log odds. Empty: one
  // training, whatever comes of it; else one that misses is trained on while there is hope.
  std::function<double(double accuracy, int samples)> margin;
  std::function<void(const Progress&)> progress;  // may be empty; called from the evaluating thread
  const std::atomic<bool>* stop = nullptr;        // set = give up at once by throwing Stopped
};

struct Stopped {};

class Evaluator {
 public:
  virtual ~Evaluator() = default;
  virtual std::string name() const = 0;
  // Everything that changes results besides the request (data fingerprint, epochs, precision, ...), as canonical text.
  virtual std::string settings_key() const = 0;
  // Pure in its arguments: the same request gives the same evaluation. Never throws for a candidate's own fault: that
  // is an Outcome.
  virtual Evaluation evaluate(const Request& request) const = 0;
  virtual TrainingEpochs training() const { return {}; }
  virtual bool may_run_in_parallel() const { return true; }
};

}  // namespace evaluators
