// Driving tests/support/postgresql.sh.
#include "tests/support/postgresql.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <stdexcept>

namespace synth::test {

namespace {

std::string output_of(const std::string& command) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(::popen(command.c_str(), "r"), ::pclose);
  std::string text;
  char buffer[4096];
  while (pipe && std::fgets(buffer, sizeof buffer, pipe.get()) != nullptr) text += buffer;
  return text;
}

}  // namespace

PostgresServer& PostgresServer::running() {
  static PostgresServer server;
  return server;
}

PostgresServer::PostgresServer() {
  std::string pattern = (std::filesystem::temp_directory_path() / "synth-pg.XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
  folder_ = pattern;
  start();
}

PostgresServer::~PostgresServer() {
  std::error_code ignored;
  try {
    kill();
  } catch (const std::exception&) {  // it may be stopped
  }
  std::filesystem::remove_all(folder_, ignored);
}

void PostgresServer::control(const std::string& action) {
  const std::string command = std::string(SYNTH_SOURCE_DIR) + "/tests/support/postgresql.sh " + action + " " + folder_ +
                              (action == "start" ? " " + std::to_string(::getpid()) : "");
  if (std::system(command.c_str()) != 0) throw std::runtime_error(command);
}

void PostgresServer::start() {
  control("start");
}
void PostgresServer::stop() {
  control("stop");
}
void PostgresServer::kill() {
  control("kill");
}

std::string PostgresServer::url(const std::string& run, const std::string& user, const std::string& database) const {
  return "postgresql://" + user + "@/" + database + "?host=" + folder_ + (run.empty() ? "" : "&run=" + run);
}

std::string PostgresServer::sql(const std::string& statement) const {
  return output_of("psql -qtA '" + url() + "' -c \"" + statement + "\"");
}

}  // namespace synth::test
