// Stochastic gradient descent with Nesterov momentum, and its rates over a training.
#pragma once

#include <torch/types.h>

#include <vector>

namespace evaluators {

// Nesterov momentum as in Sutskever et al. 2013, in the form common to deep-learning libraries.
class Optimiser {
 public:
  // Vectors (batch norm, scales, biases) are not decayed.
  Optimiser(std::vector<torch::Tensor> parameters, double momentum, double weight_decay);
  // Moves the parameters that have a gradient and takes the gradients away.
  void step(double rate);

 private:
  std::vector<torch::Tensor> parameters_, velocity_;
  double momentum_, weight_decay_;
};

// Of the peak, at `step` of `steps`: linear warm-up over the fraction `warmup`, then half a cosine to zero (Loshchilov
// & Hutter 2017).
double rate_at(int step, int steps, double warmup);

}  // namespace evaluators
