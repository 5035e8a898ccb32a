#include "crypto/x509.h"

#include "base/limits.h"
#include "codec/pem.h"
#include "crypto/der_writer.h"
#include "crypto/x509_state.h"

namespace vitrine::crypto {
namespace {

constexpr std::string_view kPemLabel = "CERTIFICATE";

Result<NameText> named(std::string_view which, ByteView der) {
  auto name = read_name(der);
  if (!name) return in_context("certificate: " + std::string(which), std::move(name).error());
  return name;
}

}  // namespace

Result<Certificate> Certificate::from_der(ByteView der) {
  if (der.size() > limits::kCertificateBytesMax) {
    return malformed("certificate: " + std::to_string(der.size()) + " bytes; at most " +
                     std::to_string(limits::kCertificateBytesMax) + " are read");
  }
  auto parsed = parse_certificate(der);
  if (!parsed) return in_context("certificate", std::move(parsed).error());
  auto key = PublicKey::from_spki(parsed->spki);
  if (!key) return in_context("certificate", std::move(key).error());
  const auto state = std::make_shared<State>(der, *std::move(key));
  VITRINE_TRY(state->subject, named("subject", parsed->subject));
  VITRINE_TRY(state->issuer, named("issuer", parsed->issuer));
  state->der_sha256 = sha256(der);
  state->parsed = *std::move(parsed);
  return Certificate(state);
}

Result<Certificate> Certificate::from_pem(std::string_view pem) {
  VITRINE_TRY(const auto der, codec::pem::decode_one(pem, kPemLabel));
  return from_der(der);
}

Result<std::vector<Certificate>> Certificate::list_from_pem(std::string_view pem,
                                                            std::size_t count_max) {
  VITRINE_TRY(const auto blocks, codec::pem::decode(pem));
  if (blocks.size() > count_max) {
    return malformed("certificates: " + std::to_string(blocks.size()) +
                     " in the PEM text; at most " + std::to_string(count_max) + " are read");
  }
  std::vector<Certificate> list;
  for (const auto& block : blocks) {
    if (block.label != kPemLabel) return malformed("PEM block is no CERTIFICATE");
    VITRINE_TRY(auto certificate, from_der(block.der));
    list.push_back(std::move(certificate));
  }
  return list;
}

const Bytes& Certificate::der() const { return state_->der; }
const Digest& Certificate::der_sha256() const { return state_->der_sha256; }
std::string Certificate::pem() const { return codec::pem::encode(kPemLabel, state_->der); }
const PublicKey& Certificate::public_key() const { return state_->public_key; }
const Bytes& Certificate::subject() const { return state_->parsed.subject; }
const Bytes& Certificate::issuer() const { return state_->parsed.issuer; }
std::string Certificate::subject_text() const { return state_->subject.text; }
Time Certificate::not_before() const { return state_->parsed.not_before; }
Time Certificate::not_after() const { return state_->parsed.not_after; }

const std::string& Certificate::subject_common_name() const { return state_->subject.common_name; }
const std::string& Certificate::issuer_common_name() const { return state_->issuer.common_name; }

std::optional<bool> Certificate::is_ca() const { return state_->parsed.extensions.ca; }
std::optional<int> Certificate::path_length() const {
  return state_->parsed.extensions.path_length;
}
std::optional<bool> Certificate::may_sign_certificates() const {
  return state_->parsed.extensions.may_sign_certificates;
}
bool Certificate::has_unknown_critical_extension() const {
  return state_->parsed.extensions.unknown_critical;
}
std::vector<std::string> Certificate::extended_key_usages() const {
  return state_->parsed.extensions.extended_key_usages;
}

Result<std::optional<Bytes>> Certificate::extension(std::string_view oid) const {
  VITRINE_CHECK(der_oid(oid).map([](const Bytes&) {}));
  for (const CertificateExtension& extension : state_->parsed.extensions.all) {
    if (extension.oid == oid) return extension.value;
  }
  return std::nullopt;
}

const Bytes& Certificate::to_be_signed() const { return state_->parsed.to_be_signed; }
const Bytes& Certificate::signature_algorithm() const { return state_->parsed.signature_algorithm; }
const Bytes& Certificate::signature() const { return state_->parsed.signature; }

}  // namespace vitrine::crypto
