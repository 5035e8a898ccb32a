#include "vitrined/system_calls.h"

#include <linux/sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>
#include <system_error>

#include "attestation/collect/snp_guest.h"

namespace vitrine::vitrined {
namespace {

// What a running node calls: files of the data folder, sockets it has accepted, memory, threads,
// time. It listens already; new sockets are for going out to token issuers, see
// restrict_connections().
constexpr std::array kAllowed = {
    // files
    "open", "openat", "close", "read", "write", "readv", "writev", "pread64", "pwrite64", "lseek",
    "fstat", "stat", "lstat", "newfstatat", "statx", "access", "faccessat", "faccessat2",
    "readlink", "readlinkat", "getcwd", "fsync", "fdatasync", "ftruncate", "fallocate", "flock",
    "fcntl", "rename", "renameat", "renameat2", "unlink", "unlinkat", "mkdir", "mkdirat", "rmdir",
    "fchmod", "fchown", "umask", "getdents64", "statfs", "fstatfs",
    // connections
    "accept", "accept4", "recvmsg", "sendmsg", "recvfrom", "sendto", "shutdown", "getsockname",
    "getpeername", "getsockopt", "setsockopt", "epoll_create1", "epoll_ctl", "epoll_wait",
    "epoll_pwait", "eventfd2", "timerfd_create", "timerfd_settime", "poll", "ppoll", "connect",
    "sendmmsg",
    // memory; see also restrict_memory()
    "munmap", "mremap", "madvise", "mlock", "munlock", "brk",
    // threads and signals; see also restrict_threads()
    "futex", "set_robust_list", "rseq", "sched_yield", "sched_getaffinity", "membarrier", "exit",
    "exit_group", "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "rt_sigtimedwait",
    "sigaltstack", "restart_syscall",
    // time, chance, identity
    "clock_gettime", "clock_getres", "clock_nanosleep", "nanosleep", "gettimeofday", "time",
    "getrandom", "getpid", "gettid", "getuid", "geteuid", "getgid", "getegid", "uname", "sysinfo",
    "getrusage"};

// What ends the process: other programs, other processes' memory, the kernel's own inside.
constexpr std::array kDeadly = {"execve",
                                "execveat",
                                "fork",
                                "vfork",
                                "ptrace",
                                "process_vm_readv",
                                "process_vm_writev",
                                "kcmp",
                                "pidfd_getfd",
                                "mount",
                                "umount2",
                                "pivot_root",
                                "chroot",
                                "move_mount",
                                "open_tree",
                                "unshare",
                                "setns",
                                "bpf",
                                "perf_event_open",
                                "userfaultfd",
                                "io_uring_setup",
                                "kexec_load",
                                "kexec_file_load",
                                "init_module",
                                "finit_module",
                                "delete_module",
                                "reboot",
                                "swapon",
                                "iopl",
                                "ioperm",
                                "add_key",
                                "request_key",
                                "keyctl",
                                "personality",
                                "memfd_create",
                                "memfd_secret",
                                "open_by_handle_at",
                                "setuid",
                                "setgid",
                                "setresuid",
                                "setresgid",
                                "setgroups",
                                "capset"};

class Filter {
 public:
  Filter() : context_(seccomp_init(SCMP_ACT_ERRNO(EPERM)), &seccomp_release) {}

  void set(scmp_filter_attr attribute, std::uint32_t value) {
    note(seccomp_attr_set(context_.get(), attribute, value));
  }
  void list(std::uint32_t action, const char* name) {
    const int number = seccomp_syscall_resolve_name(name);
    // Unknown to this library, or no call of this machine's: the rule for everything else holds.
    if (number == __NR_SCMP_ERROR || number < 0) return;
    note(seccomp_rule_add_exact(context_.get(), action, number, 0));
  }
  template <class... Compare>
  void list(std::uint32_t action, const char* name, Compare... compare) {
    const int number = seccomp_syscall_resolve_name(name);
    if (number == __NR_SCMP_ERROR || number < 0) return;
    note(seccomp_rule_add_exact(context_.get(), action, number, sizeof...(compare), compare...));
  }
  int load() {
    if (first_failure_ == 0) note(seccomp_load(context_.get()));
    return first_failure_;
  }

