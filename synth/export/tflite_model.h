// A TensorFlow Lite model that grows operation by operation. Tensors are known by their index.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tflite_generated.h"

namespace synth {

// real = scale (q - zero point), per element of dimension `dimension` where there are several; no scale: reals.
struct TfliteRange {
  std::vector<float> scale;
  std::vector<std::int64_t> zero_point;
  int dimension = 0;
};

class TfliteModel {
 public:
  TfliteModel();

  int value(const std::string& name, const std::vector<int>& shape, tflite::TensorType type, const TfliteRange& range);
  template <typename Number>
  int constant(const std::string& name, const std::vector<int>& shape, const std::vector<Number>& numbers,
               const TfliteRange& range = {}) {
    return constant_bytes(name, shape, type_of(Number{}), numbers.data(), numbers.size() * sizeof(Number), range);
  }

  // `version`: of the operator, the least that knows what is asked of it. Options where it has some.
  void apply(tflite::Operator op, int version, const std::vector<int>& inputs, int output) {
    add(op, version, inputs, output);
  }
  template <typename Options>
  void apply(tflite::Operator op, int version, const std::vector<int>& inputs, int output, Options options) {
    add(op, version, inputs, output).options.Set(std::move(options));
  }

  // The file. `facts` become metadata, a JSON object by the name of "synth".
  std::string bytes(const std::vector<int>& inputs, int output, const std::string& name,
                    const std::map<std::string, std::string>& facts);

 private:
  static tflite::TensorType type_of(float) { return tflite::TensorType::FLOAT32; }
  static tflite::TensorType type_of(std::int32_t) { return tflite::TensorType::INT32; }
  static tflite::TensorType type_of(std::int8_t) { return tflite::TensorType::INT8; }
  int constant_bytes(const std::string& name, const std::vector<int>& shape, tflite::TensorType type, const void* bytes,
                     std::size_t size, const TfliteRange& range);
  tflite::OperationT& add(tflite::Operator op, int version, const std::vector<int>& inputs, int output);
  std::uint32_t buffer(const void* bytes, std::size_t size);

  tflite::ModelT model_;
};

}  // namespace synth
