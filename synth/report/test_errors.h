// Which test images a family's member takes for another class, float and int8: what a confusion matrix is made from.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

namespace synth::report {

struct WrongImage {
  int image = 0;                  // index in the test split
  int label = 0;                  // its class
  int in_float = 0, in_int8 = 0;  // the classes that the two networks see; at least one is wrong
};

struct ConfusedPair {
  int label = 0, seen = 0;
  int in_float = 0, in_int8 = 0;  // test images of `label` taken for `seen`
  std::vector<int> images;        // of them in the test split, those that int8 takes so first
};

struct TestErrors {
  std::vector<int> per_class;  // test images
  std::vector<WrongImage> wrong;

  // Most often confused in int8, then in float; at most `most`.
  std::vector<ConfusedPair> worst_pairs(std::size_t most, std::size_t images) const;
};

// Of the predicted classes of every test image; all three of one length.
TestErrors test_errors(const std::vector<std::int32_t>& labels, const std::vector<std::int32_t>& in_float,
                       const std::vector<std::int32_t>& in_int8, int classes);

// {"per_class": [images], "wrong": [[image, class, float, int8], ...]}
nlohmann::ordered_json test_errors_json(const TestErrors& errors);
// From a member's recorded result, where it stands as "test_errors"; none where it does not, or is damaged.
std::optional<TestErrors> recorded_test_errors(const std::string& result);

// For the page: {"per_class", "float": [[class, seen, images], ...], "int8", "pairs": [[class, seen, float, int8],
// ...]}; right answers are not listed. The 2000 most frequent cells of each.
nlohmann::ordered_json confusion_json(const TestErrors& errors);

inline constexpr std::size_t shown_pairs = 6;

}  // namespace synth::report
