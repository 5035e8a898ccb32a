#include "vitrined/process.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <csignal>

namespace vitrine::vitrined {
namespace {

sigset_t awaited_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGHUP);
  return set;
}

}  // namespace

Status protect_process() {
  const rlimit none{0, 0};
  if (setrlimit(RLIMIT_CORE, &none) != 0) return internal("can't forbid core dumps");
  if (prctl(PR_SET_DUMPABLE, 0) != 0) return internal("can't make the process non-dumpable");
  umask(0077);
  std::signal(SIGPIPE, SIG_IGN);
  const sigset_t set = awaited_signals();
  if (pthread_sigmask(SIG_BLOCK, &set, nullptr) != 0) return internal("can't block signals");
  return {};
}

int wait_for_signal(std::chrono::milliseconds timeout) {
  const sigset_t set = awaited_signals();
  const auto seconds = std::chrono::floor<std::chrono::seconds>(timeout);
  const timespec wait{seconds.count(), std::chrono::nanoseconds(timeout - seconds).count()};
  return std::max(sigtimedwait(&set, nullptr, &wait), 0);
}

}  // namespace vitrine::vitrined
