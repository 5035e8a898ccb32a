#include "cli/input.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

#include "base/file.h"
#include "base/limits.h"

namespace vitrine::cli {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int number, bool owned) : number_(number), owned_(owned) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (owned_ && number_ >= 0) ::close(number_);
  }
  int number() const { return number_; }

 private:
  int number_;
  bool owned_;
};

tl::unexpected<Error> failed(const char* what, const std::string& path) {
  const int error = errno;
  const Code code = error == ENOENT                     ? Code::not_found
                    : error == EACCES || error == EPERM ? Code::denied
                                                        : Code::unavailable;
  return fail(code, fmt::format("{} {}: {}", what, path, std::generic_category().message(error)));
}

// Reads until the end or `room` is full; the caller gives one byte more than it allows.
Result<std::size_t> read_up_to(int descriptor, std::span<Byte> room, const std::string& path) {
  std::size_t filled = 0;
  while (filled < room.size()) {
    const ssize_t got = ::read(descriptor, room.data() + filled, room.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed("read", path);
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  return filled;
}

bool is_special(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode);
}

Status write_all(const Descriptor& file, const std::string& path, ByteView content) {
  while (!content.empty()) {
    const ssize_t put = ::write(file.number(), content.data(), content.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return failed("write", path);
    content = content.subspan(static_cast<std::size_t>(put));
  }
  return {};
}

Status write_to_special(const std::string& path, ByteView content) {
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC), true);
  if (file.number() < 0) return failed("write", path);
  return write_all(file, path, content);
}

Status write_new(const std::string& path, ByteView content, mode_t mode) {
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode), true);
  if (file.number() < 0 && errno == EEXIST) {
    return conflict("write " + path + ": it is there already, and is never overwritten");
  }
  if (file.number() < 0) return failed("write", path);
  VITRINE_CHECK(write_all(file, path, content));
  if (::fsync(file.number()) != 0) return failed("write", path);
  return {};
}

Status write_with(const std::string& path, ByteView content, mode_t mode) {
  if (is_special(path)) return write_to_special(path, content);
  return write_file_atomically(path, content, mode);
}

bool is_blank(Byte b) { return b == ' ' || b == '\n' || b == '\r' || b == '\t'; }

}  // namespace

Result<SecretBytes> read_secret(const std::string& path, std::size_t bytes_max) {
  const bool standard_input = path == "-";
  const Descriptor file(standard_input ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC),
                        !standard_input);
  if (file.number() < 0) return failed("read", path);
  SecretBytes room(4096);
  std::size_t filled = 0;
  for (;;) {
    VITRINE_TRY(const auto got,
                read_up_to(file.number(), room.reveal_writable().subspan(filled), path));
    filled += got;
    if (filled > bytes_max) {
      return malformed(fmt::format("read {}: larger than {} bytes", path, bytes_max));
    }
    if (filled < room.size()) return SecretBytes::copy_of(room.reveal().first(filled));
    SecretBytes larger(room.size() * 2);  // the old room is wiped when it goes
    std::memcpy(larger.reveal_writable().data(), room.reveal().data(), filled);
    room = std::move(larger);
  }
}

Result<Bytes> read_input(const std::string& path, std::size_t bytes_max) {
  if (path != "-") return read_file(path, bytes_max);
  VITRINE_TRY(const auto secret, read_secret(path, bytes_max));
  return to_bytes(secret.reveal());
}

Result<std::string> read_text(const std::string& path, std::size_t bytes_max) {
  VITRINE_TRY(const auto bytes, read_input(path, bytes_max));
  return to_text(bytes);
}

Result<codec::json::Object> read_json(const std::string& path) {
  VITRINE_TRY(const auto text, read_text(path));
  auto object = codec::json::parse_object(text);
  if (!object) return in_context(path, object.error());
  return object;
}

Result<SecretBytes> read_token(const std::string& path) {
  VITRINE_TRY(const auto text, read_secret(path, limits::kTokenBytesMax));
  ByteView token = text.reveal();
  while (!token.empty() && is_blank(token.front())) token = token.subspan(1);
  while (!token.empty() && is_blank(token.back())) token = token.first(token.size() - 1);
  if (token.empty()) {
    return malformed("token: " + path + " is empty", "make one with: vitrine token dev --out F");
  }
  for (const Byte b : token) {
    if (b <= 0x20 || b > 0x7e) return malformed("token: " + path + " is not one line of ASCII");
  }
  return SecretBytes::copy_of(token);
}

Status write_public(const std::string& path, ByteView content) {
  return write_with(path, content, 0644);
}

Status write_private(const std::string& path, ByteView content) {
  return write_with(path, content, 0600);
}

Status write_new_public(const std::string& path, ByteView content) {
  return write_new(path, content, 0644);
}

Status write_new_private(const std::string& path, ByteView content) {
  return write_new(path, content, 0600);
}

std::optional<std::string> ask(Output& out, std::string_view question) {
  if (out.json() || ::isatty(STDIN_FILENO) == 0) return std::nullopt;
  out.preview(std::string(question) + " ");
  std::string line;
  char c = 0;
  while (::read(STDIN_FILENO, &c, 1) == 1 && c != '\n') line += c;
  return line;
}

}  // namespace vitrine::cli
