// Text that holds a private key, built and read inside SecretBytes: no std::string, no allocation
// elsewhere. The base64 functions neither branch on a secret byte nor index a table with one.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"

namespace vitrine::keys {

constexpr std::size_t base64url_size(std::size_t bytes) { return (bytes * 4 + 2) / 3; }

// Writes base64url without padding. Asserts out.size() == base64url_size(in.size()).
void base64url_into(ByteView in, std::span<Byte> out);
// Reads base64url without padding of exactly `size` bytes. malformed: another length, a character
// outside the alphabet, unused bits set.
Result<SecretBytes> secret_from_base64url(ByteView text, std::size_t size);

// Copies `pieces` into place one after the other.
class SecretWriter {
 public:
  explicit SecretWriter(std::size_t size) : bytes_(size) {}
  void put(ByteView piece);
  std::span<Byte> reserve(std::size_t size);
  SecretBytes finish();  // asserts that all of it was written

 private:
  SecretBytes bytes_;
  std::size_t used_ = 0;
};

// One member of a flat JSON object, pointing into the input: for text, what stands between the
// quotes.
struct FlatMember {
  std::string_view name;
  std::string_view value;
  bool is_text = false;
};

// Reads a JSON object whose values are text, numbers, true, false or null, without copying any of
// it. Text has no escapes. At most 16 members, no name twice.
class FlatObject {
 public:
  static Result<FlatObject> parse(std::string_view json);
  // The text member of that name; nullopt if absent or no text.
  std::optional<std::string_view> text(std::string_view name) const;

 private:
  static constexpr std::size_t kMembersMax = 16;
  std::array<FlatMember, kMembersMax> members_{};
  std::size_t size_ = 0;
};

}  // namespace vitrine::keys
