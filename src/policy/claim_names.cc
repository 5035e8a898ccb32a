#include "policy/claim_names.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string>
#include <vector>

#include "policy/nearest.h"

namespace vitrine::policy {
namespace {

constexpr std::array kNames = std::to_array<std::string_view>({
    // SNP and the KMS contract: kms-api.md 6.3, derived and merely nameable alike.
    "x-ms-ver",
    "x-ms-attestation-type",
    "x-ms-compliance-status",
    "x-ms-policy-hash",
    "x-ms-sevsnpvm-authorkeydigest",
    "x-ms-sevsnpvm-bootloader-svn",
    "x-ms-sevsnpvm-familyId",
    "x-ms-sevsnpvm-guestsvn",
    "x-ms-sevsnpvm-hostdata",
    "x-ms-sevsnpvm-idkeydigest",
    "x-ms-sevsnpvm-imageId",
    "x-ms-sevsnpvm-is-debuggable",
    "x-ms-sevsnpvm-launchmeasurement",
    "x-ms-sevsnpvm-microcode-svn",
    "x-ms-sevsnpvm-migration-allowed",
    "x-ms-sevsnpvm-reportdata",
    "x-ms-sevsnpvm-reportid",
    "x-ms-sevsnpvm-smt-allowed",
    "x-ms-sevsnpvm-snpfw-svn",
    "x-ms-sevsnpvm-tee-svn",
    "x-ms-sevsnpvm-vmpl",
    "vm-configuration-secure-boot",
    "vm-configuration-secure-boot-template-id",
    "vm-configuration-tpm-enabled",
    "vm-configuration-vmUniqueId",
    // SNP besides (attestation.md 13).
    "x-ms-sevsnpvm-ciphertext-hiding-dram-enabled",
    "x-ms-sevsnpvm-cxl-allowed",
    "x-ms-sevsnpvm-mem-aes256-xts-required",
    "x-ms-sevsnpvm-page-swap-disabled",
    "x-ms-sevsnpvm-rapl-disabled",
    "x-ms-sevsnpvm-singlesocket",
    "snp_chip_id",
    "snp_committed_tcb",
    "snp_csp_id",
    "snp_current_tcb",
    "snp_endorsement_key",
    "snp_fmc_svn",
    "snp_launch_tcb",
    "snp_platform_info",
    "snp_product",
    "snp_report_id_ma",
    "snp_report_version",
    "uvm_endorsements-did",
    "uvm_endorsements-feed",
    "uvm_endorsements-svn",
    // Common.
    "attester_advisory_ids",
    "attester_key_digest",
    "attester_tcb_date",
    "attester_tcb_status",
    "attester_type",
    "dbgstat",
    "eat_nonce",
    "exp",
    "iss",
    "report_data",
    "trust_anchor",
    "verifier_type",
    // TDX and SGX.
    "tdx_fmspc",
    "tdx_is_debuggable",
    "tdx_module_status",
    "tdx_mrconfigid",
    "tdx_mrowner",
    "tdx_mrownerconfig",
    "tdx_mrseam",
    "tdx_mrservicetd",
    "tdx_mrsignerseam",
    "tdx_mrtd",
    "tdx_pce_svn",
    "tdx_qe_status",
    "tdx_report_data",
    "tdx_rtmr0",
    "tdx_rtmr1",
    "tdx_rtmr2",
    "tdx_rtmr3",
    "tdx_seam_attributes",
    "tdx_seamsvn",
    "tdx_tcb_evaluation_data_number",
    "tdx_td_attributes",
    "tdx_td_attributes_debug",
    "tdx_td_attributes_key_locker",
    "tdx_td_attributes_migratable",
    "tdx_td_attributes_perfmon",
    "tdx_td_attributes_protection_keys",
    "tdx_td_attributes_septve_disable",
    "tdx_tee_tcb_svn",
    "tdx_tee_tcb_svn_2",
    "tdx_xfam",
    "sgx_is_debuggable",
    "sgx_isvprodid",
    "sgx_isvsvn",
    "sgx_mrenclave",
    "sgx_mrsigner",
    "sgx_report_data",
    // Nitro, Google, TPM, HCL.
    "nitro_module_id",
    "nitro_public_key",
    "nitro_timestamp",
    "nitro_user_data",
    "google_service_accounts",
    "hwmodel",
    "secboot",
    "submods.confidential_space.support_attributes",
    "submods.container.image_digest",
    "submods.gce.project_id",
    "swname",
    "tpm_clock",
    "tpm_firmware_version",
    "tpm_pcr_bank",
    "tpm_reset_count",
    "vm-configuration-console-enabled",
});

struct Family {
  std::string_view prefix;
  unsigned last = 0;
};
constexpr std::array kRegisters =
    std::to_array<Family>({{"nitro_pcr", 31}, {"nitrotpm_pcr", 23}, {"tpm_pcr", 23}});

bool is_register(std::string_view name) {
  return std::any_of(kRegisters.begin(), kRegisters.end(), [&](const Family& family) {
    if (!name.starts_with(family.prefix)) return false;
    const auto digits = name.substr(family.prefix.size());
    unsigned number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    return error == std::errc() && end == digits.data() + digits.size() && number <= family.last &&
           std::to_string(number) == digits;
  });
}

}  // namespace

bool is_known_claim(std::string_view name) {
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end() || is_register(name);
}

std::string_view nearest_claim(std::string_view name) { return nearest(name, kNames); }

}  // namespace vitrine::policy
