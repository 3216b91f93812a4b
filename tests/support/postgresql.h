// A real PostgreSQL server for tests: started when it is first asked for, ended with the program.
#pragma once

#include <string>

namespace synth::test {

class PostgresServer {
 public:
  static PostgresServer& running();

  // Of a run, or without `run` of the database.
  std::string url(const std::string& run = {}, const std::string& user = "postgres",
                  const std::string& database = "runs") const;
  std::string sql(const std::string& statement) const;  // as the superuser; what psql prints
  void start();
  void stop();
  void kill();  // as a crash would

 private:
  PostgresServer();
  ~PostgresServer();
  void control(const std::string& action);
  std::string folder_;
};

}  // namespace synth::test
