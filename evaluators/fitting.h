// A fresh module starts as what it replaces: it is fitted to the responses of the parent's module in its slot before
// the network is tuned (block-wise distillation, as in DNA, arXiv 1911.13053, and LANA, 2107.10624).
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "evaluators/data/dataset.h"
#include "evaluators/evaluation.h"
#include "evaluators/inheritance.h"
#include "evaluators/network.h"

namespace evaluators {

struct FitSettings {
  double epochs = 0.25;         // passes over the training split; the cost of one is at most that of training
  int batch_size = 16;          // many small steps fit better than few large ones
  double learning_rate = 0.02;  // peak, of Adam
  bool bf16 = true;             // where the processor has it
};

// Moves the weights of the fresh slots' modules alone, all of them at once and each by its own error: the mean squared
// difference of its response to the parent's, over training images, relative to the parent's variance. A module sees
// what the child's own slots before it put out. Statistics of all batch norms follow the child. One entry per slot, in
// order; a module that explains nothing, or diverges, is silenced and says 0. The parent is only read. Throws Stopped
// when *stop becomes true.
std::vector<FitEvidence> fit(Network& child, Network& parent, const std::vector<FreshSlot>& slots, const DataSet& data,
                             const FitSettings& settings, std::uint64_t seed, const std::atomic<bool>* stop = nullptr);

}  // namespace evaluators
