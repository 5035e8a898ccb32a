// Loaded into the service by LD_PRELOAD (tests/fault/disk.py): counts its calls on files below
// FAULT_FOLDER, writes each to FAULT_TRACE, and does something to call number FAULT_AT, by
// FAULT_KIND:
//   eio, enospc   it fails
//   short         a write writes half of what it was given
//   full          it and each later call that needs space fail, until FAULT_UNTIL is a file
//   power, torn   the process ends before it, and what no sync made durable is undone: all of it,
//   or
//                 each write with one chance in two (FAULT_SEED). Names are durable at once here.
// Real calls are made with syscall(), so nothing here waits for the dynamic linker.
#undef _FORTIFY_SOURCE  // which defines some of these calls in line
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <bit>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdarg>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace {

enum class Needs { nothing, space };

std::string setting(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::uint64_t number(const std::string& text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// A write that nothing has made durable yet, and what lay there before.
struct Unsynced {
  int descriptor;  // our own
  ino_t file;
  off_t offset;
  std::vector<char> before;
  off_t size_before;
};

struct Shim {
  const std::string folder = setting("FAULT_FOLDER") + "/";
  const std::string kind = setting("FAULT_KIND");
  const std::string until = setting("FAULT_UNTIL");
  const std::uint64_t at = number(setting("FAULT_AT"));
  const int trace = static_cast<int>(::syscall(SYS_openat, AT_FDCWD, setting("FAULT_TRACE").c_str(),
                                               O_WRONLY | O_CREAT | O_APPEND, 0600));
  std::uint64_t random = number(setting("FAULT_SEED")) * 2 + 1;
  std::atomic<std::uint64_t> count{0};
  std::atomic<bool> full{false};
  std::atomic<bool> ours[4096] = {};
  std::mutex mutex;
  std::vector<Unsynced> unsynced;

  bool is_ours(int descriptor) const {
    return descriptor >= 0 && descriptor < 4096 && ours[descriptor].load();
  }
  bool is_below(const char* path) const { return std::string_view(path).starts_with(folder); }
  bool loses_power() const { return kind == "power" || kind == "torn"; }
  void lose_power();
  // Counts a call. True: it is the one that FAULT_KIND is about.
  bool reached(const char* call, std::string_view what);
  // Counts it, and says the error it must fail with; 0: none.
  int error(const char* call, std::string_view what, Needs needs);
  void remember(int descriptor, off_t offset, std::size_t size);
  void synced(int descriptor);
};

Shim& shim() {
  static auto* const one = new Shim;
  return *one;
}

std::string name_of(int descriptor) {
  char path[512];
  const std::string link = "/proc/self/fd/" + std::to_string(descriptor);
  const auto size = ::syscall(SYS_readlink, link.c_str(), path, sizeof(path));
  return size > 0 ? std::string(path, static_cast<std::size_t>(size)) : "?";
}

// In the order that undoes them; what was synced is in the file for good.
void Shim::lose_power() {
  const std::lock_guard lock(mutex);
  for (auto each = unsynced.rbegin(); each != unsynced.rend(); ++each) {
    random = random * 6364136223846793005U + 1442695040888963407U;
    if (kind == "torn" && (random >> 33) % 2 == 0) continue;
    ::syscall(SYS_pwrite64, each->descriptor, each->before.data(), each->before.size(),
              each->offset);
    struct stat now {};
    if (::fstat(each->descriptor, &now) == 0 && now.st_size > each->size_before)
      ::syscall(SYS_ftruncate, each->descriptor, each->size_before);
  }
  ::syscall(SYS_tgkill, ::getpid(), ::gettid(), SIGKILL);  // kill() is not for the service
}

bool Shim::reached(const char* call, std::string_view what) {
  const std::uint64_t n = ++count;
  const std::string line = std::to_string(n) + " " + call + " " + std::string(what) + "\n";
  ::syscall(SYS_write, trace, line.data(), line.size());
  if (n != at) return false;
  if (loses_power()) lose_power();
  return true;
}

int Shim::error(const char* call, std::string_view what, Needs needs) {
  const bool here = reached(call, what);
  if (here && kind == "full") full = true;
  if (full && needs == Needs::space) {
    if (::syscall(SYS_access, until.c_str(), F_OK) != 0) return ENOSPC;
    full = false;
  }
  if (!here) return 0;
  if (kind == "eio") return EIO;
  return kind == "enospc" ? ENOSPC : 0;
}

void Shim::remember(int descriptor, off_t offset, std::size_t size) {
  // SQLite's index of its log is memory that happens to be a file: it is made anew after a crash.
  if (!loses_power() || name_of(descriptor).ends_with("-shm")) return;
  struct stat now {};
  if (::fstat(descriptor, &now) != 0) return;
  std::vector<char> before(size);
  const auto got = ::syscall(SYS_pread64, descriptor, before.data(), size, offset);
  before.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  const std::lock_guard lock(mutex);
  for (const auto& each : unsynced) {
    if (each.file == now.st_ino) {
      unsynced.push_back({each.descriptor, now.st_ino, offset, std::move(before), now.st_size});
      return;
    }
  }
  const int own =
      ::open(("/proc/self/fd/" + std::to_string(descriptor)).c_str(), O_RDWR | O_CLOEXEC);
  unsynced.push_back({own, now.st_ino, offset, std::move(before), now.st_size});
}

void Shim::synced(int descriptor) {
  struct stat now {};
  if (!loses_power() || ::fstat(descriptor, &now) != 0) return;
  const std::lock_guard lock(mutex);
  std::erase_if(unsynced, [&](const Unsynced& each) { return each.file == now.st_ino; });
}

template <class Result = int>
Result failed(int error) {
  errno = error;
  return static_cast<Result>(-1);
}

int open_file(const char* path, int flags, mode_t mode) {
  const bool ours = shim().is_below(path);
  if (ours) {
    const Needs needs = (flags & O_CREAT) != 0 ? Needs::space : Needs::nothing;
    if (const int error = shim().error("open", path, needs); error != 0) return failed(error);
  }
  const int descriptor = static_cast<int>(::syscall(SYS_openat, AT_FDCWD, path, flags, mode));
  if (descriptor >= 0 && descriptor < 4096) shim().ours[descriptor] = ours;
  return descriptor;
}

ssize_t write_at(const char* call, int descriptor, const void* data, std::size_t size, off_t offset,
                 bool positioned) {
  Shim& the = shim();
  if (the.is_ours(descriptor)) {
    const std::string name = name_of(descriptor);
    if (the.kind == "short") {
      if (the.reached(call, name) && size > 1) size /= 2;
    } else if (const int error = the.error(call, name, Needs::space); error != 0) {
      return failed<ssize_t>(error);
    }
    the.remember(descriptor, positioned ? offset : ::lseek(descriptor, 0, SEEK_CUR), size);
  }
  return positioned ? ::syscall(SYS_pwrite64, descriptor, data, size, offset)
                    : ::syscall(SYS_write, descriptor, data, size);
}

int sync_file(const char* call, long number, int descriptor) {
  if (shim().is_ours(descriptor)) {
    if (const int error = shim().error(call, name_of(descriptor), Needs::nothing); error != 0)
      return failed(error);
  }
  const int result = static_cast<int>(::syscall(number, descriptor));
  if (result == 0 && shim().is_ours(descriptor)) shim().synced(descriptor);
  return result;
}

int truncate_file(int descriptor, off_t size) {
  if (shim().is_ours(descriptor)) {
    if (const int error = shim().error("ftruncate", name_of(descriptor), Needs::space); error != 0)
      return failed(error);
    struct stat now {};
    if (::fstat(descriptor, &now) == 0 && now.st_size > size)
      shim().remember(descriptor, size, static_cast<std::size_t>(now.st_size - size));
  }
  return static_cast<int>(::syscall(SYS_ftruncate, descriptor, size));
}

void* map_file(void* address, std::size_t size, int protection, int flags, int descriptor,
               off_t offset) {
  if (shim().is_ours(descriptor)) {
    if (const int error = shim().error("mmap", name_of(descriptor), Needs::nothing); error != 0) {
      errno = error;
      return MAP_FAILED;
    }
  }
  return std::bit_cast<void*>(
      ::syscall(SYS_mmap, address, size, protection, flags, descriptor, offset));
}

ssize_t read_file(int descriptor, void* data, std::size_t size, off_t offset, bool positioned) {
  if (shim().is_ours(descriptor)) {
    if (const int error = shim().error("read", name_of(descriptor), Needs::nothing); error != 0)
      return failed<ssize_t>(error);
  }
  return positioned ? ::syscall(SYS_pread64, descriptor, data, size, offset)
                    : ::syscall(SYS_read, descriptor, data, size);
}

mode_t mode_of(int flags, va_list arguments) {
  return (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(arguments, mode_t) : 0;
}

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = mode_of(flags, arguments);
  va_end(arguments);
  return open_file(path, flags, mode);
}
int open64(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = mode_of(flags, arguments);
  va_end(arguments);
  return open_file(path, flags, mode);
}
int mkostemp(char* pattern, int flags) {
  if (shim().is_below(pattern)) {
    if (const int error = shim().error("mkostemp", pattern, Needs::space); error != 0)
      return failed(error);
  }
  static const auto next = reinterpret_cast<int (*)(char*, int)>(::dlsym(RTLD_NEXT, "mkostemp"));
  const int descriptor = next(pattern, flags);
  if (descriptor >= 0 && descriptor < 4096) shim().ours[descriptor] = shim().is_below(pattern);
  return descriptor;
}
int mkostemp64(char* pattern, int flags) { return mkostemp(pattern, flags); }
int close(int descriptor) {
  if (descriptor >= 0 && descriptor < 4096) shim().ours[descriptor] = false;
  return static_cast<int>(::syscall(SYS_close, descriptor));
}
ssize_t read(int descriptor, void* data, size_t size) {
  return read_file(descriptor, data, size, 0, false);
}
ssize_t pread(int descriptor, void* data, size_t size, off_t offset) {
  return read_file(descriptor, data, size, offset, true);
}
ssize_t pread64(int descriptor, void* data, size_t size, off64_t offset) {
  return read_file(descriptor, data, size, offset, true);
}
ssize_t write(int descriptor, const void* data, size_t size) {
  return write_at("write", descriptor, data, size, 0, false);
}
ssize_t pwrite(int descriptor, const void* data, size_t size, off_t offset) {
  return write_at("pwrite", descriptor, data, size, offset, true);
}
ssize_t pwrite64(int descriptor, const void* data, size_t size, off64_t offset) {
  return write_at("pwrite", descriptor, data, size, offset, true);
}
int fsync(int descriptor) { return sync_file("fsync", SYS_fsync, descriptor); }
int fdatasync(int descriptor) { return sync_file("fdatasync", SYS_fdatasync, descriptor); }
int ftruncate(int descriptor, off_t size) noexcept { return truncate_file(descriptor, size); }
int ftruncate64(int descriptor, off64_t size) noexcept { return truncate_file(descriptor, size); }
void* mmap(void* address, size_t size, int protection, int flags, int descriptor,
           off_t offset) noexcept {
  return map_file(address, size, protection, flags, descriptor, offset);
}
void* mmap64(void* address, size_t size, int protection, int flags, int descriptor,
             off64_t offset) noexcept {
  return map_file(address, size, protection, flags, descriptor, offset);
}
int rename(const char* from, const char* to) noexcept {
  if (shim().is_below(to)) {
    if (const int error = shim().error("rename", to, Needs::space); error != 0)
      return failed(error);
  }
  return static_cast<int>(::syscall(SYS_rename, from, to));
}
int unlink(const char* path) noexcept {
  if (shim().is_below(path)) {
    if (const int error = shim().error("unlink", path, Needs::nothing); error != 0)
      return failed(error);
  }
  return static_cast<int>(::syscall(SYS_unlink, path));
}
int mkdir(const char* path, mode_t mode) noexcept {
  if (shim().is_below(path)) {
    if (const int error = shim().error("mkdir", path, Needs::space); error != 0)
      return failed(error);
  }
  return static_cast<int>(::syscall(SYS_mkdir, path, mode));
}
int fchmod(int descriptor, mode_t mode) noexcept {
  if (shim().is_ours(descriptor)) {
    if (const int error = shim().error("fchmod", name_of(descriptor), Needs::nothing); error != 0)
      return failed(error);
  }
  return static_cast<int>(::syscall(SYS_fchmod, descriptor, mode));
}

}  // extern "C"
