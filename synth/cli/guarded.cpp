// Exceptions turned into exit codes.
#include <cstdio>
#include <exception>
#include <new>
#include <string>
#include <vector>

#include "search_space/errors.h"
#include "synth/cli/command.h"
#include "synth/cli/console.h"

namespace synth::cli {
namespace {

// Messages that begin with the command ("synth search: ...") name the program already.
int fail(int code, const std::string& message) {
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
