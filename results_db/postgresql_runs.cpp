// Many runs in one database: which there are, and whether one has changed.
#include <fmt/format.h>

#include <cstdio>

#include "results_db/postgresql_connection.h"
#include "results_db/results_db.h"

namespace results_db {
namespace {

// What `work` says, with errors explained.
template <typename Work>
auto connected(const std::string& url, const Address& address, Work work) {
  try {
    PostgresConnection connection(address);
    pqxx::read_transaction transaction(connection.get());
    return work(transaction);
  } catch (const pqxx::failure& error) {
    throw_explained(error, url);
  }
}

pqxx::result schemas(pqxx::transaction_base& transaction) {
  return transaction.exec(
      "SELECT nspname, obj_description(oid, 'pg_namespace') AS comment, "
      "has_schema_privilege(oid, 'USAGE') AS may_read FROM pg_namespace "
      "WHERE nspname LIKE 'synth:%' AND obj_description(oid, 'pg_namespace') LIKE 'synth run, schema version %' "
      "ORDER BY nspname COLLATE \"C\"");
}

}  // namespace

std::vector<ListedRun> list_runs(const std::string& url) {
  return connected(url, parse_address(url), [](pqxx::transaction_base& transaction) {
    std::vector<ListedRun> runs;
    for (const pqxx::row& row : schemas(transaction)) {
      ListedRun& run = runs.emplace_back();
      const std::string schema = row[0].c_str();
      run.name = schema.substr(schema.find(':') + 1);
      std::sscanf(row[1].c_str(), "synth run, schema version %d", &run.schema);
      const std::string name = transaction.quote_name(schema);
      const bool may_read =
          row[2].as<bool>() &&
          transaction.exec_params1("SELECT has_table_privilege($1, 'SELECT')", name + ".networks")[0].as<bool>();
      if (!may_read) continue;
      const pqxx::row figures = transaction.exec1(
          fmt::format("SELECT state, (SELECT coalesce(max(id), 0) FROM {0}.networks) FROM {0}.run", name));
      run.state = figures[0].c_str();
      run.networks = figures[1].as<int>();
    }
    return runs;
  });
}

std::string state_mark(const std::string& url) {
  const Address address = parse_run_address(url);
  return connected(url, address, [&](pqxx::transaction_base& transaction) {
    const std::string name = transaction.quote_name("synth:" + address.run);
    const pqxx::row row = transaction.exec1(fmt::format(
        "SELECT state, message, seconds, (SELECT count(*) FROM {0}.networks), (SELECT count(*) FROM {0}.generators), "
        "(SELECT string_agg(result, '') FROM {0}.family), (SELECT count(*) FROM {0}.sessions), "
        "(SELECT string_agg(key, '' ORDER BY session, network) FROM {0}.attempts) FROM {0}.run",
        name));
    std::string mark;
    for (const pqxx::field& field : row) mark += std::string(field.c_str()) + ";";
    return mark;
  });
}

bool exists_in_postgresql(const std::string& url) {
  const Address address = parse_run_address(url);
  return connected(url, address, [&](pqxx::transaction_base& transaction) {
    return !transaction.exec_params("SELECT 1 FROM pg_namespace WHERE nspname = $1", "synth:" + address.run).empty();
  });
}

}  // namespace results_db
