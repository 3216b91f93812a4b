// Records to rows and back: all SQL about the contents of a run (docs/database.md).
#include "results_db/rows.h"

#include <cmath>

#include "results_db/codec.h"
#include "search_space/errors.h"

namespace results_db {
namespace {

bool same(double first, double second) {
  return first == second || (std::isnan(first) && std::isnan(second));
}

Record record_of(const Rows& row, Detail detail) {
  Fields fields(row);
  Record record;
  record.id = fields.number();
  const std::string where = "network " + std::to_string(record.id) + " of the run database";
  record.key = fields.text();
  record.design = design_from(fields.text(), where);
  record.parent = fields.reference(0);
  auto& evaluation = record.evaluation;
  try {
    evaluation.outcome = evaluators::outcome_from_name(fields.text());
  } catch (const search_space::InputError& error) {
    throw search_space::EnvironmentError(where + " is damaged: " + error.what());
  }
  evaluation.message = fields.text();
  evaluation.accuracy = fields.real();
  evaluation.float_accuracy = fields.real();
  evaluation.samples = fields.number();
  evaluation.latency_ms = fields.real();
  evaluation.epochs = fields.real_or_zero();  // unknown of older versions
  evaluation.cost.weights = fields.large();
  evaluation.cost.biases = fields.large();
  evaluation.cost.multiply_adds = fields.large();
  evaluation.cost.peak_activations = fields.large();
  record.performance = fields.real();
  record.accuracy_lower_bound = fields.real();
  record.feasible = fields.flag();
  evaluation.seconds = fields.real();
  if (detail != Detail::figures) evaluation.evidence = evidence_from(fields.text(), where);
  if (detail == Detail::weights) evaluation.weights = fields.blob();
  return record;
}

void read_networks(Database& database, GeneratorRecord& generator) {
  const auto row = database.query(
      "SELECT network, outcome FROM generator_networks WHERE proposal = $1 ORDER BY position", {generator.proposal});
  while (row->next()) {
    generator.networks.push_back(static_cast<int>(row->integer(0)));
    generator.outcomes.push_back(row->text(1));
  }
}

}  // namespace

Run read_run(Database& database) {
  const auto row = database.query(
      "SELECT config, config_hash, prototype, data, data_fingerprint, evaluator, versions, state, message, seconds "
      "FROM run");
  if (!row->next()) throw search_space::EnvironmentError("the run database holds no run: it is damaged");
  Fields fields(*row);
  Run run;
  for (std::string* text : {&run.config, &run.config_hash, &run.prototype, &run.data, &run.data_fingerprint,
                            &run.evaluator, &run.versions, &run.state, &run.message})
    *text = fields.text();
  run.seconds = fields.real_or_zero();
  return run;
}

void insert_run(Database& database, const Run& run) {
  database.execute(
      "INSERT INTO run (id, config, config_hash, prototype, data, data_fingerprint, evaluator, versions, state, "
      "message, seconds) VALUES (1, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
      {run.config, run.config_hash, run.prototype, run.data, run.data_fingerprint, run.evaluator, run.versions,
       run.state, run.message, run.seconds});
}

void update_run(Database& database, const std::string& state, const std::string& message, double seconds) {
  database.execute("UPDATE run SET state = $1, message = $2, seconds = $3", {state, message, seconds});
}

void update_run(Database& database, double seconds) {
  database.execute("UPDATE run SET seconds = $1", {seconds});
}

std::vector<Record> read_records(Database& database, int id, Detail detail) {
  std::string sql =
      "SELECT networks.id, key, design, parent, outcome, message, accuracy, float_accuracy, samples, latency_ms, "
      "epochs, weights, biases, multiply_adds, peak_activations, performance, accuracy_lower_bound, feasible, seconds";
  if (detail != Detail::figures) sql += ", evidence";
  if (detail == Detail::weights) sql += ", weights.data AS data";
  sql += " FROM networks";
  if (detail == Detail::weights) sql += " LEFT JOIN weights ON weights.network = networks.id";
  if (id != 0) sql += " WHERE networks.id = $1";
  const auto row = database.query(sql + " ORDER BY networks.id", id != 0 ? Values{id} : Values{});
  std::vector<Record> records;
  while (row->next()) records.push_back(record_of(*row, detail));
  return records;
}

int count_records(Database& database) {
  return database.number("SELECT coalesce(max(id), 0) FROM networks");
}

void insert_record(Database& database, const Record& record) {
  const auto& evaluation = record.evaluation;
  const auto& cost = evaluation.cost;
  database.execute(
      "INSERT INTO networks (id, key, design, parent, outcome, message, accuracy, float_accuracy, samples, latency_ms, "
      "epochs, weights, biases, multiply_adds, peak_activations, performance, accuracy_lower_bound, feasible, seconds, "
      "evidence) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)",
      {record.id,
       record.key,
       to_text(record.design),
       reference(record.parent, 0),
       evaluators::outcome_name(evaluation.outcome),
       evaluation.message,
       evaluation.accuracy,
       evaluation.float_accuracy,
       evaluation.samples,
       evaluation.latency_ms,
       evaluation.epochs,
       cost.weights,
       cost.biases,
       cost.multiply_adds,
       cost.peak_activations,
       record.performance,
       record.accuracy_lower_bound,
       record.feasible,
       evaluation.seconds,
       to_text(evaluation.evidence)});
  if (evaluation.weights.empty()) return;
  database.execute("INSERT INTO weights (network, data) VALUES ($1, $2)", {record.id, Blob{evaluation.weights}});
}

void delete_weights(Database& database, int network) {
  database.execute("DELETE FROM weights WHERE network = $1", {network});
}

std::vector<GeneratorRecord> read_generators(Database& database, int proposal, Detail detail) {
  const auto row = database.query(
      "SELECT proposal, k, parent, accepted, reason, kl, trust_region, mean_performance, seeds, evidence, "
      "CASE WHEN $2 = 1 OR proposal = (SELECT max(proposal) FROM generators WHERE accepted = 1) THEN theta "
      "ELSE '[]' END AS theta FROM generators WHERE $1 = -1 OR proposal = $1 ORDER BY proposal",
      {proposal, detail != Detail::figures});
  std::vector<GeneratorRecord> generators;
  while (row->next()) {
    Fields fields(*row);
    auto& generator = generators.emplace_back();
    generator.proposal = fields.number();
    const std::string where = "proposal " + std::to_string(generator.proposal) + " of the run database";
    generator.index = fields.number();
    generator.parent = fields.reference(-1);
    generator.accepted = fields.flag();
    generator.reason = fields.text();
    generator.kl = fields.real();
    generator.trust_region = fields.real();
    generator.mean_performance = fields.real();
    generator.seeds = seeds_from(fields.text(), where);
    generator.evidence = sentences_from(fields.text(), where);
    generator.theta = theta_from(fields.text(), where);
  }
  for (GeneratorRecord& generator : generators) read_networks(database, generator);
  return generators;
}

int count_generators(Database& database) {
  return database.number("SELECT count(*) FROM generators");
}

void insert_generator(Database& database, const GeneratorRecord& generator) {
  database.execute(
      "INSERT INTO generators (proposal, k, parent, accepted, reason, theta, kl, trust_region, mean_performance, "
      "seeds, evidence) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
      {generator.proposal, generator.index, reference(generator.parent, -1), generator.accepted, generator.reason,
       to_text(generator.theta), generator.kl, generator.trust_region, generator.mean_performance,
       to_text(generator.seeds), to_text(generator.evidence)});
  for (std::size_t position = 0; position < generator.networks.size(); ++position) {
    database.execute("INSERT INTO generator_networks (proposal, position, network, outcome) VALUES ($1, $2, $3, $4)",
                     {generator.proposal, static_cast<int>(position), generator.networks[position],
                      generator.outcomes.at(position)});
  }
}

std::vector<FamilyMember> read_family(Database& database, bool with_weights) {
  const auto row = database.query(with_weights ? "SELECT name, network, generator, result, data FROM family "
                                                 "LEFT JOIN family_weights USING (name) ORDER BY name"
                                               : "SELECT name, network, generator, result FROM family ORDER BY name");
  std::vector<FamilyMember> family;
  while (row->next()) {
    Fields fields(*row);
    auto& member = family.emplace_back();
    member.name = fields.text();
    member.network = fields.reference(0);
    member.generator = fields.number();
    member.result = fields.text();
    if (with_weights) member.weights = fields.blob();
  }
  return family;
}

void replace_member(Database& database, const FamilyMember& member) {
  for (const char* sql : {"DELETE FROM family_weights WHERE name = $1", "DELETE FROM family WHERE name = $1"})
    database.execute(sql, {member.name});
  database.execute("INSERT INTO family (name, network, generator, result) VALUES ($1, $2, $3, $4)",
                   {member.name, reference(member.network, 0), member.generator, member.result});
  if (member.weights.empty()) return;
  database.execute("INSERT INTO family_weights (name, data) VALUES ($1, $2)", {member.name, Blob{member.weights}});
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
