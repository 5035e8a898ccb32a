#include "attestation/snp/verify.h"

#include <fmt/format.h>

#include "base/hex.h"

namespace vitrine::attestation::snp {

namespace {

Status check_component(std::string_view name, std::uint8_t certificate, std::uint8_t report) {
  if (certificate == report) return {};
  return denied(fmt::format("SNP report: reported_tcb has {} SVN {}, the certificate is for {}",
                            name, report, certificate));
}

// AMD issues a certificate per TCB, so each component is equal, not merely no higher.
Status check_tcb(const AttestationReport& report, const EndorsementChain& chain) {
  auto components = components_of(chain.product, report.reported_tcb);
  if (!components) {
    return in_context("SNP report: reported_tcb", std::move(components).error());
  }
  VITRINE_CHECK(check_component("FMC", chain.tcb.fmc, components->fmc));
  VITRINE_CHECK(check_component("boot loader", chain.tcb.boot_loader, components->boot_loader));
  VITRINE_CHECK(check_component("TEE", chain.tcb.tee, components->tee));
  VITRINE_CHECK(check_component("SNP", chain.tcb.snp, components->snp));
  VITRINE_CHECK(check_component("microcode", chain.tcb.microcode, components->microcode));
  if (chain.tcbm && *chain.tcbm != report.reported_tcb) {
    return denied(fmt::format("SNP endorsements: THIM member tcbm {} is not reported_tcb {}",
                              tcb_to_text(*chain.tcbm, TcbOrder::big_endian),
                              tcb_to_text(report.reported_tcb, TcbOrder::big_endian)));
  }
  return {};
}

Status check_chip(const AttestationReport& report, const EndorsementChain& chain) {
  const ByteView chip_id(report.chip_id);
  if (chain.kind == EndorsementKey::vlek) {
    if (all_zero(chip_id)) return {};
    return denied("SNP report: chip_id is not zero, as it is with a VLEK");
  }
  const auto hwid = chip_id.first(chain.hwid.size());
  if (!same(hwid, chain.hwid)) {
    return denied(fmt::format("SNP report: chip_id {} is not the HWID of the VCEK, {}",
                              to_hex(hwid), to_hex(chain.hwid)));
  }
  if (!all_zero(chip_id.subspan(chain.hwid.size()))) {
    return denied("SNP report: chip_id has bytes set after the HWID");
  }
  return {};
}

}  // namespace

Result<EndorsementKey> expected_key(const AttestationReport& report) {
  const auto key = report.signing_key();
  if (!key) {
    return denied(fmt::format("SNP report: flags 0x{:x} name neither VCEK nor VLEK as signing key",
                              report.flags));
  }
  if (report.chip_key_masked()) {
    return denied("SNP report: the chip key is masked, so no certificate binds it to a chip");
  }
  return *key;
}

Status check_kind_and_product(const AttestationReport& report, EndorsementKey expected,
                              const EndorsementChain& chain) {
  if (chain.kind != expected) {
    return denied(fmt::format("SNP endorsements: certificate is a {}, the report names a {}",
                              name_of(chain.kind), name_of(expected)));
  }
  if (!report.cpuid) return {};
  const auto product = product_from_cpuid(report.cpuid->family, report.cpuid->model);
  if (!product || *product != chain.product) {
    return denied(
        fmt::format("SNP report: CPUID family 0x{:02x} model 0x{:02x} is {}, the "
                    "endorsements are for {}",
                    report.cpuid->family, report.cpuid->model,
                    product ? name_of(*product) : "of no known product", name_of(chain.product)));
  }
  return {};
}

Status check_signature(ByteView report_bytes, const AttestationReport& report,
                       const EndorsementChain& chain, crypto::p384::Verifier& signatures) {
  const auto verified =
      signatures.verify(chain.key, report_bytes.first(kSignedBytes), report.signature());
  if (verified) return {};
  return denied(
      fmt::format("SNP report: signature does not verify with the {}", name_of(chain.kind)));
}

Status check_against_certificate(const AttestationReport& report, const EndorsementChain& chain) {
  VITRINE_CHECK(check_tcb(report, chain));
  return check_chip(report, chain);
}

Status check_guest_policy(const AttestationReport& report) {
  if (report.policy.debug_allowed()) {
    return denied("SNP report: guest policy allows debugging (bit 19)");
  }
  if (report.policy.migration_allowed()) {
    return denied("SNP report: guest policy allows a migration agent (bit 18)");
  }
  if (!report.policy.reserved_one()) return denied("SNP report: guest policy bit 17 is not set");
  return {};
}

Status check_endorsed_tcb(const AttestationReport& report, std::string_view endorsed_tcb) {
  auto version = tcb_from_text(endorsed_tcb, TcbOrder::report);
  if (!version) return in_context("SNP evidence: endorsed_tcb", std::move(version).error());
  const auto reversed = tcb_from_text(endorsed_tcb, TcbOrder::big_endian);
  if (*version == report.reported_tcb || *reversed == report.reported_tcb) return {};
  return denied(fmt::format("SNP evidence: endorsed_tcb {} is not reported_tcb {}", endorsed_tcb,
                            to_hex(report.reported_tcb)));
}

}  // namespace vitrine::attestation::snp
