// Records to rows and back: all SQL about the contents of a run (docs/database.md).
#include "results_db/rows.h"

#include <cmath>
#include <limits>

#include "results_db/codec.h"
#include "search_space/errors.h"

namespace results_db {
namespace {

// SQLite has no NaN: NULL stands for it. Every other double is stored bit for bit, but for the sign
// of zero.
double real(const SQLite::Column& column) {
  return column.isNull() ? std::numeric_limits<double>::quiet_NaN() : column.getDouble();
}

// Binds values to the statement's placeholders in order.
class Binder {
 public:
  explicit Binder(SQLite::Statement& statement) : statement_(statement) {}
  Binder& operator<<(const std::string& text) { return statement_.bind(++index_, text), *this; }
  Binder& operator<<(double value) { return statement_.bind(++index_, value), *this; }
  Binder& operator<<(std::int64_t value) { return statement_.bind(++index_, value), *this; }
  Binder& operator<<(int value) { return statement_.bind(++index_, value), *this; }
  Binder& operator<<(bool value) { return statement_.bind(++index_, value ? 1 : 0), *this; }
  // `none` is stored as NULL, since it refers to no row.
  Binder& reference(int value, int none) {
    if (value != none) return *this << value;
    statement_.bind(++index_);
    return *this;
  }

