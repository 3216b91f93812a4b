// Records to rows and back: all SQL about the contents of a run. Internal to results_db.
#pragma once

#include <string>
#include <vector>

#include "results_db/results_db.h"
#include "results_db/store.h"

namespace results_db {

Run read_run(Database& database);
void insert_run(Database& database, const Run& run);
void update_run(Database& database, const std::string& state, const std::string& message, double seconds);
void update_run(Database& database, double seconds);

// `id` 0 = all.
std::vector<Record> read_records(Database& database, int id, Detail detail);
int count_records(Database& database);
void insert_record(Database& database, const Record& record);
void delete_weights(Database& database, int network);

// `proposal` -1 = all. Of mere figures only the last accepted generator's theta is read.
std::vector<GeneratorRecord> read_generators(Database& database, int proposal, Detail detail);
int count_generators(Database& database);
void insert_generator(Database& database, const GeneratorRecord& generator);

std::vector<FamilyMember> read_family(Database& database, bool with_weights);
void replace_member(Database& database, const FamilyMember& member);

// Equal in everything that a run's course depends on; timings, and weights that one side has dropped, are not compared.
bool same_content(const Record& stored, const Record& record);
bool same_content(const GeneratorRecord& stored, const GeneratorRecord& generator);

}  // namespace results_db
