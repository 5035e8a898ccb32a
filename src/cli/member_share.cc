// vitrine member share decrypt: the part of a recovery that is a member's own (ccf.md 3, 10).
#include "cli/member_share.h"

#include "base/base64.h"
#include "base/hex.h"
#include "base/limits.h"
#include "cli/connection.h"
#include "cli/input.h"
#include "cli/signing.h"

namespace vitrine::cli {
namespace {

Result<crypto::PrivateKey> encryption_key_of(const ShareOptions& options) {
  std::string path = options.encryption_key;
  if (path.empty() && !options.signing.as.empty()) path = options.signing.as + "_enc_privk.pem";
  if (path.empty()) {
    return malformed("no key is named to decrypt with",
                     "name it: --as NAME (NAME_enc_privk.pem), or --encryption-key FILE");
  }
  VITRINE_TRY(const auto secret, read_secret(path, limits::kPemBytesMax));
  auto key = crypto::PrivateKey::from_pem(as_text(secret.reveal()));
  if (!key) return in_context("encryption key " + path, key.error());
  if (key->kind() != crypto::KeyKind::rsa) {
    return malformed("encryption key " + path + " is not an RSA key",
                     "it is the one of NAME_enc_privk.pem, not the signing key");
  }
  return key;
}

Result<codec::json::Object> answer_of(const ShareOptions& options, Context& context) {
  if (!options.encrypted.empty()) return read_json(options.encrypted);
  VITRINE_TRY(const auto certificate, signer_certificate(options.signing, context));
  const std::string id = to_hex(certificate.der_sha256());
  VITRINE_TRY(auto service, connect(context));
  const auto answer = client::GovernanceApi(service).encrypted_share(id);
  if (!answer && answer.error().code == Code::not_found) {
    return not_found("the service holds no recovery share of member " + id,
                     "shares go to active members with an encryption key: vitrine member list");
  }
  if (!answer) return tl::unexpected<Error>(answer.error());
  if (!answer->body.is_object()) return internal("encrypted share: the answer is not an object");
  return answer->body.get_object();
}

SecretBytes base64_line(const SecretBytes& share) {
  std::string text = to_base64(share.reveal()) + "\n";
  SecretBytes line = SecretBytes::copy_of(as_bytes(text));
  wipe(text);
  return line;
}

}  // namespace

Result<EncryptedShare> encrypted_share_from(const codec::json::Object& answer) {
  auto text = codec::json::text_of(answer, "encryptedShare");
  if (!text) text = codec::json::text_of(answer, "encrypted_share");  // classic form (ccf.md 4)
  if (!text) return malformed("encrypted share: no text encryptedShare");
  auto bytes = from_base64(*text);
  if (!bytes) return in_context("encrypted share: encryptedShare", bytes.error());
  EncryptedShare share;
  share.encrypted = *std::move(bytes);
  const auto deal = codec::json::integer_of(answer, "deal");
  if (deal && *deal > 0) share.deal = static_cast<std::uint64_t>(*deal);
  return share;
}

Result<SecretBytes> decrypt_share(ByteView encrypted, const ShareOptions& options) {
  VITRINE_TRY(const auto key, encryption_key_of(options));
  auto share = key.oaep_decrypt(encrypted);
  if (!share) {
    return denied("recovery share: it is not encrypted to this key",
                  "was the member given another encryption key since? see: vitrine member list");
  }
  return share;
}

Status run_share_decrypt(const ShareOptions& options, Context& context) {
  VITRINE_TRY(const auto answer, answer_of(options, context));
  VITRINE_TRY(const auto share, encrypted_share_from(answer));
  VITRINE_TRY(const auto clear, decrypt_share(share.encrypted, options));
  const SecretBytes line = base64_line(clear);
  if (options.out.empty()) {
    context.out.raw(as_text(line.reveal()));
    return {};
  }
  VITRINE_CHECK(write_private(options.out, line.reveal()));
  context.out.result("share written to " + options.out + " (mode 0600): it is a secret\n",
                     {{"out", options.out}});
  return {};
}

}  // namespace vitrine::cli
