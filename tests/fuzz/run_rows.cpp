// Rows of a run database: the first byte says which column the rest is put into.
#include <SQLiteCpp/SQLiteCpp.h>

#include <array>

#include "results_db/rows.h"
#include "results_db/schema.h"
#include "results_db/session_rows.h"
#include "tests/fuzz/fuzz.h"

namespace {

// Statements with one value to bind, then what reads it.
constexpr std::array columns = {"UPDATE networks SET design = ?",
                                "UPDATE networks SET evidence = ?",
                                "UPDATE networks SET outcome = ?",
                                "UPDATE networks SET message = ?",
                                "UPDATE generators SET theta = ?",
                                "UPDATE generators SET seeds = ?",
                                "UPDATE generators SET evidence = ?",
                                "UPDATE generator_networks SET outcome = ?",
                                "UPDATE run SET config = ?",
                                "UPDATE family SET result = ?",
                                "UPDATE sessions SET instruction_sets = ?"};

SQLite::Database sound() {
  SQLite::Database database(":memory:", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
  results_db::create_schema(database);
  results_db::insert_run(database, {.config = "{}"});
  results_db::Record record;
  record.id = 1;
  record.key = "k";
  record.design = {1, 2};
  results_db::insert_record(database, record);
  results_db::GeneratorRecord generator;
  generator.theta = {{0.5, 0.5}};
  generator.seeds = {1};
  results_db::insert_generator(database, generator);
  results_db::replace_member(database, {.name = "A", .network = 1, .result = "{}"});
  results_db::insert_session(database, {.processor = "p", .instruction_sets = {"sse2"}});
  return database;
}

}  // namespace

void fuzz(std::string_view input) {
  static SQLite::Database database = sound();
  if (input.empty()) return;
  const SQLite::Transaction rolled_back(database);
  SQLite::Statement update(database, columns[static_cast<unsigned char>(input[0]) % columns.size()]);
  update.bind(1, std::string(input.substr(1)));
  update.exec();
  results_db::read_run(database);
  results_db::read_records(database, 0, results_db::Detail::evidence);
  results_db::read_generators(database, -1, results_db::Detail::evidence);
  results_db::read_family(database, true);
  results_db::read_sessions(database);
}
