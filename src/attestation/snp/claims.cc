#include "attestation/snp/claims.h"

#include <fmt/format.h>

#include "base/hex.h"

namespace vitrine::attestation::snp {

namespace {

std::string name(std::string_view rest) { return fmt::format("x-ms-sevsnpvm-{}", rest); }

void set_common(ClaimsMaker& claims, const EndorsementChain& chain) {
  claims.set("attester_type", "SEVSNP");
  claims.set("verifier_type", "hardware");
  claims.set("trust_anchor", chain.trust_anchor);
  claims.set("dbgstat", "disabled");
  claims.set("exp", to_unix_seconds(chain.not_after));
}

void set_policy(ClaimsMaker& claims, const GuestPolicy& policy) {
  claims.set(name("smt-allowed"), policy.smt_allowed());
  claims.set(name("is-debuggable"), policy.debug_allowed());
  claims.set(name("migration-allowed"), policy.migration_allowed());
  claims.set(name("singlesocket"), policy.single_socket());
  claims.set(name("cxl-allowed"), policy.cxl_allowed());
  claims.set(name("mem-aes256-xts-required"), policy.aes256_xts_required());
  claims.set(name("rapl-disabled"), policy.rapl_disabled());
  claims.set(name("ciphertext-hiding-dram-enabled"), policy.ciphertext_hiding());
  claims.set(name("page-swap-disabled"), policy.page_swap_disabled());
}

// What the guest is: set at launch, or by the guest itself.
void set_guest(ClaimsMaker& claims, const AttestationReport& report) {
  claims.set("x-ms-ver", fmt::format("{}", report.version));
  claims.set(name("guestsvn"), std::int64_t{report.guest_svn});
  claims.set(name("vmpl"), std::int64_t{report.vmpl});
  claims.set(name("familyId"), to_hex(report.family_id));
  claims.set(name("imageId"), to_hex(report.image_id));
  claims.set(name("reportdata"), to_hex(report.report_data));
  claims.set(name("launchmeasurement"), to_hex(report.measurement));
  claims.set(name("hostdata"), to_hex(report.host_data));
  claims.set(name("idkeydigest"), to_hex(report.id_key_digest));
  claims.set(name("authorkeydigest"), to_hex(report.author_key_digest));
  claims.set(name("reportid"), to_hex(report.report_id));
  claims.set("snp_report_id_ma", to_hex(report.report_id_ma));
  claims.set("signature-r", to_hex(report.signature_r));
  claims.set("signature-s", to_hex(report.signature_s));
}

// What it runs on. The certificate's TCB equals reported_tcb, component by component.
void set_platform(ClaimsMaker& claims, const AttestationReport& report,
                  const EndorsementChain& chain) {
  claims.set(name("bootloader-svn"), std::int64_t{chain.tcb.boot_loader});
  claims.set(name("tee-svn"), std::int64_t{chain.tcb.tee});
  claims.set(name("snpfw-svn"), std::int64_t{chain.tcb.snp});
  claims.set(name("microcode-svn"), std::int64_t{chain.tcb.microcode});
  if (chain.product == Product::turin) claims.set("snp_fmc_svn", std::int64_t{chain.tcb.fmc});
  claims.set("snp_product", std::string(name_of(chain.product)));
  claims.set("snp_endorsement_key", std::string(name_of(chain.kind)));
  // A VLEK names its cloud, not a chip.
  if (chain.kind == EndorsementKey::vlek) {
    claims.set("snp_csp_id", chain.csp_id);
  } else {
    claims.set("snp_chip_id", to_hex(report.chip_id));
  }
  claims.set("snp_current_tcb", to_hex(report.current_tcb));
  claims.set("snp_committed_tcb", to_hex(report.committed_tcb));
  claims.set("snp_launch_tcb", to_hex(report.launch_tcb));
  claims.set("snp_platform_info", static_cast<std::int64_t>(report.platform_info));
}

}  // namespace

void set_claims(ClaimsMaker& claims, const AttestationReport& report,
                const EndorsementChain& chain) {
  set_common(claims, chain);
  set_policy(claims, report.policy);
  set_guest(claims, report);
  set_platform(claims, report, chain);
  claims.set_report_data(report.report_data);
}

void set_claims(ClaimsMaker& claims, const uvm::Endorsement& endorsement) {
  claims.set("uvm_endorsements-did", endorsement.did);
  claims.set("uvm_endorsements-feed", endorsement.feed);
  claims.set("uvm_endorsements-svn", fmt::format("{}", endorsement.svn));
}

}  // namespace vitrine::attestation::snp
