// The private JWK (kms-api.md 4.8).
#include "base/assert.h"
#include "base/base64.h"
#include "keys/format_table.h"
#include "keys/key.h"
#include "keys/secret_text.h"

namespace vitrine::keys {
namespace {

// Checks that d belongs to the public key the JWK names: a damaged key would decrypt nothing, and
// nobody would know why.
Status check_public_half(const FlatObject& jwk, crypto::Kem kem, const SecretBytes& d) {
  VITRINE_TRY(const auto public_key, crypto::kem_public_of(kem, d.reveal()));
  const auto format = format_of(kem);
  const ByteView raw = ByteView(public_key).subspan(format.kty == "EC" ? 1 : 0);
  if (jwk.text("x") != to_base64url(raw.first(format.coordinate))) {
    return malformed("private JWK: x is not the public half of d");
  }
  if (format.kty == "EC" && jwk.text("y") != to_base64url(raw.subspan(format.coordinate))) {
    return malformed("private JWK: y is not the public half of d");
  }
  return {};
}

}  // namespace

SecretBytes private_jwk(const PublicItem& item, ByteView private_key) {
  VITRINE_ASSERT(private_key.size() == crypto::kem_sizes(item.kem).private_key);
  // The public JWK's text with d put in after crv; d itself is never in another string.
  codec::json::Object head_only;
  head_only["crv"] = format_of(item.kem).crv;
  auto head = codec::json::write(head_only);
  head.pop_back();  // the closing brace
  const auto whole = codec::json::write(public_jwk(item));
  VITRINE_ASSERT(whole.starts_with(head));

  constexpr std::string_view kBefore = ",\"d\":\"", kAfter = "\"";
  const auto d_size = base64url_size(private_key.size());
  SecretWriter out(whole.size() + kBefore.size() + d_size + kAfter.size());
  out.put(as_bytes(head));
  out.put(as_bytes(kBefore));
  base64url_into(private_key, out.reserve(d_size));
  out.put(as_bytes(kAfter));
  out.put(as_bytes(std::string_view(whole).substr(head.size())));
  return out.finish();
}

Result<SecretBytes> private_key_from_jwk(ByteView jwk) {
  constexpr std::size_t kJwkBytesMax = 4096;
  if (jwk.size() > kJwkBytesMax) return malformed("private JWK: over 4096 bytes");
  auto object = FlatObject::parse(as_text(jwk));
  if (!object) return in_context("private JWK", object.error());
  const auto crv = object->text("crv");
  for (const auto kem :
       {crypto::Kem::x25519_sha256, crypto::Kem::p256_sha256, crypto::Kem::p384_sha384}) {
    const auto format = format_of(kem);
    if (crv != format.crv) continue;
    if (object->text("kty") != format.kty) return malformed("private JWK: kty does not fit crv");
    const auto text = object->text("d");
    if (!text) return malformed("private JWK: d is absent");
    auto d = secret_from_base64url(as_bytes(*text), crypto::kem_sizes(kem).private_key);
    if (!d) return in_context("private JWK: d", d.error());
    VITRINE_CHECK(check_public_half(*object, kem, *d));
    return d;
  }
  return malformed("private JWK: crv is not X25519, P-256 or P-384");
}

}  // namespace vitrine::keys
