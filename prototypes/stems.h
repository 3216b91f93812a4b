// Stem variants: what a network does to the image before its first stage, as data, so that a network made for 224
// pixels can be used on small images.
#pragma once

#include <string>
#include <vector>

#include "search_space/prototype.h"

namespace prototypes {

// "small", "3x3/1", "3x3/2", "3x3/2+pool", "7x7/2+pool".
std::vector<std::string> stem_names();

// Puts the variant in the place of the prototype's stem; its one convolution keeps width and activation. "small" halves
// what the stem shrinks by: stride 4 becomes 3x3/2, stride 2 becomes 3x3/1. The sizes for which the prototype is meant
// shrink or grow with the stem. InputError where it cannot be done.
void replace_stem(search_space::Prototype& prototype, const std::string& name);

}  // namespace prototypes
