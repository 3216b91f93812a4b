# Writes OUTPUT: every file of FILES as a raw string literal in one table (name without extension -> text), the function
# embedded_files() of NAMESPACE (default: prototypes).
if(NOT NAMESPACE)
  set(NAMESPACE prototypes)
endif()
set(TEXT "// Generated from data/*.json.\n#include \"prototypes/embedded.h\"\nnamespace ${NAMESPACE} {\nconst std::vector<prototypes::EmbeddedFile>& embedded_files() {\n  static const std::vector<prototypes::EmbeddedFile> files = {\n")
foreach(FILE ${FILES})
  get_filename_component(NAME ${FILE} NAME_WE)
  file(READ ${FILE} CONTENT)
  string(APPEND TEXT "    {\"${NAME}\", R\"__json__(${CONTENT})__json__\"},\n")
endforeach()
string(APPEND TEXT "  };\n  return files;\n}\n}  // namespace ${NAMESPACE}\n")
file(WRITE ${OUTPUT} "${TEXT}")
