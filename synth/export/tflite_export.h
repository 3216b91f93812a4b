// TensorFlow Lite, for LiteRT and for TensorFlow Lite Micro (docs/export_formats.md).
#pragma once

#include <map>
#include <string>

#include "evaluators/float_network.h"
#include "evaluators/integer_network.h"

namespace synth {

// The file's bytes. Input [1, height, width, channels], output [1, classes], both int8 in the network's scales.
// `facts`: ExportInput's. InputError: a primitive that TensorFlow Lite cannot express.
std::string tflite_int8(const std::string& name, const evaluators::IntegerNetwork& network,
                        const std::map<std::string, std::string>& facts);
// The same in float, input normalised.
std::string tflite_float(const std::string& name, const evaluators::FloatNetwork& network,
                         const std::map<std::string, std::string>& facts);

// A model of one node alone, with the node's inputs as its own.
std::string tflite_node(const evaluators::IntegerNetwork& network, int node);

}  // namespace synth
