// The formats, each in the source of its name.
#pragma once

#include "synth/export/export.h"

namespace synth {

ExportFormat architecture_format();
ExportFormat weights_format();
ExportFormat dot_format();
ExportFormat svg_format();
ExportFormat c_format();
ExportFormat onnx_format();
ExportFormat onnx_int8_format();
ExportFormat tflite_format();
ExportFormat tflite_float_format();
ExportFormat pytorch_format();
ExportFormat torchscript_format();
ExportFormat bundle_format();

}  // namespace synth
