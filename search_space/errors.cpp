// Suggestions for misspelt names.
#include "search_space/errors.h"

#include <algorithm>
#include <numeric>

namespace search_space {
namespace {

int edit_distance(std::string_view a, std::string_view b) {
  std::vector<int> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    int diagonal = row[0];
    row[0] = static_cast<int>(i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const int substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
    }
  }
  return row.back();
}

}  // namespace

std::string suggestion(std::string_view found, const std::vector<std::string>& known) {
  // A user's text may be a whole file pasted by mistake; nothing that long is a near miss.
  constexpr std::size_t longest = 64;
  const std::string* nearest = nullptr;
  int best = found.size() <= longest ? std::max<int>(2, static_cast<int>(found.size()) / 3) + 1 : 0;
  for (const std::string& name : known) {
    if (best == 0) break;
    if (const int distance = edit_distance(found, name); distance < best) {
      best = distance;
      nearest = &name;
    }
  }
  if (nearest) return "; did you mean '" + *nearest + "'?";
  std::string text;
  for (const std::string& name : known) text += (text.empty() ? "; known: " : ", ") + name;
  return text;
}

}  // namespace search_space
