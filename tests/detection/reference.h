// What torchvision computes for the same inputs.
#pragma once

#include <torch/types.h>

#include <map>
#include <string>
#include <vector>

namespace reference {

using Tensors = std::map<std::string, torch::Tensor>;

// One call of tests/detection/reference.py with the inputs of all cases, named KIND.NUMBER.FIELD.
Tensors run_torchvision(const Tensors& inputs);

// The inputs of one case by field, and those of all cases of a kind.
Tensors fields(const Tensors& all, const std::string& kind, int number);

// Whether all elements agree within 1e-4, of the expected value's size where that is above 1. Says where not.
void check_close(const torch::Tensor& found, const torch::Tensor& expected);

}  // namespace reference
