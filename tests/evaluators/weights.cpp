// safetensors: round trip, bytes, and malformed files.
#include "evaluators/weights.h"

#include <ATen/ATen.h>

#include <catch2/catch.hpp>
#include <cstring>

#include "search_space/errors.h"

using evaluators::from_safetensors;
using evaluators::to_safetensors;

namespace {

std::string blob(const std::string& header, std::size_t data_bytes) {
  std::string result(8, '\0');
  const std::uint64_t length = header.size();
  std::memcpy(result.data(), &length, 8);
  return result + header + std::string(data_bytes, '\1');
}

std::string failure(const std::string& bytes) {
  try {
    from_safetensors(bytes, "net.safetensors");
  } catch (const search_space::InputError& error) {
    return error.what();
  }
  return "";
}

std::map<std::string, torch::Tensor> samples() {
  return {{"a.weight", at::arange(24, at::kFloat).reshape({2, 3, 4}) / 7},
          {"b", at::tensor({-128, 0, 127}, at::kChar)},
          {"c", at::tensor({1 << 30, -5}, at::kInt)},
          {"d", at::tensor({std::int64_t{1} << 40}, at::kLong)},
          {"empty", at::empty({0, 3}, at::kFloat)},
          {"scalar", at::scalar_tensor(2.5F, at::kFloat)}};
}

}  // namespace

TEST_CASE("weights survive the round trip exactly", "[weights]") {
  const auto before = samples();
  const auto after = from_safetensors(to_safetensors(before), "memory");
  REQUIRE(after.size() == before.size());
  for (const auto& [name, tensor] : before) {
    INFO(name);
    CHECK(after.at(name).scalar_type() == tensor.scalar_type());
    CHECK(after.at(name).sizes() == tensor.sizes());
    CHECK(at::equal(after.at(name), tensor));
  }
}

TEST_CASE("the same weights give the same bytes, however they lie in memory", "[weights]") {
  auto tensors = samples();
  const std::string bytes = to_safetensors(tensors);
  CHECK(to_safetensors(samples()) == bytes);
  tensors["a.weight"] = tensors["a.weight"].transpose(0, 2).contiguous().transpose(0, 2);
  CHECK(to_safetensors(tensors) == bytes);
  CHECK(bytes.size() == 8 + (bytes.size() - 8 - 24 * 4 - 3 - 8 - 8 - 4) + 24 * 4 + 3 + 8 + 8 + 4);
  CHECK((bytes.size() - (24 * 4 + 3 + 8 + 8 + 4)) % 8 == 0);  // data begin aligned
}

TEST_CASE("a file written by others loads", "[weights]") {
  const std::string header =
      R"({"__metadata__":{"format":"pt"},"x":{"dtype":"I8","shape":[2],"data_offsets":[0,2]}}   )";
  const auto tensors = from_safetensors(blob(header, 2), "x.safetensors");
  CHECK(tensors.size() == 1);
  CHECK(at::equal(tensors.at("x"), at::tensor({1, 1}, at::kChar)));
}

TEST_CASE("tensors of other types are refused when writing", "[weights]") {
  CHECK_THROWS_WITH(to_safetensors({{"x", at::zeros({1}, at::kBool)}}), Catch::Contains("'x'"));
}

TEST_CASE("malformed weights are refused with source and place", "[weights]") {
  const auto entry = [](const std::string& dtype, const std::string& shape, const std::string& offsets) {
    return R"({"x":{"dtype":)" + dtype + R"(,"shape":)" + shape + R"(,"data_offsets":)" + offsets + "}}";
  };
  CHECK_THAT(failure(""), Catch::Contains("net.safetensors: byte 0"));
  CHECK_THAT(failure("abc"), Catch::Contains("byte 3"));
  CHECK_THAT(failure(std::string(8, '\xff')), Catch::Contains("header's length"));
  CHECK_THAT(failure(blob("{}", 0).substr(0, 9)), Catch::Contains("length is 2, but 1 bytes follow"));
  CHECK_THAT(failure(blob("{\"x\":", 0)), Catch::Contains("not valid JSON"));
  CHECK_THAT(failure(blob("{\"x\": 1e999}", 0)), Catch::Contains("not valid JSON"));
  CHECK_THAT(failure(blob("[1]", 0)), Catch::Contains("not a JSON object"));
  CHECK_THAT(failure(blob("{\"x\":3}", 0)), Catch::Contains("tensor 'x'"));
  CHECK_THAT(failure(blob(entry("\"U64\"", "[1]", "[0,8]"), 8)), Catch::Contains("U64") && Catch::Contains("F32, I8"));
  CHECK_THAT(failure(blob(entry("5", "[1]", "[0,8]"), 8)), Catch::Contains("dtype is missing or no string"));
  CHECK_THAT(failure(blob(entry("\"F32\"", "[-1]", "[0,4]"), 4)), Catch::Contains("shape holds -1"));
  CHECK_THAT(failure(blob(entry("\"F32\"", "[1.5]", "[0,4]"), 4)), Catch::Contains("shape holds 1.5"));
  CHECK_THAT(failure(blob(entry("\"F32\"", "[2]", "[0,4]"), 4)), Catch::Contains("need 8 bytes"));
  CHECK_THAT(failure(blob(entry("\"F32\"", "[4294967296,4294967296,4294967296]", "[0,4]"), 4)),
             Catch::Contains("impossibly large"));
  CHECK_THAT(failure(blob(entry("\"F32\"", "[1]", "[0,4]"), 3)), Catch::Contains("do not lie within the 3 bytes"));
  CHECK_THAT(failure(blob(entry("\"F32\"", "[1]", "[4,0]"), 4)), Catch::Contains("[4, 0]"));
  CHECK_THAT(failure(blob(entry("\"F32\"", "[1]", "[0]"), 4)), Catch::Contains("expected 2"));
  CHECK_THAT(failure(blob(entry("\"F32\"", "[1]", "[0,4]"), 6)), Catch::Contains("2 bytes belong to no tensor"));
  const std::string overlapping = R"({"x":{"dtype":"I8","shape":[4],"data_offsets":[0,4]},)"
                                  R"("y":{"dtype":"I8","shape":[4],"data_offsets":[2,6]}})";
  CHECK_THAT(failure(blob(overlapping, 6)), Catch::Contains("'y'") && Catch::Contains("begin at 2"));
  const std::string hole = R"({"x":{"dtype":"I8","shape":[1],"data_offsets":[0,1]},)"
                           R"("y":{"dtype":"I8","shape":[1],"data_offsets":[2,3]}})";
  CHECK_THAT(failure(blob(hole, 3)), Catch::Contains("begin at 2"));
}

TEST_CASE("no byte of a valid file can be damaged into a crash", "[weights]") {
  const std::string good = to_safetensors({{"x", at::ones({2}, at::kFloat)}});
  int refused = 0;
  for (std::size_t i = 0; i < good.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string damaged = good;
      damaged[i] = static_cast<char>(damaged[i] ^ (1 << bit));
      refused += !failure(damaged).empty();
    }
  }
  CHECK(refused > 300);
}
