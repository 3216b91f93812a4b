// ONNX, for ONNX Runtime and the compilers that read it (docs/export_formats.md).
#pragma once

#include <map>
#include <string>

#include "evaluators/float_network.h"
#include "evaluators/integer_network.h"

namespace synth {

// What is known of a network (ExportInput::facts), kept as metadata_props.
using ModelFacts = std::map<std::string, std::string>;

// The file's bytes. Input "image" [batch, channels, height, width] float, normalised; output "logits" [batch, classes].
std::string onnx_float(const std::string& name, const evaluators::FloatNetwork& network, const ModelFacts& facts);
// The same interface around int8 arithmetic: every value passes through QuantizeLinear and DequantizeLinear.
std::string onnx_int8(const std::string& name, const evaluators::IntegerNetwork& network, const ModelFacts& facts);

}  // namespace synth
