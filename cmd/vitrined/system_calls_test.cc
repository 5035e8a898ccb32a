#include "vitrined/system_calls.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/sched.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <functional>
#include <thread>

namespace vitrine::vitrined {
namespace {

// Runs `what` in a child under the filter: its result as exit status, or the signal that ended it,
// negative.
int confined(const std::function<int()>& what) {
  const pid_t child = ::fork();
  if (child == 0) {
    const Status confined_now = confine_system_calls();
    ::_exit(confined_now ? what() : 99);
  }
  int status = 0;
  if (::waitpid(child, &status, 0) != child) return 98;
  return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

// 0 where the call fails with EPERM.
int refused(long result) { return result < 0 && errno == EPERM ? 0 : 1; }

TEST(SystemCalls, EndTheProcessWhereOnlyAnIntruderWouldCall) {
  char program[] = "/bin/true";
  char* arguments[] = {program, nullptr};
  EXPECT_EQ(confined([&] { return ::execv(program, arguments) == 0 ? 0 : 1; }), -SIGSYS);
  EXPECT_EQ(confined([] { return static_cast<int>(::syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0)); }),
            -SIGSYS);
  EXPECT_EQ(
      confined([] { return static_cast<int>(::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr)); }),
      -SIGSYS);
  for (const long number : {SYS_process_vm_readv, SYS_mount, SYS_bpf, SYS_unshare, SYS_setuid,
                            SYS_io_uring_setup, SYS_memfd_create, SYS_chroot, SYS_keyctl}) {
    EXPECT_EQ(confined([number] { return static_cast<int>(::syscall(number, 0, 0, 0, 0, 0)); }),
              -SIGSYS)
        << number;
  }
}

TEST(SystemCalls, RefuseWhatServingDoesNotNeed) {
  for (const int family : {AF_UNIX, AF_NETLINK, AF_PACKET, AF_VSOCK})
    EXPECT_EQ(confined([family] { return refused(::socket(family, SOCK_STREAM, 0)); }), 0);
  EXPECT_EQ(confined([] { return refused(::socket(AF_INET, SOCK_RAW, IPPROTO_TCP)); }), 0);
  EXPECT_EQ(confined([] { return refused(::kill(::getppid(), SIGTERM)); }), 0);
  EXPECT_EQ(confined([] { return refused(::syscall(SYS_tgkill, ::getppid(), ::getppid(), 0)); }),
            0);
  const rlimit cores{RLIM_INFINITY, RLIM_INFINITY};
  EXPECT_EQ(confined([&] { return refused(::setrlimit(RLIMIT_CORE, &cores)); }), 0);
  EXPECT_EQ(confined([] { return refused(::syscall(SYS_symlink, "/etc/passwd", "/tmp/x")); }), 0);
}

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

TEST(SystemCalls, LetItGoOutAndListenOnNothingNew) {
  for (const int family : {AF_INET, AF_INET6}) {
    for (const int type : {int{SOCK_STREAM}, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK}) {
      EXPECT_EQ(confined([=] { return ::socket(family, type, 0) >= 0 || errno != EPERM ? 0 : 1; }),
                0);
    }
  }
  const auto as_address = [](sockaddr_in& address) {
    return reinterpret_cast<sockaddr*>(&address);
  };
  EXPECT_EQ(confined([&] {
              const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
              sockaddr_in address = loopback(1);  // nobody listens there
              return ::connect(socket, as_address(address), sizeof(address)) < 0 &&
                             errno == ECONNREFUSED
                         ? 0
                         : 1;
            }),
            0);
  EXPECT_EQ(confined([&] {
              const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
              sockaddr_in address = loopback(0);
              return refused(::bind(socket, as_address(address), sizeof(address))) +
                     refused(::listen(socket, 1));
            }),
            0);
}

TEST(SystemCalls, LetNoMemoryBecomeCode) {
  const auto map = [](int protection) {
    return ::mmap(nullptr, 4096, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  };
  EXPECT_EQ(confined([&] { return map(PROT_READ | PROT_WRITE | PROT_EXEC) == MAP_FAILED ? 0 : 1; }),
            0);
  EXPECT_EQ(confined([&] {
              void* const memory = map(PROT_READ | PROT_WRITE);
              return memory == MAP_FAILED ? 1 : refused(::mprotect(memory, 4096, PROT_EXEC));
            }),
            0);
}

TEST(SystemCalls, LetFilesThreadsAndLocksBe) {
  EXPECT_EQ(confined([] {
              const int file = ::open("/proc/self/status", O_RDONLY | O_CLOEXEC);
              char text[64];
              const bool read = file >= 0 && ::read(file, text, sizeof(text)) > 0;
              std::atomic<int> seen{0};
              std::thread thread([&seen] { seen = 1; });
              thread.join();
              void* const memory =
                  ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
              return read && seen == 1 && memory != MAP_FAILED && ::munmap(memory, 4096) == 0 ? 0
                                                                                              : 1;
            }),
            0);
}

TEST(SystemCalls, HoldForThreadsThatRanBefore) {
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    std::atomic<bool> confined_now{false};
    int result = 2;
    std::thread before([&] {
      while (!confined_now) std::this_thread::yield();
      result = refused(::socket(AF_UNIX, SOCK_STREAM, 0));
    });
    if (!confine_system_calls()) ::_exit(99);
    confined_now = true;
    before.join();
    ::_exit(result);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

}  // namespace
}  // namespace vitrine::vitrined
