// Built-in prototypes and reference networks, and the loader for users' own files.
#pragma once

#include <string>
#include <vector>

#include "search_space/prototype.h"

namespace prototypes {

enum class Role { prototype, reference };

struct Entry {
  std::string name;
  Role role = Role::prototype;
  std::string description;
};

std::vector<Entry> builtins();

// `spec` is NAME[,classes=N][,size=H[xW]][,channels=C][,width=F][,stem=S] or FILE.json with the same options. Reference
// networks and plain architecture files become prototypes whose slots are open to their own kinds. InputError on
// anything wrong, with a suggestion for unknown names.
search_space::Prototype load(const std::string& spec);

// The NAME or FILE.json that a specification begins with. A file that exists wins over the grammar, so that its path may
// hold commas and whatever else separates things elsewhere.
std::string base_of(const std::string& spec);
bool names_file(const std::string& spec);  // whether the base is an existing .json file

// Adapts a prototype to a data set (what the options above do): every slot, width and parameter is rescaled and kept
// valid.
struct Adaptation {
  int classes = 0;            // 0 = keep
  int height = 0;             // 0 = keep
  int width = 0;              // image width; 0 = keep
  int channels = 0;           // input channels; 0 = keep
  std::string stem;           // a variant of prototypes/stems.h; empty = keep
  double width_factor = 1.0;  // multiplies channel widths, rounded to channel_multiple
};
search_space::Prototype adapt(search_space::Prototype prototype, const Adaptation& adaptation);

// Whether the specification itself said so; a search adapts only what the user left open.
Adaptation adaptation_of(const std::string& spec);

}  // namespace prototypes
