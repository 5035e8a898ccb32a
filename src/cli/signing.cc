#include "cli/signing.h"

#include <fmt/format.h>

#include "base/base64.h"
#include "base/file.h"
#include "base/hex.h"
#include "base/limits.h"
#include "cli/input.h"

namespace vitrine::cli {
namespace {

Result<crypto::Certificate> read_certificate(const std::string& path) {
  VITRINE_TRY(const auto pem, read_text(path, limits::kPemBytesMax));
  auto certificate = crypto::Certificate::from_pem(pem);
  if (!certificate) return in_context("signer's certificate " + path, certificate.error());
  return certificate;
}

tl::unexpected<Error> nobody_signs() {
  return malformed("nobody is named to sign",
                   "say who: --as NAME (NAME_cert.pem and NAME_privk.pem), or --cert and --key");
}

// NAME_cert.pem lies here; in development mode those of the service lie in its common folder.
std::string path_of(const std::string& name, std::string_view suffix, const Global& global) {
  const std::string here = name + std::string(suffix);
  const std::string common = global.common + "/" + here;
  return !exists(here) && exists(common) ? common : here;
}

std::string cert_path(const SigningOptions& options, const Global& global) {
  return options.as.empty() ? options.cert : path_of(options.as, "_cert.pem", global);
}
std::string key_path(const SigningOptions& options, const Global& global) {
  return options.as.empty() ? options.key : path_of(options.as, "_privk.pem", global);
}

Result<std::optional<Bytes>> written_for_hsm(const client::SignedRequest& request,
                                             const SigningOptions& options, Context& context) {
  VITRINE_TRY(const auto certificate, signer_certificate(options, context));
  VITRINE_TRY(const auto prepared, client::prepare(request, certificate));
  VITRINE_TRY(const auto to_sign, client::to_sign(prepared));
  const Bytes unsigned_message = crypto::write_cose_sign1(
      prepared.protected_bytes, prepared.unprotected_header, prepared.payload, prepared.signature);
  VITRINE_CHECK(write_public(options.prepare, unsigned_message));
  context.out.raw(codec::json::write(to_json(to_sign)) + "\n");
  context.out.note("sign the digest, then: vitrine cose finish --prepared " + options.prepare +
                   " --cert " + cert_path(options, context.global) +
                   " --signature FILE --out signed.cose");
  return std::optional<Bytes>();
}

}  // namespace

Result<crypto::Certificate> signer_certificate(const SigningOptions& options,
                                               const Context& context) {
  const std::string path = cert_path(options, context.global);
  if (path.empty()) return nobody_signs();
  return read_certificate(path);
}

Result<client::Signer> read_signer(const std::string& cert, const std::string& key) {
  if (cert.empty() || key.empty()) return nobody_signs();
  VITRINE_TRY(auto certificate, read_certificate(cert));
  VITRINE_TRY(const auto secret, read_secret(key, limits::kPemBytesMax));
  auto private_key = crypto::PrivateKey::from_pem(as_text(secret.reveal()));
  if (!private_key) return in_context("signer's key " + key, private_key.error());
  auto signer = client::make_signer(std::move(certificate), *std::move(private_key));
  if (!signer) return malformed("signer's key " + key + " is not the one of " + cert);
  return signer;
}

Result<std::optional<Bytes>> sign_or_write(const client::SignedRequest& request,
                                           const SigningOptions& options, Context& context,
                                           codec::json::Object document) {
  if (!options.prepare.empty()) return written_for_hsm(request, options, context);
  VITRINE_TRY(const auto signer,
              read_signer(cert_path(options, context.global), key_path(options, context.global)));
  VITRINE_TRY(auto bytes, client::sign(request, signer));
  if (options.cose_out.empty()) return std::optional<Bytes>(std::move(bytes));
  VITRINE_CHECK(write_public(options.cose_out, bytes));
  document["signer"] = to_hex(signer.certificate.der_sha256());
  document["out"] = options.cose_out;
  context.out.result(fmt::format("signed ({}, {} bytes), not sent; written to {}\n",
                                 client::name_of(request.type), bytes.size(), options.cose_out),
                     document);
  return std::optional<Bytes>();
}

codec::json::Object to_json(const client::ToSign& to_sign) {
  return {{"alg", to_sign.algorithm}, {"value", to_base64(to_sign.digest)}};
}

Status confirm(const SigningOptions& options, Context& context, std::string_view question) {
  if (options.yes) return {};
  const auto answer = ask(context.out, std::string(question) + " [y/N]");
  if (!answer || *answer == "y" || *answer == "yes") return {};
  return denied("nothing was signed or sent: the answer was not y");
}

}  // namespace vitrine::cli
