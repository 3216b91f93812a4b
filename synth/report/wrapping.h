// Breaking text into lines that fit a terminal.
#pragma once

#include <string>
#include <vector>

namespace synth::report {

int display_width(const std::string& utf8);  // code points

// One line of text as lines of at most `width` code points (at least 1), broken at spaces; a longer word is broken
// after punctuation or where it must be.
std::vector<std::string> wrapped_lines(const std::string& text, int width);

// Every line of `text` broken so that none is longer than `columns` (0 = unlimited); what follows the first break of a
// line is indented by `hanging`, and at least as far as the line itself.
std::string wrapped_text(const std::string& text, int columns, int hanging = 0);

// Paragraphs, one per line of `text`, set in lines that read well: at most as wide as the terminal and as 80 columns.
std::string prose(const std::string& text, int columns);

}  // namespace synth::report
