// vitrine member keygen: what CCF's key script makes, with the same names (ccf.md 1).
#include <fmt/format.h>

#include "base/file.h"
#include "base/hex.h"
#include "cli/governance_commands.h"
#include "cli/input.h"
#include "crypto/x509.h"

namespace vitrine::cli {
namespace {

constexpr std::size_t kEncryptionKeyBits = 3072;
constexpr std::int64_t kDaysMax = 36'500;

// A path is never built from a name that leads elsewhere.
Status check_name(const std::string& name) {
  const bool plain =
      !name.empty() && name.find('/') == std::string::npos && name[0] != '.' && name.size() <= 64;
  if (plain) return {};
  return malformed("member's name \"" + name + "\": it must be a file name of 1 to 64 characters",
                   "say where the files go with --out DIR");
}

Result<crypto::Certificate> certificate_for(const KeygenOptions& options,
                                            const crypto::PrivateKey& key, Time now) {
  if (options.days < 1 || options.days > kDaysMax) {
    return malformed(fmt::format("--days {}: it must be from 1 to {}", options.days, kDaysMax));
  }
  crypto::CertificateRequest request;
  request.common_name = options.name;
  request.not_before = now;
  request.not_after = now + std::chrono::hours{24 * options.days};
  return crypto::make_self_signed(request, key);
}

struct File {
  std::string path;
  bool secret = false;
  SecretBytes content;
};

File public_file(std::string path, std::string_view text) {
  return {std::move(path), false, SecretBytes::copy_of(as_bytes(text))};
}

// All or none: nothing is written where one of them is there already.
Status write_files(const std::vector<File>& files) {
  for (const auto& file : files) {
    if (exists(file.path)) {
      return conflict("write " + file.path + ": it is there already, and is never overwritten",
                      "choose another name, or another folder with --out");
    }
  }
  for (const auto& file : files) {
    VITRINE_CHECK(file.secret ? write_new_private(file.path, file.content.reveal())
                              : write_new_public(file.path, file.content.reveal()));
  }
  return {};
}

}  // namespace

Status run_member_keygen(const KeygenOptions& options, Context& context) {
  VITRINE_CHECK(check_name(options.name));
  const auto curve = options.curve == "p256" ? crypto::KeyKind::ec_p256 : crypto::KeyKind::ec_p384;
  VITRINE_TRY(const auto key, crypto::PrivateKey::generate(curve));
  VITRINE_TRY(const auto certificate, certificate_for(options, key, context.clock.now()));
  const std::string path = options.out + "/" + options.name;
  std::vector<File> files;
  files.push_back({path + "_privk.pem", true, key.pem()});
  files.push_back(public_file(path + "_cert.pem", certificate.pem()));
  if (options.encryption_key) {
    VITRINE_TRY(const auto rsa,
                crypto::PrivateKey::generate(crypto::KeyKind::rsa, kEncryptionKeyBits));
    files.push_back({path + "_enc_privk.pem", true, rsa.pem()});
    files.push_back(public_file(path + "_enc_pubk.pem", rsa.public_key().pem()));
  }
  VITRINE_CHECK(write_files(files));
  Fields fields;
  fields.add("member", options.name);
  fields.add("id", to_hex(certificate.der_sha256()));
  fields.add("until", to_rfc3339(certificate.not_after()));
  codec::json::Array paths;
  for (const auto& file : files) {
    fields.add(file.secret ? "secret" : "public", file.path);
    paths.push_back(codec::json::Value(file.path));
  }
  codec::json::Object document{{"member", options.name},
                               {"id", to_hex(certificate.der_sha256())},
                               {"until", to_rfc3339(certificate.not_after())},
                               {"files", std::move(paths)}};
  context.out.result(fields.to_text(), document);
  return {};
}

}  // namespace vitrine::cli
