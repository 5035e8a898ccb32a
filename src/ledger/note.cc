// Signed notes (C2SP signed-note; transparency.md 3).
#include <fmt/format.h>

#include "base/base64.h"
#include "base/hex.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "ledger/checkpoint.h"

namespace vitrine::ledger {

namespace {

// Bounds of transparency.md 14.
constexpr std::size_t kNoteBytesMax = 1'048'576;
constexpr std::size_t kSignaturesMax = 64;
constexpr std::size_t kKeyNameBytesMax = 255;

constexpr std::string_view kDash = "\xe2\x80\x94 ";  // U+2014 and a space
constexpr Byte kEd25519Type = 0x01;
constexpr std::size_t kKeyIdBytes = 4;
constexpr std::size_t kEd25519KeyBytes = 32;

bool is_white_space(std::uint32_t c) {
  return (c >= 0x09 && c <= 0x0d) || c == 0x20 || c == 0x85 || c == 0xa0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f ||
         c == 0x3000;
}

// The code point of a valid UTF-8 sequence.
std::uint32_t code_point(std::string_view sequence) {
  const auto first = static_cast<Byte>(sequence.front());
  if (sequence.size() == 1) return first;
  std::uint32_t value = first & (0x7fU >> sequence.size());
  for (const char c : sequence.substr(1)) value = value << 6 | (static_cast<Byte>(c) & 0x3fU);
  return value;
}

bool is_key_name(std::string_view name) {
  if (name.empty() || name.size() > kKeyNameBytesMax || !is_utf8(name)) return false;
  for (std::size_t at = 0; at < name.size();) {
    const std::size_t size = utf8_sequence_size(name.substr(at));
    const std::uint32_t c = code_point(name.substr(at, size));
    if (is_white_space(c) || c == '+' || c < 0x20) return false;
    at += size;
  }
  return true;
}

// Whether these may be lines of a note: UTF-8 without control characters, each line ended.
Status check_lines(std::string_view text) {
  if (text.empty() || text.back() != '\n') {
    return malformed("note: does not end in a newline");
  }
  for (const char c : text) {
    if (static_cast<Byte>(c) < 0x20 && c != '\n') {
      return malformed(fmt::format("note: control character {:02x}", static_cast<Byte>(c)));
    }
  }
  if (!is_utf8(text)) return malformed("note: not UTF-8");
  return {};
}

Result<NoteSignature> parse_signature(std::string_view line) {
  if (line.substr(0, kDash.size()) != kDash) {
    return malformed("note: a line after the text is not a signature");
  }
  const auto rest = line.substr(kDash.size());
  const auto space = rest.find(' ');
  if (space == std::string_view::npos || !is_key_name(rest.substr(0, space))) {
    return malformed("note: a signature's key name is empty, too long, or holds a space or '+'");
  }
  const auto bytes = from_base64(rest.substr(space + 1));
  if (!bytes || bytes->size() <= kKeyIdBytes) {
    return malformed(
        fmt::format("note: the signature of {} is not base64 of a key id and at least one byte",
                    rest.substr(0, space)));
  }
  NoteSignature signature;
  signature.name = rest.substr(0, space);
  for (std::size_t i = 0; i < kKeyIdBytes; ++i) {
    signature.key_id = signature.key_id << 8 | (*bytes)[i];
  }
  signature.signature = to_bytes(ByteView(*bytes).subspan(kKeyIdBytes));
  signature.line = line;
  return signature;
}

ByteView raw_key(const crypto::PublicKey& key) {
  // An Ed25519 SubjectPublicKeyInfo is 12 fixed bytes and the key (RFC 8410 4).
  return ByteView(key.spki()).last(kEd25519KeyBytes);
}

}  // namespace

Result<Note> parse_note(std::string_view note) {
  if (note.size() > kNoteBytesMax) {
    return malformed(fmt::format("note: {} bytes, over {}", note.size(), kNoteBytesMax));
  }
  VITRINE_CHECK(check_lines(note));
  const auto gap = note.rfind("\n\n");
  if (gap == std::string_view::npos) return malformed("note: no empty line after the text");
  Note parsed;
  parsed.text = note.substr(0, gap + 1);
  std::string_view lines = note.substr(gap + 2);
  if (lines.empty()) return malformed("note: no signature");
  while (!lines.empty()) {
    if (parsed.signatures.size() == kSignaturesMax) {
      return malformed(fmt::format("note: over {} signatures", kSignaturesMax));
    }
    const auto end = lines.find('\n');
    VITRINE_TRY(auto signature, parse_signature(lines.substr(0, end)));
    parsed.signatures.push_back(std::move(signature));
    lines.remove_prefix(end + 1);
  }
  return parsed;
}

std::uint32_t ed25519_key_id(std::string_view name, const crypto::PublicKey& key) {
  const Byte separators[] = {'\n', kEd25519Type};
  const Digest hash = crypto::sha256({as_bytes(name), separators, raw_key(key)});
  std::uint32_t id = 0;
  for (std::size_t i = 0; i < kKeyIdBytes; ++i) id = id << 8 | hash.bytes[i];
  return id;
}

std::string ed25519_vkey(std::string_view name, const crypto::PublicKey& key) {
  Bytes typed = {kEd25519Type};
  append(typed, raw_key(key));
  return fmt::format("{}+{:08x}+{}", name, ed25519_key_id(name, key), to_base64(typed));
}

Result<NoteKey> parse_ed25519_vkey(std::string_view vkey) {
  const auto first = vkey.find('+');
  const auto second = first == std::string_view::npos ? first : vkey.find('+', first + 1);
  if (second == std::string_view::npos) {
    return malformed("verifier key: not name+id+key", "an example: log.example+13902f42+AZjr…");
  }
  const auto name = vkey.substr(0, first);
  if (!is_key_name(name)) {
    return malformed("verifier key: its name is empty, too long, or holds white space");
  }
  const auto bytes = from_base64(vkey.substr(second + 1));
  if (!bytes || bytes->size() != 1 + kEd25519KeyBytes || bytes->front() != kEd25519Type) {
    return malformed("verifier key: not base64 of the type 1 and 32 bytes of an Ed25519 key");
  }
  VITRINE_TRY(auto key, crypto::PublicKey::from_ed25519(ByteView(*bytes).subspan(1)));
  const auto id = fmt::format("{:08x}", ed25519_key_id(name, key));
  if (vkey.substr(first + 1, second - first - 1) != id) {
    return malformed(fmt::format("verifier key: its id is not {}, which name and key give", id));
  }
  return NoteKey{std::string(name), std::move(key)};
}

Result<std::string> sign_note(std::string_view text, std::string_view name,
                              const crypto::PrivateKey& key) {
  if (key.kind() != crypto::KeyKind::ed25519) return internal("note: not an Ed25519 key");
  VITRINE_CHECK(check_lines(text));
  if (!is_key_name(name)) {
    return malformed("note: the key name is empty, too long, or holds white space or '+'");
  }
  VITRINE_TRY(const auto signature, key.sign(crypto::SignatureAlgorithm::ed25519, as_bytes(text)));
  const std::uint32_t id = ed25519_key_id(name, key.public_key());
  Bytes bytes = {static_cast<Byte>(id >> 24), static_cast<Byte>(id >> 16),
                 static_cast<Byte>(id >> 8), static_cast<Byte>(id)};
  append(bytes, signature);
  return fmt::format("{}\n{}{} {}\n", text, kDash, name, to_base64(bytes));
}

Result<std::string> verify_note(std::string_view note, std::span<const NoteKey> known) {
  VITRINE_TRY(auto parsed, parse_note(note));
  bool verified = false;
  for (const auto& [name, key] : known) {
    const std::uint32_t id = ed25519_key_id(name, key);
    for (const NoteSignature& signature : parsed.signatures) {
      if (signature.name != name || signature.key_id != id) continue;
      if (!key.verify(crypto::SignatureAlgorithm::ed25519, as_bytes(parsed.text),
                      signature.signature)) {
        return denied(fmt::format("note: the signature of {} does not verify", name));
      }
      verified = true;
    }
  }
  if (!verified) return denied("note: no signature by a known key");
  return std::move(parsed.text);
}

Result<std::string> verify_note(std::string_view note, std::string_view name,
                                const crypto::PublicKey& key) {
  const NoteKey known{std::string(name), key};
  return verify_note(note, std::span(&known, 1));
}

}  // namespace vitrine::ledger
