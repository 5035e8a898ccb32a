// vitrine seal and open: HPKE to a key of the service, and back with the released private key.
#include "client/seal.h"

#include <fmt/format.h>

#include "base/base64.h"
#include "cli/commands.h"
#include "cli/connection.h"
#include "cli/input.h"

namespace vitrine::cli {
namespace {

// A saved answer is checked by its receipt where a service certificate is known; without one the
// caller vouches for the file.
Result<client::PublicKey> key_from_file(const SealOptions& options, Context& context) {
  VITRINE_TRY(const auto json, read_json(options.key));
  auto key = client::public_key_from_json(json);
  if (!key) return in_context(options.key, key.error());
  VITRINE_TRY(const auto pinned, pinned_certificate(context.global));
  if (!pinned || key->receipt.empty()) {
    context.out.note("the key in " + options.key + " is taken as it is: " +
                     (pinned ? "it has no receipt" : "no service certificate is pinned"));
    return key;
  }
  VITRINE_TRY(const auto receipt, client::parse_receipt(key->receipt));
  auto verified = client::verify_key_receipt(receipt, key->x, *pinned);
  if (!verified) return in_context(options.key, verified.error());
  return key;
}

// Never encrypts to a key that only the network vouches for.
Result<client::PublicKey> key_from_service(const SealOptions& options, Context& context) {
  VITRINE_TRY(const auto pinned, required_certificate(context.global));
  VITRINE_TRY(auto service, connect(context));
  VITRINE_TRY(auto answer, service.pubkey(options.kid, client::KeyFormat::jwk));
  if (!options.kid.empty() && answer.key.kid != options.kid) {
    return denied("public key: asked for " + options.kid + ", the service sent " + answer.key.kid);
  }
  VITRINE_TRY(const auto receipt, client::parse_receipt(answer.key.receipt));
  VITRINE_CHECK(client::verify_key_receipt(receipt, answer.key.x, pinned));
  return std::move(answer.key);
}

// {"kid","plaintext"} with the plaintext in base64: bytes need not be text.
void show_plaintext(const SecretBytes& plaintext, const std::string& kid, Context& context) {
  if (!context.out.json()) {
    context.out.raw(as_text(plaintext.reveal()));
    return;
  }
  codec::json::Object head;
  head["kid"] = kid;
  std::string document = codec::json::write(head);
  document.pop_back();
  document.reserve(document.size() + plaintext.size() * 2 + 32);  // no copy is left behind
  std::string encoded = to_base64(plaintext.reveal());
  document += ",\"plaintext_base64\":\"";
  document += encoded;
  document += "\"}\n";
  context.out.raw(document);
  wipe(encoded);
  wipe(document);
}

}  // namespace

Status run_seal(const SealOptions& options, Context& context) {
  if (!options.key.empty() && !options.kid.empty()) {
    return malformed("seal: --kid and --key are both given", "--key FILE says which key it is");
  }
  VITRINE_TRY(const auto key, options.key.empty() ? key_from_service(options, context)
                                                  : key_from_file(options, context));
  VITRINE_TRY(const auto plaintext, read_secret(options.in, kPlaintextBytesMax));
  VITRINE_TRY(const auto sealed, client::seal(key, plaintext.reveal()));
  const auto json = client::to_json(sealed);
  const std::string text = codec::json::write(json) + "\n";
  if (options.out.empty()) {
    context.out.raw(text);
    return {};
  }
  VITRINE_CHECK(write_public(options.out, as_bytes(text)));
  codec::json::Object document;
  document["kid"] = sealed.kid;
  document["plaintext_bytes"] = plaintext.size();
  document["out"] = options.out;
  context.out.result(
      fmt::format("sealed {} bytes to key {}, written to {}\n", plaintext.size(),
                  sealed.kid.empty() ? "id " + std::to_string(key.id) : sealed.kid, options.out),
      document);
  return {};
}

Status run_open(const OpenOptions& options, Context& context) {
  VITRINE_TRY(const auto file, read_secret(options.key));
  auto key = client::read_private_key(file.reveal());
  if (!key) return in_context(options.key, key.error());
  // base64url of the ciphertext is a third longer
  VITRINE_TRY(const auto text, read_text(options.in, kPlaintextBytesMax / 3 * 4 + 4096));
  VITRINE_TRY(const auto sealed, client::sealed_from_json(text));
  VITRINE_TRY(const auto plaintext, client::open(sealed, *key));
  if (options.out.empty()) {
    show_plaintext(plaintext, sealed.kid, context);
    return {};
  }
  VITRINE_CHECK(write_private(options.out, plaintext.reveal()));
  codec::json::Object document;
  document["kid"] = sealed.kid;
  document["plaintext_bytes"] = plaintext.size();
  document["out"] = options.out;
  context.out.result(
      fmt::format("opened {} bytes, written to {} (mode 0600)\n", plaintext.size(), options.out),
      document);
  return {};
}

}  // namespace vitrine::cli
