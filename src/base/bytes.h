// Byte strings and the conversions between them. Everything here is public data; secrets are
// SecretBytes.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace vitrine {

using Byte = std::uint8_t;
using Bytes = std::vector<Byte>;
using ByteView = std::span<const Byte>;

inline ByteView as_bytes(std::string_view text) {
  return {reinterpret_cast<const Byte*>(text.data()), text.size()};
}
inline std::string_view as_text(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
inline Bytes to_bytes(ByteView view) { return {view.begin(), view.end()}; }
inline Bytes to_bytes(std::string_view text) { return to_bytes(as_bytes(text)); }
inline std::string to_text(ByteView view) { return std::string(as_text(view)); }
inline void append(Bytes& to, ByteView more) { to.insert(to.end(), more.begin(), more.end()); }

// Equality of public bytes; for secrets and MACs use equal_in_constant_time (base/secret.h).
inline bool same(ByteView a, ByteView b) {
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size()) == 0);
}
inline bool all_zero(ByteView bytes) {
  for (const Byte b : bytes) {
    if (b != 0) return false;
  }
  return true;
}

// A SHA-256 value. A type of its own, so that a digest is not any 32 bytes.
struct Digest {
  std::array<Byte, 32> bytes{};
  auto operator<=>(const Digest&) const = default;
  operator ByteView() const { return bytes; }  // implicit: a digest reads as bytes
};

}  // namespace vitrine
