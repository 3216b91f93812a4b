// Which engine keeps a run, and copying from one to another.
#include <fmt/format.h>

#include <array>

#include "results_db/address.h"
#include "results_db/postgresql_store.h"
#include "results_db/sqlite_store.h"

namespace results_db {
namespace {

struct Table {
  const char* name;
  const char* order;    // every row comes after those that it refers to
  const char* heavy{};  // the key by which a table of large values is read row by row
};
constexpr std::array<Table, 11> tables = {{{"run", "id"},
                                           {"networks", "id"},
                                           {"weights", "network", "network"},
                                           {"generators", "proposal"},
                                           {"generator_networks", "proposal, position"},
                                           {"family", "name"},
                                           {"family_weights", "name", "name"},
                                           {"sessions", "id"},
                                           {"attempts", "session, network"},
                                           {"crashes", "session, network"},
                                           {"candidates", "network"}}};

void copy_rows(Rows& from, Database& to, const char* table) {
  const std::vector<std::string> columns = from.columns();
  std::string names, places;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    names += (i == 0 ? "" : ", ") + columns[i];
    places += fmt::format("{}${}", i == 0 ? "" : ", ", i + 1);
  }
  const std::string insert = fmt::format("INSERT INTO {} ({}) VALUES ({})", table, names, places);
  while (from.next()) {
    Values values;
    for (std::size_t i = 0; i < columns.size(); ++i) values.push_back(from.value(static_cast<int>(i)));
    to.execute(insert, values);
  }
}

void copy_table(Database& from, Database& to, const Table& table) {
  if (table.heavy == nullptr) {
    copy_rows(*from.query(fmt::format("SELECT * FROM {} ORDER BY {}", table.name, table.order)), to, table.name);
    return;
  }
  Values keys;
  for (const auto row = from.query(fmt::format("SELECT {} FROM {} ORDER BY 1", table.heavy, table.name)); row->next();)
    keys.push_back(row->value(0));
  for (const Value& key : keys)
    copy_rows(*from.query(fmt::format("SELECT * FROM {} WHERE {} = $1", table.name, table.heavy), {key}), to,
              table.name);
}

}  // namespace

std::unique_ptr<Store> create_store(const std::string& run, const Fill& fill) {
  return is_url(run) ? create_postgresql(run, fill) : create_sqlite(run, fill);
}

std::unique_ptr<Store> open_store(const std::string& run, Access access) {
  return is_url(run) ? open_postgresql(run, access) : open_sqlite(run, access);
}

void copy_run(const std::string& from, const std::string& to) {
  const std::unique_ptr<Store> source = open_store(from, Access::read);
  source->read([&] {
    create_store(to, [&](Database& filled) {
      for (const Table& table : tables) copy_table(*source, filled, table);
    });
  });
}

}  // namespace results_db
