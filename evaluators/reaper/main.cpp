// synth-reaper: runs a program for synth and sees to it that nothing of it is left behind: neither its children, in
// whatever process group or session, when it has ended, nor the program itself when synth has gone, however that went.
// Started by evaluators/child_process.cpp with a socket as descriptor 3. It says on it how the program ended; its
// closing means: end the program.
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <string>

extern char** environ;

namespace {

constexpr int control = 3;
constexpr int grace_ms = 400;  // between SIGTERM and SIGKILL

void report(const char* what, int value) {
  const std::string text = std::string(what) + " " + std::to_string(value) + "\n";
  // If nobody listens any more there is nobody to tell.
  [[maybe_unused]] const auto sent = send(control, text.data(), text.size(), MSG_NOSIGNAL);
}

// Orphans of a subreaper become its children: killing children until there are none ends all descendants.
void kill_children(pid_t group) {
  kill(-group, SIGKILL);
  std::ifstream children("/proc/self/task/" + std::to_string(getpid()) + "/children");
  for (pid_t child = 0; children >> child;) kill(child, SIGKILL);
}

void end_descendants(pid_t group) {
  for (;;) {
    kill_children(group);
    const pid_t ended = waitpid(-1, nullptr, WNOHANG);
    if (ended < 0) return;                // no child is left
    if (ended == 0) poll(nullptr, 0, 5);  // killed, not dead yet
  }
}

// 0, or the error that kept the program from starting. It leads a process group of its own.
int start(char** words, const sigset_t& mask, pid_t& program) {
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setsigmask(&attributes, &mask);
  const int error = posix_spawnp(&program, words[0], nullptr, &attributes, words, environ);
  posix_spawnattr_destroy(&attributes);
  return error;
}

// Waits for the program's end or for `milliseconds` (-1: for ever); false where synth hangs up or time is over first.
bool wait_for(pid_t program, int signals, int milliseconds, bool listen, int& status) {
  for (;;) {
    pollfd files[2] = {{signals, POLLIN, 0}, {listen ? control : -1, POLLIN, 0}};
    const int ready = poll(files, 2, milliseconds);
    if (ready == 0) return false;
    if (files[0].revents != 0) {
      signalfd_siginfo info;
      [[maybe_unused]] const auto taken = read(signals, &info, sizeof info);
    }
    for (pid_t ended; (ended = waitpid(-1, &status, WNOHANG)) > 0;)
      if (ended == program) return true;
    if (files[1].revents != 0) return false;
  }
}

}  // namespace

int main(int count, char** words) {
  if (count < 2 || fcntl(control, F_SETFD, FD_CLOEXEC) != 0) return 2;
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  setpgid(0, 0);  // Ctrl-C in the terminal is synth's to decide about
  sigset_t mask, child;
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  sigprocmask(SIG_BLOCK, &child, &mask);
  const int signals = signalfd(-1, &child, SFD_CLOEXEC);
  pid_t program = 0;
  if (const int error = start(words + 1, mask, program); error != 0) {
    report("unstartable", error);
    return 1;
  }
  for (const int file : {0, 1, 2}) close(file);  // the program's own from here on
  int status = 0;
  bool ended = wait_for(program, signals, -1, true, status);
  if (!ended) {
    kill(-program, SIGTERM);
    ended = wait_for(program, signals, grace_ms, false, status);
  }
  end_descendants(program);
  if (ended)
    report(WIFEXITED(status) ? "exited" : "signalled", WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
  return 0;
}