 private:
  SQLite::Statement& statement_;
  int index_ = 0;
};

bool same(double first, double second) {
  return first == second || (std::isnan(first) && std::isnan(second));
}

std::string blob(const SQLite::Column& column) {
  return column.getString();
}

void insert_blob(SQLite::Statement& statement, const std::string& data) {
  statement.bindNoCopy(2, data.data(), static_cast<int>(data.size()));
  statement.exec();
}

Record record_of(SQLite::Statement& row, Detail detail) {
  Record record;
  record.id = row.getColumn("id");
  const std::string where = "network " + std::to_string(record.id) + " of the run database";
  record.key = row.getColumn("key").getString();
  record.design = design_from(row.getColumn("design").getString(), where);
  record.parent = row.getColumn("parent");  // NULL reads as 0
  record.performance = real(row.getColumn("performance"));
  record.accuracy_lower_bound = real(row.getColumn("accuracy_lower_bound"));
  record.feasible = row.getColumn("feasible").getInt() != 0;
  auto& evaluation = record.evaluation;
  try {
    evaluation.outcome = evaluators::outcome_from_name(row.getColumn("outcome").getString());
  } catch (const search_space::InputError& error) {
    throw search_space::EnvironmentError(where + " is damaged: " + error.what());
  }
  evaluation.message = row.getColumn("message").getString();
  evaluation.accuracy = real(row.getColumn("accuracy"));
  evaluation.float_accuracy = real(row.getColumn("float_accuracy"));
  evaluation.samples = row.getColumn("samples");
  evaluation.latency_ms = real(row.getColumn("latency_ms"));
  evaluation.epochs = row.getColumn("epochs").getDouble();  // NULL, of older versions, reads as 0
  evaluation.cost.weights = row.getColumn("weights").getInt64();
  evaluation.cost.biases = row.getColumn("biases").getInt64();
  evaluation.cost.multiply_adds = row.getColumn("multiply_adds").getInt64();
  evaluation.cost.peak_activations = row.getColumn("peak_activations").getInt64();
  evaluation.seconds = real(row.getColumn("seconds"));
  if (detail != Detail::figures) evaluation.evidence = evidence_from(row.getColumn("evidence").getString(), where);
  if (detail == Detail::weights) evaluation.weights = blob(row.getColumn("data"));
  return record;
}

void read_networks(SQLite::Database& database, GeneratorRecord& generator) {
  SQLite::Statement query(database,
                          "SELECT network, outcome FROM generator_networks WHERE proposal = ? ORDER BY position");
  query.bind(1, generator.proposal);
  while (query.executeStep()) {
    generator.networks.push_back(query.getColumn(0));
    generator.outcomes.push_back(query.getColumn(1).getString());
  }
}

}  // namespace

Run read_run(SQLite::Database& database) {
  SQLite::Statement row(database, "SELECT * FROM run");
  if (!row.executeStep()) throw search_space::EnvironmentError("the run database holds no run: it is damaged");
  Run run;
  run.config = row.getColumn("config").getString();
  run.config_hash = row.getColumn("config_hash").getString();
  run.prototype = row.getColumn("prototype").getString();
  run.data = row.getColumn("data").getString();
  run.data_fingerprint = row.getColumn("data_fingerprint").getString();
  run.evaluator = row.getColumn("evaluator").getString();
  run.versions = row.getColumn("versions").getString();
  run.state = row.getColumn("state").getString();
  run.message = row.getColumn("message").getString();
  run.seconds = row.getColumn("seconds").getDouble();
  return run;
}

void insert_run(SQLite::Database& database, const Run& run) {
  SQLite::Statement insert(database,
                           "INSERT INTO run (id, config, config_hash, prototype, data, data_fingerprint, evaluator, "
                           "versions, state, message, seconds) VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  Binder(insert) << run.config << run.config_hash << run.prototype << run.data << run.data_fingerprint << run.evaluator
                 << run.versions << run.state << run.message << run.seconds;
  insert.exec();
}

std::vector<Record> read_records(SQLite::Database& database, int id, Detail detail) {
  std::string sql =
      "SELECT networks.id, key, design, parent, outcome, message, accuracy, float_accuracy, samples, latency_ms, "
      "epochs, weights, biases, multiply_adds, peak_activations, performance, accuracy_lower_bound, feasible, seconds";
  if (detail != Detail::figures) sql += ", evidence";
  if (detail == Detail::weights) sql += ", weights.data AS data";
  sql += " FROM networks";
  if (detail == Detail::weights) sql += " LEFT JOIN weights ON weights.network = networks.id";
  if (id != 0) sql += " WHERE networks.id = ?";
  SQLite::Statement query(database, sql + " ORDER BY networks.id");
  if (id != 0) query.bind(1, id);
  std::vector<Record> records;
  while (query.executeStep()) records.push_back(record_of(query, detail));
  return records;
}

int count_records(SQLite::Database& database) {
  return database.execAndGet("SELECT coalesce(max(id), 0) FROM networks").getInt();
}

void insert_record(SQLite::Database& database, const Record& record) {
  const auto& evaluation = record.evaluation;
  SQLite::Statement insert(
      database,
      "INSERT INTO networks (id, key, design, parent, outcome, message, accuracy, float_accuracy, samples, latency_ms, "
      "epochs, weights, biases, multiply_adds, peak_activations, performance, accuracy_lower_bound, feasible, seconds, "
      "evidence) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  Binder values(insert);
  values << record.id << record.key << to_text(record.design);
  values.reference(record.parent, 0) << std::string(evaluators::outcome_name(evaluation.outcome)) << evaluation.message
                                     << evaluation.accuracy << evaluation.float_accuracy << evaluation.samples
                                     << evaluation.latency_ms << evaluation.epochs << evaluation.cost.weights
                                     << evaluation.cost.biases << evaluation.cost.multiply_adds
                                     << evaluation.cost.peak_activations << record.performance
                                     << record.accuracy_lower_bound << record.feasible << evaluation.seconds
                                     << to_text(evaluation.evidence);
  insert.exec();
  if (evaluation.weights.empty()) return;
  SQLite::Statement weights(database, "INSERT INTO weights (network, data) VALUES (?, ?)");
  weights.bind(1, record.id);
  insert_blob(weights, evaluation.weights);
}

void delete_weights(SQLite::Database& database, int network) {
  SQLite::Statement statement(database, "DELETE FROM weights WHERE network = ?");
  statement.bind(1, network);
  statement.exec();
}

std::vector<GeneratorRecord> read_generators(SQLite::Database& database, int proposal, Detail detail) {
  SQLite::Statement row(
      database,
      "SELECT proposal, k, parent, accepted, reason, kl, trust_region, mean_performance, seeds, evidence, "
      "CASE WHEN ?2 OR proposal = (SELECT max(proposal) FROM generators WHERE accepted) THEN theta ELSE '[]' END "
      "AS theta FROM generators WHERE ?1 IN (-1, proposal) ORDER BY proposal");
  row.bind(1, proposal);
  row.bind(2, detail != Detail::figures ? 1 : 0);
  std::vector<GeneratorRecord> generators;
  while (row.executeStep()) {
    auto& generator = generators.emplace_back();
    generator.proposal = row.getColumn("proposal");
    const std::string where = "proposal " + std::to_string(generator.proposal) + " of the run database";
    generator.index = row.getColumn("k");
    generator.parent = row.getColumn("parent").isNull() ? -1 : row.getColumn("parent").getInt();
    generator.accepted = row.getColumn("accepted").getInt() != 0;
    generator.reason = row.getColumn("reason").getString();
    generator.theta = theta_from(row.getColumn("theta").getString(), where);
    generator.kl = real(row.getColumn("kl"));
    generator.trust_region = real(row.getColumn("trust_region"));
    generator.mean_performance = real(row.getColumn("mean_performance"));
    generator.seeds = seeds_from(row.getColumn("seeds").getString(), where);
    generator.evidence = sentences_from(row.getColumn("evidence").getString(), where);
    read_networks(database, generator);
  }
  return generators;
}

int count_generators(SQLite::Database& database) {
  return database.execAndGet("SELECT count(*) FROM generators").getInt();
}

void insert_generator(SQLite::Database& database, const GeneratorRecord& generator) {
  SQLite::Statement insert(database,
                           "INSERT INTO generators (proposal, k, parent, accepted, reason, theta, kl, trust_region, "
                           "mean_performance, seeds, evidence) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  Binder values(insert);
  values << generator.proposal << generator.index;
  values.reference(generator.parent, -1) << generator.accepted << generator.reason << to_text(generator.theta)
                                         << generator.kl << generator.trust_region << generator.mean_performance
                                         << to_text(generator.seeds) << to_text(generator.evidence);
  insert.exec();
  SQLite::Statement place(database,
                          "INSERT INTO generator_networks (proposal, position, network, outcome) VALUES (?, ?, ?, ?)");
  for (std::size_t position = 0; position < generator.networks.size(); ++position) {
    place.reset();
    Binder(place) << generator.proposal << static_cast<int>(position) << generator.networks[position]
                  << generator.outcomes.at(position);
    place.exec();
  }
}

std::vector<FamilyMember> read_family(SQLite::Database& database, bool with_weights) {
  SQLite::Statement row(database, with_weights
                                      ? "SELECT family.*, data FROM family LEFT JOIN family_weights USING (name) "
                                        "ORDER BY name"
                                      : "SELECT * FROM family ORDER BY name");
  std::vector<FamilyMember> family;
  while (row.executeStep()) {
    auto& member = family.emplace_back();
    member.name = row.getColumn("name").getString();
    member.network = row.getColumn("network");
    member.generator = row.getColumn("generator");
    member.result = row.getColumn("result").getString();
    if (with_weights) member.weights = blob(row.getColumn("data"));
  }
  return family;
}

void replace_member(SQLite::Database& database, const FamilyMember& member) {
  for (const char* sql : {"DELETE FROM family_weights WHERE name = ?", "DELETE FROM family WHERE name = ?"}) {
    SQLite::Statement remove(database, sql);
    remove.bind(1, member.name);
    remove.exec();
  }
  SQLite::Statement insert(database, "INSERT INTO family (name, network, generator, result) VALUES (?, ?, ?, ?)");
  Binder values(insert);
  values << member.name;
  values.reference(member.network, 0) << member.generator << member.result;
  insert.exec();
  if (member.weights.empty()) return;
  SQLite::Statement weights(database, "INSERT INTO family_weights (name, data) VALUES (?, ?)");
  weights.bind(1, member.name);
  insert_blob(weights, member.weights);
}

bool same_content(const Record& stored, const Record& record) {
  const auto& first = stored.evaluation;
  const auto& second = record.evaluation;
  const bool weights_agree = first.weights.empty() || second.weights.empty() || first.weights == second.weights;
  return weights_agree && stored.id == record.id && stored.key == record.key && stored.design == record.design &&
         stored.parent == record.parent && same(stored.performance, record.performance) &&
         same(stored.accuracy_lower_bound, record.accuracy_lower_bound) && stored.feasible == record.feasible &&
         first.outcome == second.outcome && first.message == second.message && same(first.accuracy, second.accuracy) &&
         same(first.float_accuracy, second.float_accuracy) && first.samples == second.samples &&
         same(first.latency_ms, second.latency_ms) && same(first.epochs, second.epochs) && first.cost == second.cost &&
         to_text(first.evidence) == to_text(second.evidence);
}

bool same_content(const GeneratorRecord& stored, const GeneratorRecord& generator) {
  return stored.proposal == generator.proposal && stored.index == generator.index &&
         stored.parent == generator.parent && stored.accepted == generator.accepted &&
         stored.reason == generator.reason && to_text(stored.theta) == to_text(generator.theta) &&
         same(stored.kl, generator.kl) && same(stored.trust_region, generator.trust_region) &&
         same(stored.mean_performance, generator.mean_performance) && stored.networks == generator.networks &&
         stored.outcomes == generator.outcomes && stored.seeds == generator.seeds &&
         to_text(stored.evidence) == to_text(generator.evidence);
}

}  // namespace results_db
