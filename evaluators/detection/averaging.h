// An average over the last steps of a training, which generalises better than any of them (Polyak & Juditsky 1992).
#pragma once

#include <map>
#include <string>

#include "evaluators/detection/detector.h"

namespace evaluators::detection {

using Tensors = std::map<std::string, torch::Tensor>;

Tensors copy_of(const Detector& detector);
void restore(Detector& detector, const Tensors& tensors);

class WeightAverage {
 public:
  // `decay`: what stays of the average at each step; less at first, where there is little to average.
  WeightAverage(Detector& detector, double decay);
  void add();       // what the detector holds now
  void exchange();  // the detector holds the average, and the average what it held; twice is as before

 private:
  Tensors live_, average_;  // live_ shares the detector's storage
  double decay_;
  int added_ = 0;
};

}  // namespace evaluators::detection
