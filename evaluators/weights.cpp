// safetensors: eight bytes of header length, a JSON header, then the tensors' bytes without gaps
// (https://github.com/huggingface/safetensors).
#include "evaluators/weights.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <vector>

#include "search_space/errors.h"

namespace evaluators {

using nlohmann::json;

static_assert(std::endian::native == std::endian::little, "tensors are written as they lie in memory");

namespace {

constexpr std::size_t length_bytes = 8;
constexpr std::size_t largest_header = 100'000'000;  // the format's own bound

struct ElementType {
  torch::ScalarType type;
  const char* name;
  std::int64_t bytes;
};
constexpr std::array<ElementType, 7> element_types = {{{torch::kFloat32, "F32", 4},
                                                       {torch::kInt8, "I8", 1},
                                                       {torch::kInt32, "I32", 4},
                                                       {torch::kInt64, "I64", 8},
                                                       {torch::kFloat16, "F16", 2},
                                                       {torch::kBFloat16, "BF16", 2},
                                                       {torch::kFloat64, "F64", 8}}};

const ElementType& element_type(torch::ScalarType type, const std::string& name) {
  for (const auto& known : element_types)
    if (known.type == type) return known;
  throw std::invalid_argument("tensor '" + name +
                              "' is of a type that weights are not stored in: " + c10::toString(type));
}

struct Entry {
  std::string name;
  const ElementType* type = nullptr;
  std::vector<std::int64_t> shape;
  std::size_t begin = 0, end = 0;  // within the data part
};

class Parser {
 public:
  Parser(const std::string& blob, const std::string& source) : blob_(blob), source_(source) {}

  std::map<std::string, torch::Tensor> parse() {
    const json header = read_header();
    std::vector<Entry> entries;
    for (const auto& [name, description] : header.items())
      if (name != "__metadata__") entries.push_back(read_entry(name, description));
    require_no_gaps(entries);
    std::map<std::string, torch::Tensor> tensors;
    for (const Entry& entry : entries) {
      const torch::Tensor tensor = at::empty(entry.shape, at::TensorOptions().dtype(entry.type->type));
      if (entry.end > entry.begin)
        std::memcpy(tensor.data_ptr(), blob_.data() + data_start_ + entry.begin, entry.end - entry.begin);
      tensors.emplace(entry.name, tensor);
    }
    return tensors;
  }

  std::map<std::string, std::string> metadata() {
    const json header = read_header();
    std::map<std::string, std::string> texts;
    const auto found = header.find("__metadata__");
    if (found == header.end()) return texts;
    if (!found->is_object()) fail(length_bytes, "header: __metadata__ is no object");
    for (const auto& [name, text] : found->items()) {
      if (!text.is_string()) fail(length_bytes, "header: __metadata__: '" + name + "' is no text");
      texts.emplace(name, text.get<std::string>());
    }
    return texts;
  }

 private:
  [[noreturn]] void fail(std::size_t byte, const std::string& what) const {
    throw search_space::InputError(source_ + ": byte " + std::to_string(byte) + ": " + what);
  }
  [[noreturn]] void fail(const std::string& tensor, const std::string& what) const {
    fail(length_bytes, "header: tensor '" + tensor + "': " + what);
  }

  json read_header() {
    if (blob_.size() < length_bytes)
      fail(blob_.size(), "not a safetensors file: it ends within the eight bytes of the header's length");
    std::uint64_t length = 0;
    std::memcpy(&length, blob_.data(), length_bytes);
    if (length > largest_header || length > blob_.size() - length_bytes)
      fail(0, "not a safetensors file: the header's length is " + std::to_string(length) + ", but " +
                  std::to_string(blob_.size() - length_bytes) + " bytes follow");
    data_start_ = length_bytes + length;
    json header;
    try {
      header = json::parse(blob_.begin() + length_bytes, blob_.begin() + static_cast<std::ptrdiff_t>(data_start_));
    } catch (const json::parse_error& error) {
      fail(length_bytes + error.byte, std::string("the header is not valid JSON: ") + error.what());
    } catch (const json::exception& error) {  // a number beyond all bounds
      fail(length_bytes, std::string("the header is not valid JSON: ") + error.what());
    }
    if (!header.is_object()) fail(length_bytes, "the header is not a JSON object");
    return header;
  }

