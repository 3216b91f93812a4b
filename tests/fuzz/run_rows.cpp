// Rows of a run database: the first byte says which column the rest is put into.
#include <array>
#include <memory>

#include "results_db/rows.h"
#include "results_db/session_rows.h"
#include "results_db/sqlite_store.h"
#include "tests/fuzz/fuzz.h"

namespace {

// Statements with one value to bind, then what reads it.
constexpr std::array columns = {"UPDATE networks SET design = $1",
                                "UPDATE networks SET evidence = $1",
                                "UPDATE networks SET outcome = $1",
                                "UPDATE networks SET message = $1",
                                "UPDATE generators SET theta = $1",
                                "UPDATE generators SET seeds = $1",
                                "UPDATE generators SET evidence = $1",
                                "UPDATE generator_networks SET outcome = $1",
                                "UPDATE run SET config = $1",
                                "UPDATE family SET result = $1",
                                "UPDATE sessions SET instruction_sets = $1"};

std::unique_ptr<results_db::Store> sound() {
  return results_db::create_sqlite(fuzzing::folder() + "run.db", [](results_db::Database& database) {
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
  });
}

// Thrown so that nothing of an attempt stays.
struct Over {};

}  // namespace

void fuzz(std::string_view input) {
  static const std::unique_ptr<results_db::Store> store = sound();
  if (input.empty()) return;
  const std::string sql = columns[static_cast<unsigned char>(input[0]) % columns.size()];
  try {
    store->write([&] {
      store->execute(sql, {std::string(input.substr(1))});
      results_db::read_run(*store);
      results_db::read_records(*store, 0, results_db::Detail::evidence);
      results_db::read_generators(*store, -1, results_db::Detail::evidence);
      results_db::read_family(*store, true);
      results_db::read_sessions(*store);
      throw Over{};
    });
  } catch (const Over&) {
  }
}
