// What is worth changing before anything trains.
#pragma once

#include <string>
#include <vector>

#include "search_space/prototype.h"

namespace synth::cli {

struct AdviceSubject {
  const search_space::Prototype& prototype;  // as adapted to the data
  int training_images = 0;
  int fewest_per_class = 0;  // training images of the class that has fewest
  std::string fewest_class;
  double epochs = 0;  // of training from scratch
  bool cpu = true;
};

// Sentences, each with the option to use; none where all is well.
std::vector<std::string> advice(const AdviceSubject& subject);

// Why images of this size do not go with the prototype, with what to do; empty if they do.
std::string why_unfit(const search_space::Prototype& prototype, int height, int width);

}  // namespace synth::cli
