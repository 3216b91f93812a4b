// Breaking text into lines that fit a terminal.
#include "synth/report/wrapping.h"

#include <algorithm>
#include <cstring>
#include <string_view>

namespace synth::report {
namespace {

bool begins_character(char byte) {
  return (byte & 0xc0) != 0x80;
}

// Bytes of the first `count` code points of `text`.
std::size_t bytes_of(std::string_view text, int count) {
  std::size_t at = 0;
  while (at < text.size() && (count > 0 || !begins_character(text[at]))) {
    if (begins_character(text[at])) --count;
    ++at;
  }
  return at;
}

// Where to break a word that is longer than a line: after punctuation, if there is some in the later half.
std::size_t break_of(const std::string& word, int width) {
  const std::size_t most = bytes_of(word, width);
  for (std::size_t at = most; at > most / 2; --at) {
    if (std::strchr("-/.,;:=_)", word[at - 1]) != nullptr) return at;
  }
  return most;
}

}  // namespace

int display_width(const std::string& utf8) {
  return static_cast<int>(std::count_if(utf8.begin(), utf8.end(), begins_character));
}

std::vector<std::string> wrapped_lines(const std::string& text, int width) {
  width = std::max(1, width);
  std::vector<std::string> lines;
  std::string line;
  bool begun = false;
  std::size_t start = 0;
  while (start <= text.size()) {
    const std::size_t end = std::min(text.find(' ', start), text.size());
    std::string word = text.substr(start, end - start);
    // An indented word is rather broken than put on a line of its own.
    const bool blank = line.find_first_not_of(' ') == std::string::npos && display_width(line) + 1 < width;
    if (begun && !blank && display_width(line) + 1 + display_width(word) > width) {
      lines.push_back(std::move(line));
      line.clear();
      begun = false;
    }
    if (begun) line += ' ';
    while (display_width(line) + display_width(word) > width) {
      const std::size_t head = break_of(word, width - display_width(line));
      lines.push_back(line + word.substr(0, head));
      line.clear();
      word.erase(0, head);
    }
    line += word;
    begun = true;
    start = end + 1;
  }
  lines.push_back(std::move(line));
  return lines;
}

std::string wrapped_text(const std::string& text, int columns, int hanging) {
  if (columns <= 0) return text;
  std::string out;
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    const std::string line = text.substr(start, end - start);
    start = end + 1;
    const std::size_t own = std::min(line.find_first_not_of(' '), line.size());
    const int indent = std::min(std::max(static_cast<int>(own), hanging), columns / 2);
    if (display_width(line) <= columns) {
      out += line;
    } else {
      std::string rest = line.substr(own);
      const std::string first = wrapped_lines(rest, columns - static_cast<int>(own)).front();
      out += std::string(own, ' ') + first;
      rest.erase(0, first.size());
      rest.erase(0, rest.find_first_not_of(' '));
      for (const std::string& next : wrapped_lines(rest, columns - indent)) {
        out += "\n" + std::string(static_cast<std::size_t>(indent), ' ') + next;
      }
    }
    if (end < text.size()) out += '\n';
  }
  return out;
}

std::string prose(const std::string& text, int columns) {
  constexpr int readable = 80;
  return wrapped_text(text, columns > 0 ? std::min(columns, readable) : readable);
}

}  // namespace synth::report
