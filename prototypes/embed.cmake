# Writes OUTPUT: every file of FILES as a raw string literal in one table (name without extension -> text).
set(TEXT "// Generated from prototypes/data/*.json.\n#include \"prototypes/embedded.h\"\nnamespace prototypes {\nconst std::vector<EmbeddedFile>& embedded_files() {\n  static const std::vector<EmbeddedFile> files = {\n")
foreach(FILE ${FILES})
  get_filename_component(NAME ${FILE} NAME_WE)
  file(READ ${FILE} CONTENT)
  string(APPEND TEXT "    {\"${NAME}\", R\"__json__(${CONTENT})__json__\"},\n")
endforeach()
string(APPEND TEXT "  };\n  return files;\n}\n}  // namespace prototypes\n")
file(WRITE ${OUTPUT} "${TEXT}")
