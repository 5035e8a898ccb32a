#include "keys/secret_text.h"

#include <algorithm>
#include <cstring>

#include "base/assert.h"

namespace vitrine::keys {
namespace {

// All ones where low <= value <= high, else zero; by subtraction, so that time and memory accesses
// are the same for every value (RFC 4648 tables would leak through the cache).
constexpr unsigned within(unsigned value, unsigned low, unsigned high) {
  return (((value - low) | (high - value)) >> 31) - 1U;  // the top bit is set where one underflows
}

constexpr unsigned encode_digit(unsigned v) {
  return (within(v, 0, 25) & (v + 'A')) | (within(v, 26, 51) & (v - 26 + 'a')) |
         (within(v, 52, 61) & (v - 52 + '0')) | (within(v, 62, 62) & '-') |
         (within(v, 63, 63) & '_');
}

// The digit's value, or bits above 63 set.
constexpr unsigned decode_digit(unsigned c) {
  const unsigned upper = within(c, 'A', 'Z'), lower = within(c, 'a', 'z'),
                 digit = within(c, '0', '9'), minus = within(c, '-', '-'),
                 under = within(c, '_', '_');
  const unsigned known = upper | lower | digit | minus | under;
  return (upper & (c - 'A')) | (lower & (c - 'a' + 26)) | (digit & (c - '0' + 52)) | (minus & 62) |
         (under & 63) | (~known & 0x100);
}

}  // namespace

void base64url_into(ByteView in, std::span<Byte> out) {
  VITRINE_ASSERT(out.size() == base64url_size(in.size()));
  unsigned buffer = 0, bits = 0;
  std::size_t o = 0;
  for (const Byte byte : in) {
    buffer = (buffer << 8 | byte) & 0xffff;
    bits += 8;
    while (bits >= 6) {
      bits -= 6;
      out[o++] = static_cast<Byte>(encode_digit((buffer >> bits) & 63));
    }
  }
  if (bits > 0) out[o] = static_cast<Byte>(encode_digit((buffer << (6 - bits)) & 63));
}

Result<SecretBytes> secret_from_base64url(ByteView text, std::size_t size) {
  if (text.size() != base64url_size(size)) return malformed("base64url of another length");
  SecretBytes secret(size);
  const auto out = secret.reveal_writable();
  unsigned buffer = 0, bits = 0, bad = 0;
  std::size_t o = 0;
  for (const Byte c : text) {
    const unsigned digit = decode_digit(c);
    bad |= digit & 0x100;
    buffer = (buffer << 6 | (digit & 63)) & 0xffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out[o++] = static_cast<Byte>(buffer >> bits);
    }
  }
  bad |= buffer & ((1U << bits) - 1U);  // RFC 4648 3.5: unused bits are zero
  if (bad != 0) return malformed("not base64url");
  return secret;
}

void SecretWriter::put(ByteView piece) {
  const auto place = reserve(piece.size());
  std::copy(piece.begin(), piece.end(), place.begin());
}

std::span<Byte> SecretWriter::reserve(std::size_t size) {
  VITRINE_ASSERT(size <= bytes_.size() - used_);
  const auto place = bytes_.reveal_writable().subspan(used_, size);
  used_ += size;
  return place;
}

SecretBytes SecretWriter::finish() {
  VITRINE_ASSERT(used_ == bytes_.size());
  return std::move(bytes_);
}

namespace {

// A cursor over flat JSON. It names no content in its errors.
class FlatReader {
 public:
  explicit FlatReader(std::string_view rest) : rest_(rest) {}

  void skip_space() {
    while (!rest_.empty() && std::strchr(" \t\r\n", rest_.front()) != nullptr &&
           rest_.front() != '\0') {
      rest_.remove_prefix(1);
    }
  }
  bool accept(char c) {
    skip_space();
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  std::optional<std::string_view> quoted() {
    if (!accept('"')) return std::nullopt;
    const auto end = rest_.find_first_of("\"\\");
    if (end == std::string_view::npos || rest_[end] == '\\') return std::nullopt;
    const auto text = rest_.substr(0, end);
    if (std::any_of(text.begin(), text.end(), [](char c) { return c >= 0 && c < 0x20; })) {
      return std::nullopt;
    }
    rest_.remove_prefix(end + 1);
    return text;
  }
  std::optional<std::string_view> bare() {
    skip_space();
    const auto word = rest_.substr(0, std::min(rest_.find_first_of(",} \t\r\n"), rest_.size()));
    const auto digits = word.substr(word.starts_with('-') ? 1 : 0);
    const bool integer = !digits.empty() && digits.size() <= 20 &&
                         (digits == "0" || digits.front() != '0') &&
                         digits.find_first_not_of("0123456789") == std::string_view::npos;
    if (!integer && word != "true" && word != "false" && word != "null") return std::nullopt;
    rest_.remove_prefix(word.size());
    return word;
  }
  bool starts_with_quote() {
    skip_space();
    return rest_.starts_with('"');
  }
  bool at_end() {
    skip_space();
    return rest_.empty();
  }

 private:
  std::string_view rest_;
};

}  // namespace

Result<FlatObject> FlatObject::parse(std::string_view json) {
  FlatObject object;
  FlatReader reader(json);
  const auto bad = [] { return malformed("not a flat JSON object"); };
  if (!reader.accept('{')) return bad();
  bool more = !reader.accept('}');
  while (more) {
    const auto name = reader.quoted();
    if (!name || !reader.accept(':') || object.size_ == kMembersMax) return bad();
    const bool is_text = reader.starts_with_quote();
    const auto value = is_text ? reader.quoted() : reader.bare();
    if (!value) return bad();
    for (std::size_t i = 0; i < object.size_; ++i) {
      if (object.members_[i].name == *name) return bad();
    }
    object.members_[object.size_++] = {*name, *value, is_text};
    more = reader.accept(',');
    if (!more && !reader.accept('}')) return bad();
  }
  if (!reader.at_end()) return bad();
  return object;
}

std::optional<std::string_view> FlatObject::text(std::string_view name) const {
  for (std::size_t i = 0; i < size_; ++i) {
    if (members_[i].name == name && members_[i].is_text) return members_[i].value;
  }
  return std::nullopt;
}

}  // namespace vitrine::keys
