// FlatBuffers' object interface over the schema of tflite.fbs.
#include "synth/export/tflite_model.h"

#include <nlohmann/json.hpp>

namespace synth {

TfliteModel::TfliteModel() {
  model_.version = 3;
  model_.buffers.push_back(std::make_unique<tflite::BufferT>());  // index 0: of whatever is computed
  model_.subgraphs.push_back(std::make_unique<tflite::SubgraphT>());
}

int TfliteModel::value(const std::string& name, const std::vector<int>& shape, tflite::TensorType type,
                       const TfliteRange& range) {
  auto tensor = std::make_unique<tflite::TensorT>();
  tensor->name = name;
  tensor->shape = shape;
  tensor->type = type;
  if (!range.scale.empty()) {
    tensor->quantisation = std::make_unique<tflite::QuantisationT>();
    tensor->quantisation->scale = range.scale;
    tensor->quantisation->zero_point = range.zero_point;
    tensor->quantisation->dimension = range.dimension;
  }
  auto& tensors = model_.subgraphs.front()->tensors;
  tensors.push_back(std::move(tensor));
  return static_cast<int>(tensors.size()) - 1;
}

std::uint32_t TfliteModel::buffer(const void* bytes, std::size_t size) {
  auto buffer = std::make_unique<tflite::BufferT>();
  const auto* first = static_cast<const std::uint8_t*>(bytes);
  buffer->data.assign(first, first + size);
  model_.buffers.push_back(std::move(buffer));
  return static_cast<std::uint32_t>(model_.buffers.size()) - 1;
}

int TfliteModel::constant_bytes(const std::string& name, const std::vector<int>& shape, tflite::TensorType type,
                                const void* bytes, std::size_t size, const TfliteRange& range) {
  const int index = value(name, shape, type, range);
  model_.subgraphs.front()->tensors[index]->buffer = buffer(bytes, size);
  return index;
}

tflite::OperationT& TfliteModel::add(tflite::Operator op, int version, const std::vector<int>& inputs, int output) {
  std::size_t code = 0;
  while (code < model_.codes.size() && (model_.codes[code]->code != op || model_.codes[code]->version != version))
    ++code;
  if (code == model_.codes.size()) {
    model_.codes.push_back(std::make_unique<tflite::OperatorCodeT>());
    model_.codes.back()->code = op;
    model_.codes.back()->old_code = static_cast<std::int8_t>(op);
    model_.codes.back()->version = version;
  }
  auto operation = std::make_unique<tflite::OperationT>();
  operation->code = static_cast<std::uint32_t>(code);
  operation->inputs = inputs;
  operation->outputs = {output};
  auto& operations = model_.subgraphs.front()->operations;
  operations.push_back(std::move(operation));
  return *operations.back();
}

std::string TfliteModel::bytes(const std::vector<int>& inputs, int output, const std::string& name,
                               const std::map<std::string, std::string>& facts) {
  model_.description = name;
  model_.subgraphs.front()->name = name;
  model_.subgraphs.front()->inputs = inputs;
  model_.subgraphs.front()->outputs = {output};
  if (!facts.empty()) {
    const std::string text = nlohmann::json(facts).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    model_.metadata.push_back(std::make_unique<tflite::MetadataT>());
    model_.metadata.back()->name = "synth";
    model_.metadata.back()->buffer = buffer(text.data(), text.size());
  }
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(tflite::Model::Pack(builder, &model_), tflite::ModelIdentifier());
  return {reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize()};
}

}  // namespace synth
