// What an evaluator returns about one network; plain values without LibTorch.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "search_space/cost.h"

namespace evaluators {

enum class Outcome { trained, diverged, out_of_memory, timed_out, failed, crashed };
std::string_view outcome_name(Outcome outcome);
Outcome outcome_from_name(std::string_view name);

// Responses of one convolution or dense layer to the probe split.
struct LayerEvidence {
  std::string layer;  // Graph::full_name
  int slot = -1;
  double effective_rank = 0;       // exp(entropy of the response covariance's spectrum) / channels, in (0, 1]
  double quantisation_snr_db = 0;  // signal-to-quantisation-noise of the output with 8-bit weights
  std::vector<float> saliency;  // Taylor saliency |activation * gradient| per output channel, mean over the probe split
};

struct SlotEvidence {
  int slot = -1;
  double bypass_loss_change = 0;  // loss with only the shortcut minus loss; small = the module hardly matters
};

// How well a slot's fresh module was fitted to the parent's before the network was tuned.
struct FitEvidence {
  int slot = -1;
  double explained = 0;  // share of the variance of the parent's responses, in [0, 1]
};

struct Evidence {
  double probe_loss = 0;
  std::vector<LayerEvidence> layers;
  std::vector<SlotEvidence> slots;
  std::vector<FitEvidence> fits;
};

struct Evaluation {
  Outcome outcome = Outcome::trained;
  std::string message;        // why, where the outcome is not `trained`
  double accuracy = 0;        // top-1 on the validation split at the required precision, in [0, 1]
  double float_accuracy = 0;  // the same with float weights
  int samples = 0;            // validation images; 0 = the accuracy is exact (tables)
  double latency_ms = 0;      // one image, where asked for
  double epochs = 0;          // that it was trained for, without those of its ancestors
  search_space::Cost cost;
  Evidence evidence;
  std::string weights;  // safetensors blob; empty where the evaluator has none
  double seconds = 0;   // thread time spent; never part of any decision
};

}  // namespace evaluators
