// Exceptions turned into exit codes.
#include <algorithm>
#include <cstdio>
#include <exception>
#include <new>
#include <string>
#include <string_view>
#include <vector>

#include "search_space/errors.h"
#include "synth/cli/command.h"
#include "synth/cli/console.h"

namespace synth::cli {
namespace {

// What a message quotes may come from outside: no terminal is to obey it. Its lines stay.
std::string shown(const std::string& message) {
  std::string result;
  for (std::size_t start = 0; start <= message.size();) {
    const std::size_t end = std::min(message.find('\n', start), message.size());
    if (start > 0) result += '\n';
    result += search_space::printable(std::string_view(message).substr(start, end - start));
    start = end + 1;
  }
  return result;
}

// Messages that begin with the command ("synth search: ...") name the program already.
int fail(int code, const std::string& raw) {
  const std::string message = shown(raw);
  const bool named = message.rfind("synth ", 0) == 0;
  std::fprintf(stderr, "%s%s\n", named ? "" : "synth: ", message.c_str());
  try {
    log_failure(message);
  } catch (const std::exception&) {  // the log itself may be what failed
  }
  return code;
}

}  // namespace

int guarded(int argc, char** argv, int (*work)(const std::vector<std::string>& arguments)) {
  try {
    const int code = work({argv + 1, argv + argc});
    // Data that could not be delivered (full disk, closed pipe) must not look like success.
    if ((std::fflush(stdout) != 0 || std::ferror(stdout) != 0) && code == Exit::done)
      return fail(Exit::environment, "cannot write the output");
    return code;
  } catch (const search_space::InputError& error) {
    return fail(Exit::usage, error.what());
  } catch (const search_space::EnvironmentError& error) {
    return fail(Exit::environment, error.what());
  } catch (const std::bad_alloc&) {
    return fail(Exit::environment, "out of memory; use fewer --jobs, a smaller --batch-size or fewer images (limit=N)");
  } catch (const std::exception& error) {
    return fail(Exit::internal_error,
                std::string("internal error (a bug; please report it with the command you typed): ") + error.what());
  }
}

}  // namespace synth::cli
