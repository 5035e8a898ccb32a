#include "base/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <system_error>
#include <utility>

namespace vitrine {

namespace {

class File {
 public:
  explicit File(int descriptor) : descriptor_(descriptor) {}
  File(File&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  int descriptor() const { return descriptor_; }
  // After a write an error may first show when the file is closed.
  bool close() { return ::close(std::exchange(descriptor_, -1)) == 0; }

 private:
  int descriptor_;
};

tl::unexpected<Error> failed(const char* what, const std::string& path) {
  const int error = errno;
  const Code code = error == ENOENT                     ? Code::not_found
                    : error == EACCES || error == EPERM ? Code::denied
                                                        : Code::unavailable;
  return fail(code, fmt::format("{} {}: {}", what, path, std::generic_category().message(error)));
}

tl::unexpected<Error> too_large(const std::string& path, std::size_t bytes_max) {
  return malformed(fmt::format("read {}: larger than {} bytes", path, bytes_max));
}

Result<File> open_to_read(const std::string& path) {
  File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.descriptor() < 0) return failed("read", path);
  return file;
}

// Fills `room` as far as the file goes.
Result<std::size_t> read_up_to(const File& file, std::span<Byte> room, const std::string& path) {
  std::size_t filled = 0;
  while (filled < room.size()) {
    const ssize_t got = ::read(file.descriptor(), room.data() + filled, room.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed("read", path);
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  return filled;
}

Status write_all(const File& file, ByteView content, const std::string& path) {
  while (!content.empty()) {
    const ssize_t put = ::write(file.descriptor(), content.data(), content.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return failed("write", path);
    content = content.subspan(static_cast<std::size_t>(put));
  }
  return {};
}

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

// Makes a rename last: the name is in the folder, which has to be synced itself.
Status sync_folder(const std::string& folder) {
  const File file(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (file.descriptor() < 0 || ::fsync(file.descriptor()) != 0) return failed("sync", folder);
  return {};
}

Status write_and_rename(File file, const std::string& temporary, const std::string& path,
                        ByteView content, mode_t mode) {
  if (::fchmod(file.descriptor(), mode) != 0) return failed("write", temporary);
  VITRINE_CHECK(write_all(file, content, temporary));
  if (::fsync(file.descriptor()) != 0) return failed("sync", temporary);
  if (!file.close()) return failed("write", temporary);
  if (::rename(temporary.c_str(), path.c_str()) != 0) return failed("write", path);
  return {};
}

}  // namespace

Result<Bytes> read_file(const std::string& path, std::size_t bytes_max) {
  VITRINE_TRY(const auto file, open_to_read(path));
  constexpr std::size_t kStepBytes = 64 * 1024;
  Bytes content;
  for (;;) {
    // One byte more than allowed is asked for, so as to see a file that is too large.
    const std::size_t before = content.size();
    content.resize(before + std::min(kStepBytes, bytes_max - before) + 1);
    const std::span<Byte> room = std::span(content).subspan(before);
    VITRINE_TRY(const auto got, read_up_to(file, room, path));
    content.resize(before + got);
    if (content.size() > bytes_max) return too_large(path, bytes_max);
    if (got < room.size()) return content;
  }
}

Result<SecretBytes> read_secret_file(const std::string& path, std::size_t bytes_max) {
  VITRINE_TRY(const auto file, open_to_read(path));
  struct stat status {};
  if (::fstat(file.descriptor(), &status) != 0) return failed("read", path);
  if (!S_ISREG(status.st_mode)) return malformed(fmt::format("read {}: not a regular file", path));
  if ((status.st_mode & 0177) != 0) {
    return denied(fmt::format("read {}: it holds a secret, and its mode is {:04o}", path,
                              status.st_mode & 07777),
                  fmt::format("chmod 600 {}", path));
  }
  const auto size = static_cast<std::size_t>(status.st_size);
  if (size > bytes_max) return too_large(path, bytes_max);
  SecretBytes content(size);
  VITRINE_TRY(const auto got, read_up_to(file, content.reveal_writable(), path));
  Byte beyond = 0;
  VITRINE_TRY(const auto more, read_up_to(file, {&beyond, 1}, path));
  if (got != size || more != 0) {
    return unavailable(fmt::format("read {}: it changed meanwhile", path));
  }
  return content;
}

Status remove_file(const std::string& path) {
  if (::unlink(path.c_str()) == 0) return sync_folder(folder_of(path));
  return errno == ENOENT ? Status() : failed("remove", path);
}

Status write_file_atomically(const std::string& path, ByteView content, mode_t mode) {
  std::string temporary = path + ".XXXXXX";
  File file(::mkostemp(temporary.data(), O_CLOEXEC));  // made with mode 0600
  if (file.descriptor() < 0) return failed("write", path);
  auto written = write_and_rename(std::move(file), temporary, path, content, mode);
  if (!written) {
    ::unlink(temporary.c_str());
    return written;
  }
  return sync_folder(folder_of(path));
}

bool exists(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

}  // namespace vitrine
