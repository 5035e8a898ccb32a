#include "keys/wrap.h"

#include "base/base64.h"
#include "base/hex.h"
#include "base/limits.h"
#include "crypto/hash.h"

namespace vitrine::keys {
namespace {

constexpr std::string_view kBegin = "-----BEGIN PUBLIC KEY-----";
constexpr std::string_view kEnd = "-----END PUBLIC KEY-----";
constexpr std::size_t kPrefixBytes = 8;  // 16 hex digits

// SHA-256 of the published sample wrapping key's SubjectPublicKeyInfo (attestation.md 4 names that
// of its PEM text, which may be broken into lines in other ways).
constexpr Digest kPublishedSampleKey{{0x00, 0x50, 0xdd, 0x52, 0x9c, 0xd4, 0xbf, 0x00,
                                      0xfc, 0xe6, 0x30, 0xd9, 0x9c, 0x95, 0xb9, 0x58,
                                      0x26, 0xf8, 0x8c, 0xbd, 0x34, 0x14, 0x25, 0x27,
                                      0x4e, 0xe6, 0x75, 0x73, 0x8e, 0xfc, 0x5c, 0xab}};

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// BEGIN, LF, lines, LF, END, LF and nothing else; what the lines hold is the key reader's to judge.
bool is_one_block(std::string_view text) {
  if (!text.starts_with(kBegin) || text.size() > limits::kPemBytesMax) return false;
  text.remove_prefix(kBegin.size());
  constexpr std::string_view kTail = "\n-----END PUBLIC KEY-----\n";
  if (!text.starts_with('\n') || text.size() <= kTail.size() || !text.ends_with(kTail)) {
    return false;
  }
  text.remove_suffix(kTail.size());
  return text.find_first_not_of(
             "\nABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=") ==
         std::string_view::npos;
}

Result<crypto::PublicKey> read_wrapping_key(std::string_view text) {
  if (!is_one_block(text)) {
    return malformed("wrapping key: not one PEM block with LF line ends");
  }
  auto key = crypto::PublicKey::from_pem(text);
  if (!key) return in_context("wrapping key", key.error());
  if (key->kind() != crypto::KeyKind::rsa) return malformed("wrapping key: not an RSA key");
  return key;
}

}  // namespace

PemLook look_at_pem(std::string_view text) {
  PemLook look;
  look.has_begin = contains(text, kBegin);
  look.has_end = contains(text, kEnd);
  look.has_literal_newline = contains(text, "\\n");
  look.has_actual_newline = contains(text, "\n");
  look.acceptable = is_one_block(text);
  return look;
}

Result<BoundKey> bound_by(const attestation::Claims& claims, std::string_view wrapping_key_text,
                          WrappingKeys& known) {
  const auto digest = crypto::sha256(as_bytes(wrapping_key_text));
  const ByteView report_data = claims.report_data();
  if (!same(report_data.first(32), digest)) {
    return denied("wrapping key: its SHA-256 is not what the report data begins with",
                  "hash the PEM text exactly as it is sent, final newline included");
  }
  if (!all_zero(report_data.subspan(32))) {
    return denied("wrapping key: bytes 32 to 63 of the report data are not zero");
  }
  if (const auto key = known.keys_.find(digest)) return BoundKey(*key, digest);
  VITRINE_TRY(auto key, read_wrapping_key(wrapping_key_text));
  known.keys_.insert(digest, std::make_shared<const crypto::PublicKey>(key));
  return BoundKey(std::move(key), digest);
}

std::string hash_prefix(std::string_view wrapping_key_text) {
  const auto digest = crypto::sha256(as_bytes(wrapping_key_text));
  return to_hex(ByteView(digest).first(kPrefixBytes));
}

std::string report_data_prefix(const attestation::Claims& claims) {
  return to_hex(ByteView(claims.report_data()).first(kPrefixBytes));
}

Result<Bytes> wrap_for(const policy::AttestationResult& /*proof that a policy accepted*/,
                       const BoundKey& key, ByteView plaintext) {
  auto wrapped = key.key().oaep_encrypt(plaintext);
  if (!wrapped) return in_context("wrap", wrapped.error());
  return wrapped;
}

bool is_published_sample_key(const crypto::PublicKey& key) {
  return key.spki_sha256() == kPublishedSampleKey;
}

}  // namespace vitrine::keys
