#include "vitrined/process.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>

namespace vitrine::vitrined {
namespace {

sigset_t stop_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  return set;
}

}  // namespace

Status protect_process() {
  const rlimit none{0, 0};
  if (setrlimit(RLIMIT_CORE, &none) != 0) return internal("can't forbid core dumps");
  if (prctl(PR_SET_DUMPABLE, 0) != 0) return internal("can't make the process non-dumpable");
  umask(0077);
  std::signal(SIGPIPE, SIG_IGN);
  const sigset_t set = stop_signals();
  if (pthread_sigmask(SIG_BLOCK, &set, nullptr) != 0) return internal("can't block SIGTERM");
  return {};
}

int wait_for_stop() {
  const sigset_t set = stop_signals();
  int signal = 0;
  sigwait(&set, &signal);
  return signal;
}

}  // namespace vitrine::vitrined