 private:
  void note(int result) {
    if (result < 0 && first_failure_ == 0) first_failure_ = result;
  }
  std::unique_ptr<void, decltype(&seccomp_release)> context_;
  int first_failure_ = 0;
};

// A condition on one argument of a call; the library's own macros are no C++.
scmp_arg_cmp argument(unsigned index, scmp_compare compare, scmp_datum_t a, scmp_datum_t b = 0) {
  return {index, compare, a, b};
}

// Memory never becomes code: what runs is what was loaded.
void restrict_memory(Filter& filter) {
  for (const char* name : {"mmap", "mprotect"})
    filter.list(SCMP_ACT_ALLOW, name, argument(2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
}

// New threads of this process, no new processes. clone3 hides its flags from a filter, so it is
// said not to exist, and the C library takes clone.
void restrict_threads(Filter& filter) {
  filter.list(SCMP_ACT_ALLOW, "clone", argument(0, SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD));
  filter.list(SCMP_ACT_KILL_PROCESS, "clone", argument(0, SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0));
  filter.list(SCMP_ACT_ERRNO(ENOSYS), "clone3");
  // What abort() sends: to a thread of this process.
  filter.list(SCMP_ACT_ALLOW, "tgkill",
              argument(0, SCMP_CMP_EQ, static_cast<scmp_datum_t>(getpid())));
}

// To hosts by IP, and to the name servers that know them: no local sockets, no packets of its own
// making; and nothing new is listened on, for there is no bind.
void restrict_connections(Filter& filter) {
  for (const scmp_datum_t family : {AF_INET, AF_INET6}) {
    for (const scmp_datum_t type : {SOCK_STREAM, SOCK_DGRAM}) {
      filter.list(
          SCMP_ACT_ALLOW, "socket", argument(0, SCMP_CMP_EQ, family),
          argument(1, SCMP_CMP_MASKED_EQ, ~scmp_datum_t{SOCK_NONBLOCK | SOCK_CLOEXEC}, type));
    }
  }
}

void restrict_arguments(Filter& filter) {
  for (const scmp_datum_t request : {FIONBIO, FIONREAD})
    filter.list(SCMP_ACT_ALLOW, "ioctl", argument(1, SCMP_CMP_EQ, request));
  // Evidence of its own, by the device that was opened before. A derived key is asked for once, at
  // the start.
  for (const scmp_datum_t request :
       {attestation::collect::kSnpGetReport, attestation::collect::kSnpGetExtendedReport})
    filter.list(SCMP_ACT_ALLOW, "ioctl", argument(1, SCMP_CMP_EQ, request));
  filter.list(SCMP_ACT_ALLOW, "prctl", argument(0, SCMP_CMP_EQ, PR_SET_NAME));
  filter.list(SCMP_ACT_ALLOW, "prctl", argument(0, SCMP_CMP_EQ, PR_GET_DUMPABLE));
  // Limits may be read, not set.
  filter.list(SCMP_ACT_ALLOW, "prlimit64", argument(2, SCMP_CMP_EQ, 0));
}

}  // namespace

Status confine_system_calls() {
  Filter filter;
  filter.set(SCMP_FLTATR_CTL_TSYNC, 1);
  filter.set(SCMP_FLTATR_CTL_NNP, 1);
  filter.set(SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
  filter.set(SCMP_FLTATR_CTL_OPTIMIZE, 2);  // a tree: hot calls cost a few comparisons
  for (const char* name : kAllowed) filter.list(SCMP_ACT_ALLOW, name);
  for (const char* name : kDeadly) filter.list(SCMP_ACT_KILL_PROCESS, name);
  restrict_memory(filter);
  restrict_threads(filter);
  restrict_connections(filter);
  restrict_arguments(filter);
  if (const int error = filter.load(); error != 0) {
    return unavailable("can't confine the system calls of this process: " +
                           std::generic_category().message(-error),
                       "the kernel must allow seccomp filters; --no-seccomp starts without");
  }
  return {};
}

}  // namespace vitrine::vitrined
