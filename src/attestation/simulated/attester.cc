#include "attestation/simulated/attester.h"

#include <fmt/format.h>

#include <algorithm>

#include "attestation/simulated/report.h"
#include "crypto/hash.h"

namespace vitrine::attestation::simulated {

namespace {

using crypto::Certificate;
using crypto::PrivateKey;

constexpr auto kDay = std::chrono::hours(24);
constexpr std::string_view kCspId = "CN=simulated.invalid";

// Genuine ARKs live 25 years.
Validity issuer_validity(Time now) { return {now - kDay, now + 25 * 365 * kDay}; }
Validity vcek_validity(Time from) { return {from, from + 7 * 365 * kDay}; }

Bytes hashed(crypto::Hash hash, std::string_view label, ByteView rest) {
  Bytes all = to_bytes(label);
  append(all, rest);
  return crypto::digest(hash, all);
}

template <std::size_t N>
std::array<Byte, N> first_of(const Bytes& bytes) {
  std::array<Byte, N> out{};
  std::copy_n(bytes.begin(), std::min(N, bytes.size()), out.begin());
  return out;
}

// The same chip for as long as its key lives.
Bytes hwid_of(snp::Product product, const PrivateKey& chip_key) {
  auto hwid = hashed(crypto::Hash::sha512, "simulated chip", chip_key.public_key().spki());
  hwid.resize(snp::hwid_size(product));
  return hwid;
}

snp::Cpuid cpuid_of(snp::Product product) {
  switch (product) {
    case snp::Product::genoa:
      return {0x19, 0x11, 1};
    case snp::Product::turin:
      return {0x1a, 0x02, 1};
    default:
      return {0x19, 0x01, 1};
  }
}

}  // namespace

std::array<Byte, 48> default_measurement() {
  return first_of<48>(hashed(crypto::Hash::sha384, "simulated guest", {}));
}

snp::TcbComponents default_tcb() { return {0, 4, 0, 24, 219}; }

Attester::Attester(snp::Product product, snp::EndorsementKey kind, Certificate ark,
                   CertifiedKey ask, PrivateKey chip_key, Certificate leaf, UvmIdentity uvm,
                   Bytes endorsement)
    : product_(product),
      kind_(kind),
      ark_(std::move(ark)),
      ask_(std::move(ask)),
      chip_key_(std::move(chip_key)),
      leaf_(std::move(leaf)),
      uvm_(std::move(uvm)),
      uvm_endorsement_(std::move(endorsement)) {}

// Without `leaf` one is made.
Result<Attester> Attester::assemble(snp::Product product, snp::EndorsementKey kind, Certificate ark,
                                    CertifiedKey ask, PrivateKey chip_key,
                                    std::optional<Certificate> leaf, UvmIdentity uvm) {
  VITRINE_TRY(auto endorsement, endorse_uvm(uvm, default_measurement()));
  const Certificate issuer = ask.certificate;
  Attester attester(product, kind, std::move(ark), std::move(ask), std::move(chip_key),
                    leaf ? *leaf : issuer, std::move(uvm), std::move(endorsement));
  if (!leaf) {
    VITRINE_TRY(attester.leaf_, make_leaf(attester.leaf_options(default_tcb()),
                                          attester.chip_key_.public_key(), attester.ask_));
  }
  return attester;
}

Result<Attester> Attester::make(Time now, const AttesterOptions& options) {
  const auto validity = issuer_validity(now);
  VITRINE_TRY(auto ark, make_ark(options.product, validity, options.rsa_bits));
  VITRINE_TRY(auto ask, make_ask(ark, options.product, options.kind, validity, options.rsa_bits));
  VITRINE_TRY(auto chip_key, PrivateKey::generate(crypto::KeyKind::ec_p384));
  VITRINE_TRY(auto uvm, make_uvm_identity(validity));
  return assemble(options.product, options.kind, std::move(ark.certificate), std::move(ask),
                  std::move(chip_key), std::nullopt, std::move(uvm));
}

SnpRoot Attester::root() const {
  return {std::string(name_of(product_)), ark_.public_key().spki_sha256(), true};
}

UvmSigner Attester::uvm_signer() const {
  return {uvm_.did(), std::string(kUvmFeed), kUvmSvn, uvm_.chain.back().public_key().spki_sha256(),
          true};
}

LeafOptions Attester::leaf_options(const snp::TcbComponents& tcb) const {
  LeafOptions options;
  options.product = product_;
  options.kind = kind_;
  options.tcb = tcb;
  options.hwid = hwid_of(product_, chip_key_);
  options.csp_id = kCspId;
  options.validity = vcek_validity(ask_.certificate.not_before());
  return options;
}

snp::AttestationReport Attester::report(const AttestRequest& request) const {
  const bool vlek = kind_ == snp::EndorsementKey::vlek;
  const auto tcb = snp::version_of(product_, request.tcb.value_or(default_tcb()));
  const auto& spki = chip_key_.public_key().spki();
  snp::AttestationReport report;
  report.version = request.version;
  report.guest_svn = request.guest_svn;
  report.policy.bits = request.policy;
  report.family_id[0] = 1;
  report.image_id[0] = 2;
  report.vmpl = request.vmpl;
  report.signature_algo = snp::kEcdsaP384Sha384;
  report.current_tcb = report.reported_tcb = report.committed_tcb = report.launch_tcb = tcb;
  report.platform_info = 0x25;
  report.flags = request.flags | (vlek ? 1U << 2 : 0U);
  report.report_data = request.report_data;
  report.measurement = request.measurement.value_or(default_measurement());
  report.host_data = request.host_data;
  report.report_id = first_of<32>(hashed(crypto::Hash::sha256, "simulated report", spki));
  report.report_id_ma.fill(0xff);
  if (request.version >= 3) report.cpuid = cpuid_of(product_);
  if (!vlek) report.chip_id = first_of<64>(hwid_of(product_, chip_key_));
  report.current_firmware = report.committed_firmware = {31, 55, 1};
  return report;
}

std::string Attester::endorsements(const Certificate& leaf) const {
  return leaf.pem() + ask_.certificate.pem() + ark_.pem();
}

Result<SnpEvidence> Attester::attest(const AttestRequest& request) const {
  SnpEvidence evidence;
  const auto unsigned_report = report(request);
  VITRINE_TRY(evidence.report, sign_report(encode_report(unsigned_report), chip_key_));
  if (!request.tcb || *request.tcb == default_tcb()) {
    evidence.endorsements = endorsements(leaf_);
  } else {
    VITRINE_TRY(const auto leaf,
                make_leaf(leaf_options(*request.tcb), chip_key_.public_key(), ask_));
    evidence.endorsements = endorsements(leaf);
  }
  if (request.raw) return evidence;
  if (unsigned_report.measurement == default_measurement()) {
    evidence.uvm_endorsements = uvm_endorsement_;
  } else {
    VITRINE_TRY(evidence.uvm_endorsements, endorse_uvm(uvm_, unsigned_report.measurement));
  }
  evidence.endorsed_tcb = snp::tcb_to_text(unsigned_report.reported_tcb, snp::TcbOrder::big_endian);
  return evidence;
}

}  // namespace vitrine::attestation::simulated
