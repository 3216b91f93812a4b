// The handler makes only async-signal-safe calls, on texts that were prepared before.
#include "synth/cli/crash.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string_view>

#include "evaluators/phase.h"
#include "results_db/address.h"
#include "search_space/errors.h"

namespace synth::cli {

// An evaluation under way; the texts end in 0.
struct Slot {
  std::atomic<bool> used{false};
  std::array<char, 24> number{};
  std::array<char, 128> note{};  // "<session> <network> <key> "
};

namespace {

struct FatalSignal {
  int number;
  const char* name;
};
constexpr std::array<FatalSignal, 5> fatal_signals = {
    {{SIGSEGV, "SIGSEGV"}, {SIGABRT, "SIGABRT"}, {SIGBUS, "SIGBUS"}, {SIGFPE, "SIGFPE"}, {SIGILL, "SIGILL"}}};

std::array<Slot, 1024> slots;  // as many as --jobs allows
thread_local Slot* own_slot = nullptr;

std::string beginning = "synth: ";
std::string command_name = "synth";
std::string advice = "; nothing that was recorded or written is lost\n";
std::string note_path;
int session_number = 0;

// Overflowing a stack is fatal, too, and then the handler needs another one.
class HandlerStack {
 public:
  HandlerStack() {
    stack_t stack{};
    stack.ss_sp = memory_.get();
    stack.ss_size = size;
    sigaltstack(&stack, nullptr);
  }
  HandlerStack(const HandlerStack&) = delete;
  HandlerStack& operator=(const HandlerStack&) = delete;
  ~HandlerStack() {
    stack_t none{};
    none.ss_flags = SS_DISABLE;
    sigaltstack(&none, nullptr);
  }

 private:
  static constexpr std::size_t size = std::size_t{64} << 10;  // AVX-512 and AMX registers are saved on it
  std::unique_ptr<char[]> memory_ = std::make_unique<char[]>(size);
};

void give_handler_a_stack() {
  thread_local const HandlerStack stack;
  static_cast<void>(stack);
}

// Text in a fixed buffer; what does not fit is cut.
class Text {
 public:
  Text& operator<<(std::string_view text) {
    const std::size_t count = std::min(text.size(), sizeof buffer_ - size_);
    std::memcpy(buffer_ + size_, text.data(), count);
    size_ += count;
    return *this;
  }
  void write_to(int file) const {
    // Nothing useful can be done here if it fails.
    [[maybe_unused]] const auto written = ::write(file, buffer_, size_);
  }

 private:
  char buffer_[8192];
  std::size_t size_ = 0;
};

// A thread that evaluates nothing may have worked for any evaluation under way.
bool concerned(const Slot& slot) {
  return own_slot != nullptr ? &slot == own_slot : slot.used.load();
}

void say(const char* signal_name) {
  Text line;
  line << beginning << signal_name << " in " << command_name;
  if (own_slot != nullptr) {
    line << " while " << evaluators::phase() << " network " << own_slot->number.data();
  } else {
    const char* before = " with networks under way: ";
    for (const Slot& slot : slots) {
      if (!concerned(slot)) continue;
      line << before << slot.number.data();
      before = ", ";
    }
  }
  line << advice;
  line.write_to(STDERR_FILENO);
}

void leave_note(const char* signal_name) {
  if (note_path.empty()) return;
  Text note;
  bool any = false;
  for (const Slot& slot : slots) {
    if (!concerned(slot)) continue;
    any = true;
    note << slot.note.data() << signal_name << " " << (own_slot != nullptr ? evaluators::phase() : "evaluating")
         << "\n";
  }
  const int file = any ? ::open(note_path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644) : -1;
  if (file < 0) return;
  note.write_to(file);
  ::fsync(file);
  ::close(file);
}

void on_fatal_signal(int number) {
  static std::atomic_flag taken = ATOMIC_FLAG_INIT;
  // The first thread that faults speaks for the process and ends it.
  while (taken.test_and_set()) ::pause();
  const char* name = "a fatal signal";
  for (const FatalSignal& known : fatal_signals)
    if (known.number == number) name = known.name;
  say(name);
  leave_note(name);
  // As if nobody had listened: exit status and core file are the signal's own.
  struct sigaction action = {};
  action.sa_handler = SIG_DFL;
  sigemptyset(&action.sa_mask);
  sigaction(number, &action, nullptr);
  sigset_t own;
  sigemptyset(&own);
  sigaddset(&own, number);
  pthread_sigmask(SIG_UNBLOCK, &own, nullptr);
  raise(number);
}

template <std::size_t Size>
void set_text(std::array<char, Size>& to, const std::string& text) {
  const std::size_t count = std::min(text.size(), Size - 1);
  std::memcpy(to.data(), text.data(), count);
  to[count] = '\0';
}

std::string note_path_of(const std::string& path) {
  return results_db::beside(path, ".crash");
}

}  // namespace

void watch_for_crashes(const std::string& command) {
  command_name = command;
  if (isatty(STDERR_FILENO)) beginning = "\nsynth: ";  // a live view's line may be unfinished
  give_handler_a_stack();
  struct sigaction action = {};
  action.sa_handler = on_fatal_signal;
  action.sa_flags = SA_ONSTACK;
  sigemptyset(&action.sa_mask);
  for (const FatalSignal& fatal : fatal_signals) sigaddset(&action.sa_mask, fatal.number);
  for (const FatalSignal& fatal : fatal_signals) sigaction(fatal.number, &action, nullptr);
}

void crashes_concern(const std::string& path, int session) {
  advice = fmt::format("; everything recorded in {0} is safe; go on with: synth resume {1}\n", path,
                       results_db::as_word(path));
  note_path = note_path_of(path);
  session_number = session;
}

Underway::Underway(int network, const std::string& key) : slot_(nullptr) {
  give_handler_a_stack();
  for (Slot& slot : slots) {
    if (slot.used.exchange(true)) continue;
    slot_ = &slot;
    set_text(slot.number, std::to_string(network));
    set_text(slot.note, fmt::format("{} {} {} ", session_number, network, key));
    break;
  }
  own_slot = slot_;
}

Underway::~Underway() {
  own_slot = nullptr;
  if (slot_ != nullptr) slot_->used = false;
}

void collect_crashes(const std::string& path, results_db::ResultsDb& db) {
  const std::string left = note_path_of(path);
  std::ifstream file(left);
  if (!file) return;
  const int sessions = static_cast<int>(db.sessions().size());
  for (std::string line; std::getline(file, line);) {
    results_db::Crash crash;
    std::istringstream words(line);
    words >> crash.session >> crash.network >> crash.key >> crash.signal >> crash.phase;
    // A line that a full disk has cut says nothing for certain.
    if (words && crash.session >= 1 && crash.session <= sessions && crash.network >= 1) db.add(crash);
  }
  file.close();
  forget_crashes(path);
}

void forget_crashes(const std::string& path) {
  std::error_code error;
  std::filesystem::remove(note_path_of(path), error);
  if (error) {
    throw search_space::EnvironmentError(
        fmt::format("cannot remove '{}', the note of a crash: {}", note_path_of(path), error.message()));
  }
}

}  // namespace synth::cli
