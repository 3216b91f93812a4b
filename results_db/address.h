// Where a run is kept: a file, or a name in a PostgreSQL database, "postgresql://USER@HOST/DATABASE?run=NAME".
#pragma once

#include <string>

namespace results_db {

bool is_url(const std::string& run);

struct Address {
  std::string server;  // the URL without run=, as libpq reads it
  std::string run;     // empty: none is named
};

// InputError where a URL holds a password (it would stay in process lists, logs and the run) or a name that is none.
Address parse_address(const std::string& url);
// The same; InputError also where no run is named.
Address parse_run_address(const std::string& url);
// A word of a command line with "***" in the place of a URL's password.
std::string without_password(const std::string& word);
// The URL with this run in it.
std::string with_run(const std::string& url, const std::string& run);

// The name of a file that belongs to the run: beside its file, or, for one in a database, in the current folder.
std::string beside(const std::string& run, const std::string& suffix);

// Of "RUN#12" and "RUN@G2:s3" the place of '#' or '@'; npos where the text names no network of a run. The '@' of a
// URL's user is none.
std::size_t network_mark(const std::string& text);

// As one word of a shell's command line.
std::string as_word(const std::string& run);

}  // namespace results_db
