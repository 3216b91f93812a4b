// Just enough XML to see that a picture is well formed.
#pragma once

#include <string>
#include <vector>

namespace synth::report::test {

// What is wrong with the document; empty if every element is closed in order and text is escaped.
inline std::string xml_fault(const std::string& text) {
  std::vector<std::string> open;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '&') {
      const std::size_t end = text.find(';', i);
      if (end == std::string::npos || end - i > 6) return "bare & at " + std::to_string(i);
    }
    if (text[i] == '>') return "bare > at " + std::to_string(i);
    if (text[i] != '<') continue;
    std::size_t end = i + 1;
    for (bool quoted = false; end < text.size() && (quoted || text[end] != '>'); ++end) {
      if (text[end] == '"') quoted = !quoted;
      if (text[end] == '<') return "bare < at " + std::to_string(end);
    }
    if (end >= text.size()) return "unfinished element at " + std::to_string(i);
    const std::string inside = text.substr(i + 1, end - i - 1);
    if (inside.front() == '/') {
      if (open.empty() || open.back() != inside.substr(1)) return "</" + inside.substr(1) + "> closes nothing";
      open.pop_back();
    } else if (inside.back() != '/') {
      open.push_back(inside.substr(0, inside.find(' ')));
    }
    i = end;
  }
  return open.empty() ? "" : "<" + open.back() + "> is never closed";
}

}  // namespace synth::report::test
