#include "storage/sqlite/lock_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace vitrine::storage::sqlite {

Result<LockFile> LockFile::take(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (descriptor < 0) {
    return unavailable(
        fmt::format("{}: can't be opened: {}", path, std::generic_category().message(errno)),
        "the data folder must exist and be writable");
  }
  LockFile lock(descriptor);
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) {
      return unavailable(fmt::format("{}: the data folder is in use by another process", path),
                         "stop the other process, or choose another data folder");
    }
    return unavailable(
        fmt::format("{}: can't be locked: {}", path, std::generic_category().message(errno)));
  }
  return lock;
}

LockFile::LockFile(LockFile&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

// The file stays: removing it would let two processes hold locks on two files of one name.
LockFile::~LockFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace vitrine::storage::sqlite
