// Records to rows and back: all SQL about the contents of a run. Internal to results_db.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <string>
#include <vector>

#include "results_db/results_db.h"

namespace results_db {

Run read_run(SQLite::Database& database);
void insert_run(SQLite::Database& database, const Run& run);

// `id` 0 = all.
std::vector<Record> read_records(SQLite::Database& database, int id, Detail detail);
int count_records(SQLite::Database& database);
void insert_record(SQLite::Database& database, const Record& record);
void delete_weights(SQLite::Database& database, int network);

// `proposal` -1 = all. Of mere figures only the last accepted generator's theta is read.
std::vector<GeneratorRecord> read_generators(SQLite::Database& database, int proposal, Detail detail);
int count_generators(SQLite::Database& database);
void insert_generator(SQLite::Database& database, const GeneratorRecord& generator);

std::vector<FamilyMember> read_family(SQLite::Database& database, bool with_weights);
void replace_member(SQLite::Database& database, const FamilyMember& member);

// Equal in everything that a run's course depends on; timings, and weights that one side has dropped, are not compared.
bool same_content(const Record& stored, const Record& record);
bool same_content(const GeneratorRecord& stored, const GeneratorRecord& generator);

}  // namespace results_db
