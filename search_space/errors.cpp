// Suggestions for misspelt names.
#include "search_space/errors.h"

#include <algorithm>
#include <cctype>
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

// Upper case and hyphens are how people write the same name.
std::string folded(std::string_view name) {
  std::string text(name);
  for (char& c : text) c = c == '-' ? '_' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

std::size_t common_prefix(std::string_view a, std::string_view b) {
  return static_cast<std::size_t>(std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first - a.begin());
}

// The name that the text begins ("mobilenet_v3" means mobilenet_v3_small, not mobilenet_v1); else a slip of two
// letters; else the name that begins alike ("attendnet_b" means attendnet_style, though attonet_b has more letters in
// common); else the nearest within a third. Null if nothing is near.
const std::string* nearest_name(std::string_view found, const std::vector<std::string>& known) {
  // A user's text may be a whole file pasted by mistake; nothing that long is a near miss.
  constexpr std::size_t longest = 64, telling_prefix = 4;
  if (found.size() > longest) return nullptr;
  const std::string wanted = folded(found);
  const std::string *nearest = nullptr, *alike = nullptr;
  int least = 0;
  std::size_t most = 0;
  for (const std::string& name : known) {
    const std::string candidate = folded(name);
    if (const int distance = edit_distance(wanted, candidate); nearest == nullptr || distance < least) {
      least = distance;
      nearest = &name;
    }
    if (const std::size_t prefix = common_prefix(wanted, candidate); prefix > most) {
      most = prefix;
      alike = &name;
    }
  }
  if (nearest == nullptr) return nullptr;
  const bool begun = most >= telling_prefix && most == wanted.size();
  if (begun && common_prefix(wanted, folded(*nearest)) < most) return alike;
  if (least <= 2) return nearest;
  if (most >= telling_prefix && most * 3 >= wanted.size() * 2) return alike;
  return least <= static_cast<int>(wanted.size()) / 3 ? nearest : nullptr;
}

}  // namespace

std::string suggestion(std::string_view found, const std::vector<std::string>& known) {
  if (const std::string* name = nearest_name(found, known)) return "; did you mean '" + *name + "'?";
  std::string text;
  for (const std::string& name : known) text += (text.empty() ? "; known: " : ", ") + name;
  return text;
}

namespace {

// Bytes of the UTF-8 character that `text` begins with; 0 for a control character or where there is none.
std::size_t shown_bytes(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return first >= 0x20 && first != 0x7f ? 1 : 0;
  const std::size_t length = first >= 0xf0 && first < 0xf5 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 0;
  if (first >= 0xf5 || length == 0 || length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((byte(i) & 0xc0) != 0x80) return 0;
  return first == 0xc2 && byte(1) < 0xa0 ? 0 : length;  // U+0080 to U+009F are control characters too
}

}  // namespace

std::string printable(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string result;
  while (!text.empty()) {
    const std::size_t bytes = shown_bytes(text);
    if (bytes > 0) {
      result += text.substr(0, bytes);
    } else {
      const auto value = static_cast<unsigned char>(text[0]);
      result += {'\\', 'x', digits[value >> 4], digits[value & 15]};
    }
    text.remove_prefix(std::max<std::size_t>(1, bytes));
  }
  return result;
}

}  // namespace search_space
