// Small tabular benchmarks that tests write themselves.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace test_engine {

// A folder that goes away with the object.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  // Writes a file and returns its path.
  std::string write(const std::string& name, const std::string& text) const;

 private:
  std::string path_;
};

// Decisions: width 8/16/24/32 (ordinal), op none/conv/pool, kernel 3/5 (ordinal): 24 networks. The best accuracy needs
// width 32 and conv; pooling at width 24 is nearly as good and much cheaper.
struct TinyListed {
  nlohmann::json side_car;
  std::string csv;
  TinyListed();
};

// Three decisions of 3, 3 and 2 values in the cost groups {a, b} and {c}; one pair term.
struct TinySurrogate {
  nlohmann::json side_car;
  std::string terms, costs;
  TinySurrogate();
};

std::string write(const TemporaryFolder& folder, const TinyListed& table);  // path of the side-car
std::string write(const TemporaryFolder& folder, const TinySurrogate& table);

// The text with the first `from` replaced; fails the test if there is none.
std::string replaced(std::string text, const std::string& from, const std::string& to);

}  // namespace test_engine