  Entry read_entry(const std::string& name, const json& description) const {
    if (!description.is_object()) fail(name, "not an object with dtype, shape and data_offsets");
    Entry entry;
    entry.name = name;
    entry.type = read_type(name, description);
    const auto shape = numbers(name, description, "shape");
    const auto offsets = numbers(name, description, "data_offsets");
    if (offsets.size() != 2) fail(name, "data_offsets has " + std::to_string(offsets.size()) + " numbers; expected 2");
    const std::size_t data_bytes = blob_.size() - data_start_;
    entry.begin = offsets[0];
    entry.end = offsets[1];
    if (entry.begin > entry.end || entry.end > data_bytes)
      fail(name, "data_offsets [" + std::to_string(entry.begin) + ", " + std::to_string(entry.end) +
                     "] do not lie within the " + std::to_string(data_bytes) + " bytes of data");
    std::uint64_t expected = static_cast<std::uint64_t>(entry.type->bytes);
    for (const std::uint64_t extent : shape) {
      // More than the data hold is wrong whatever the exact product, which may not fit 64 bits.
      if (extent != 0 && expected > (std::uint64_t{1} << 62) / extent) fail(name, "shape is impossibly large");
      expected *= extent;
      entry.shape.push_back(static_cast<std::int64_t>(extent));
    }
    if (expected != entry.end - entry.begin)
      fail(name, "shape and dtype need " + std::to_string(expected) + " bytes, data_offsets span " +
                     std::to_string(entry.end - entry.begin));
    return entry;
  }

  const ElementType* read_type(const std::string& name, const json& description) const {
    const auto found = description.find("dtype");
    if (found == description.end() || !found->is_string()) fail(name, "dtype is missing or no string");
    for (const auto& known : element_types)
      if (*found == known.name) return &known;
    fail(name, "dtype is " + found->dump() + "; allowed: F32, I8, I32, I64, F16, BF16, F64");
  }

  std::vector<std::uint64_t> numbers(const std::string& name, const json& description, const char* key) const {
    const auto found = description.find(key);
    if (found == description.end() || !found->is_array()) fail(name, std::string(key) + " is missing or no array");
    std::vector<std::uint64_t> result;
    for (const auto& number : *found) {
      if (!number.is_number_unsigned())
        fail(name, std::string(key) + " holds " + number.dump() + "; allowed: 0, 1, ...");
      result.push_back(number.get<std::uint64_t>());
    }
    return result;
  }

  // Overlaps, holes and trailing bytes all show as a tensor that does not begin where the one before it ends.
  void require_no_gaps(const std::vector<Entry>& entries) const {
    std::vector<const Entry*> by_offset;
    for (const Entry& entry : entries) by_offset.push_back(&entry);
    std::sort(by_offset.begin(), by_offset.end(),
              [](const Entry* a, const Entry* b) { return std::pair(a->begin, a->end) < std::pair(b->begin, b->end); });
    std::size_t end = 0;
    for (const Entry* entry : by_offset) {
      if (entry->begin != end)
        fail(entry->name, "data_offsets begin at " + std::to_string(entry->begin) +
                              ", but the tensors before it end at " + std::to_string(end));
      end = entry->end;
    }
    if (data_start_ + end != blob_.size())
      fail(data_start_ + end, std::to_string(blob_.size() - data_start_ - end) + " bytes belong to no tensor");
  }

  const std::string& blob_;
  const std::string& source_;
  std::size_t data_start_ = 0;
};

}  // namespace

std::string to_safetensors(const std::map<std::string, torch::Tensor>& tensors,
                           const std::map<std::string, std::string>& metadata) {
  std::vector<std::pair<const std::string*, torch::Tensor>> ordered;
  for (const auto& [name, tensor] : tensors) ordered.emplace_back(&name, tensor.detach().to(torch::kCPU).contiguous());
  // Widest elements first keeps every tensor aligned; names decide the rest, so that equal tensors give equal bytes.
  std::stable_sort(ordered.begin(), ordered.end(),
                   [](const auto& a, const auto& b) { return a.second.element_size() > b.second.element_size(); });
  json header = json::object();
  if (!metadata.empty()) header["__metadata__"] = metadata;
  std::size_t end = 0;
  for (const auto& [name, tensor] : ordered) {
    const std::size_t begin = end;
    end += tensor.nbytes();
    header[*name] = {{"dtype", element_type(tensor.scalar_type(), *name).name},
                     {"shape", tensor.sizes().vec()},
                     {"data_offsets", {begin, end}}};
  }
  std::string text = header.dump();
  text.resize((text.size() + length_bytes - 1) / length_bytes * length_bytes, ' ');
  const std::uint64_t length = text.size();
  std::string blob(length_bytes, '\0');
  std::memcpy(blob.data(), &length, length_bytes);
  blob.reserve(length_bytes + text.size() + end);
  blob += text;
  for (const auto& [name, tensor] : ordered) blob.append(static_cast<const char*>(tensor.data_ptr()), tensor.nbytes());
  return blob;
}

std::map<std::string, torch::Tensor> from_safetensors(const std::string& blob, const std::string& source) {
  return Parser(blob, source).parse();
}

std::map<std::string, std::string> safetensors_metadata(const std::string& blob, const std::string& source) {
  return Parser(blob, source).metadata();
}

}  // namespace evaluators
