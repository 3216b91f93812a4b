// A run: an SQLite file, or a name in a PostgreSQL database (address.h); one writer, one transaction per step. SQL
// stays in this folder's sources.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "results_db/records.h"
#include "results_db/sessions.h"
#include "search_space/errors.h"

namespace results_db {

inline constexpr int schema_version = 4;

// Another process writes; it may have done so in a moment.
class Busy : public search_space::EnvironmentError {
  using EnvironmentError::EnvironmentError;
};

// Everything needed to go on, or to explain the run later.
struct Run {
  std::string config;  // JSON: every option of the search (docs/formats.md)
  std::string config_hash;
  std::string prototype;  // JSON, schema synth/prototype/1, as adapted: the run never depends on outside files but data
  std::string data;       // data specification
  std::string data_fingerprint;
  std::string evaluator;          // Evaluator::name and settings_key
  std::string versions;           // JSON: program, LibTorch, SQLite, ...
  std::string state = "running";  // running | interrupted | done | infeasible
  std::string message;            // why it ended
  double seconds = 0;             // wall time used over all sessions
};

struct FamilyMember {
  std::string name;
  int network = 0;      // id of the record it came from
  int generator = 0;    // k
  std::string result;   // JSON of the final figures
  std::string weights;  // safetensors
};

enum class Access { read, write };

// What a writer does while its server is gone. Without it a lost server is an EnvironmentError.
struct Patience {
  std::function<void(const std::string& line)> say;
  std::function<bool()> given_up;  // asked several times a second
};

// How much of each record is read: parsing evidence, thetas and weights takes most of the time.
enum class Detail { figures, evidence, weights };

// Everything at one moment, also while another process writes.
struct Contents {
  Run run;
  std::vector<Record> records;              // by id
  std::vector<GeneratorRecord> generators;  // by proposal; with Detail::figures only the last accepted has its theta
  std::vector<FamilyMember> family;         // by name; weights only with Detail::weights
  std::vector<Session> sessions;            // by id; empty for runs older than they are
  std::vector<Crash> crashes;               // by session, network
};

class ResultsDb {
 public:
  // `path`: a file or a URL. EnvironmentError if it exists already, cannot be written, or the disk is full; InputError
  // if a URL is malformed or holds a password.
  static ResultsDb create(const std::string& path, const Run& run);
  // EnvironmentError: missing, not a run database, newer schema, another process writes (Access::write only). Older
  // schemas are migrated on opening for writing, after a backup beside the file, and read as they are. A reader sees
  // the last committed step while a search runs.
  static ResultsDb open(const std::string& path, Access access);
  // Whether there is something of this name. EnvironmentError where that cannot be found out.
  static bool exists(const std::string& path);
  ResultsDb(ResultsDb&&) noexcept;
  ~ResultsDb();

  // What is written from now on waits where the connection to a server is lost, and goes on.
  void wait_for_server(Patience patience);

  // A reader finds a run that says "running" and has no writer (it was killed) to be "interrupted".
  Run run() const;
  void set_state(const std::string& state, const std::string& message, double seconds);

  // Each is one transaction; writing what is already there, with equal content (timings and dropped weights aside), is
  // a no-op (replay), with other content or out of order a std::logic_error. EnvironmentError on a full or failing
  // disk: what was committed before is kept.
  void add(const Record& record, double run_seconds);
  void add(const GeneratorRecord& generator);
  void drop_weights(const std::vector<int>& networks);
  void add(const FamilyMember& member);  // replaces a member of the same name

  // Who works at the run, and at what. Adding a record ends every attempt at its network.
  int begin_session(const Session& session);  // returns its number
  void end_session(int session);              // it leaves no attempt behind: what it gave up was given up on purpose
  void begin_attempt(const Attempt& attempt);
  void add(const Crash& crash);  // a no-op if it is recorded already
  std::vector<Session> sessions() const;
  std::vector<Attempt> attempts() const;  // those of processes that ended without a word, and of the one at work
  std::vector<Crash> crashes() const;

  // Candidates that are evaluated elsewhere. Adding a record removes its candidate.
  void add(const Candidate& candidate);  // a no-op if it is there already
  void give_out(int network);
  void answer(int network, const std::string& answer);
  std::vector<Candidate> candidates() const;  // by network

  std::vector<Record> records(bool with_weights) const;       // by id
  Record record(int id, bool with_weights) const;             // InputError if there is none
  std::vector<GeneratorRecord> generators() const;            // by proposal
  std::vector<FamilyMember> family(bool with_weights) const;  // by name
  Contents contents(Detail detail) const;

 private:
  struct Connection;
  explicit ResultsDb(std::unique_ptr<Connection> connection);
  std::unique_ptr<Connection> connection_;
};

// Everything that is recorded, from one place to another one that holds nothing yet; also between engines.
void copy_run(const std::string& from, const std::string& to);

// A run in a database that holds many.
struct ListedRun {
  std::string name;
  int schema = 0;
  std::string state;  // empty where this role may not read it
  int networks = 0;
};
// Those of the database that a URL names, by name. Errors as ResultsDb::open says.
std::vector<ListedRun> list_runs(const std::string& url);

// Another text whenever a run of a PostgreSQL database has changed: for those who look at it again and again.
std::string state_mark(const std::string& url);

}  // namespace results_db
