#include "attestation/snp/describe.h"

#include <fmt/format.h>

#include "base/hex.h"

namespace vitrine::attestation::snp {

namespace {

using Rows = std::vector<std::pair<std::string, std::string>>;

std::string joined(const std::vector<std::string>& words) {
  return words.empty() ? "" : fmt::format(": {}", fmt::join(words, ", "));
}

std::string policy_text(const GuestPolicy& policy) {
  std::vector<std::string> words = {
      fmt::format("ABI at least {}.{}", policy.abi_major(), policy.abi_minor())};
  const auto add = [&](bool set, const char* word) {
    if (set) words.emplace_back(word);
  };
  add(policy.smt_allowed(), "SMT allowed");
  add(!policy.reserved_one(), "bit 17 not set");
  add(policy.migration_allowed(), "migration agent allowed");
  words.emplace_back(policy.debug_allowed() ? "DEBUG allowed" : "debug off");
  add(policy.single_socket(), "single socket");
  add(policy.cxl_allowed(), "CXL allowed");
  add(policy.aes256_xts_required(), "AES-256-XTS required");
  add(policy.rapl_disabled(), "RAPL must be disabled");
  add(policy.ciphertext_hiding(), "ciphertext hiding required");
  add(policy.page_swap_disabled(), "page swap disabled");
  return fmt::format("0x{:x}{}", policy.bits, joined(words));
}

std::string platform_text(std::uint64_t info) {
  constexpr std::pair<unsigned, const char*> kBits[] = {{0, "SMT on"},
                                                        {1, "TSME"},
                                                        {2, "ECC"},
                                                        {3, "RAPL disabled"},
                                                        {4, "ciphertext hiding"},
                                                        {5, "alias check complete"},
                                                        {7, "TIO"}};
  std::vector<std::string> words;
  for (const auto& [bit, word] : kBits) {
    if ((info >> bit & 1) != 0) words.emplace_back(word);
  }
  return fmt::format("0x{:x}{}", info, joined(words));
}

std::string flags_text(const AttestationReport& report) {
  const auto key = report.signing_key();
  std::vector<std::string> words = {
      fmt::format("signed by {}", key ? name_of(*key) : "no VCEK or VLEK")};
  if (report.author_key_present()) words.emplace_back("author key present");
  if (report.chip_key_masked()) words.emplace_back("chip key masked");
  return fmt::format("0x{:x}{}", report.flags, joined(words));
}

std::string cpuid_text(const AttestationReport& report) {
  if (!report.cpuid) return "not in version 2";
  const auto product = product_from_cpuid(report.cpuid->family, report.cpuid->model);
  return fmt::format("family 0x{:02x}, model 0x{:02x}, stepping {}: {}", report.cpuid->family,
                     report.cpuid->model, report.cpuid->stepping,
                     product ? name_of(*product) : "unknown product");
}

// Where the product is known its components are spelt out; hex is in report order.
std::string tcb_text(const AttestationReport& report, const TcbVersion& version) {
  const auto product =
      report.cpuid ? product_from_cpuid(report.cpuid->family, report.cpuid->model) : std::nullopt;
  if (!product) return to_hex(version);
  const auto tcb = components_of(*product, version);
  if (!tcb) return to_hex(version);
  const auto fmc = *product == Product::turin ? fmt::format("FMC {}, ", tcb->fmc) : "";
  return fmt::format("{}: {}boot loader {}, TEE {}, SNP {}, microcode {}", to_hex(version), fmc,
                     tcb->boot_loader, tcb->tee, tcb->snp, tcb->microcode);
}

std::string firmware_text(const FirmwareVersion& firmware) {
  return fmt::format("{}.{} build {}", firmware.major, firmware.minor, firmware.build);
}

void add_guest(Rows& rows, const AttestationReport& report) {
  rows.emplace_back("version", fmt::format("{}", report.version));
  rows.emplace_back("guest_svn", fmt::format("{}", report.guest_svn));
  rows.emplace_back("policy", policy_text(report.policy));
  rows.emplace_back("family_id", to_hex(report.family_id));
  rows.emplace_back("image_id", to_hex(report.image_id));
  rows.emplace_back("vmpl", fmt::format("{}", report.vmpl));
  rows.emplace_back("report_data", to_hex(report.report_data));
  rows.emplace_back("measurement", to_hex(report.measurement));
  rows.emplace_back("host_data", to_hex(report.host_data));
  rows.emplace_back("id_key_digest", to_hex(report.id_key_digest));
  rows.emplace_back("author_key_digest", to_hex(report.author_key_digest));
  rows.emplace_back("report_id", to_hex(report.report_id));
  rows.emplace_back("report_id_ma", to_hex(report.report_id_ma));
}

void add_platform(Rows& rows, const AttestationReport& report) {
  rows.emplace_back("flags", flags_text(report));
  rows.emplace_back("platform_info", platform_text(report.platform_info));
  rows.emplace_back("cpuid", cpuid_text(report));
  rows.emplace_back("chip_id", to_hex(report.chip_id));
  rows.emplace_back("reported_tcb", tcb_text(report, report.reported_tcb));
  rows.emplace_back("current_tcb", tcb_text(report, report.current_tcb));
  rows.emplace_back("committed_tcb", tcb_text(report, report.committed_tcb));
  rows.emplace_back("launch_tcb", tcb_text(report, report.launch_tcb));
  rows.emplace_back("current_firmware", firmware_text(report.current_firmware));
  rows.emplace_back("committed_firmware", firmware_text(report.committed_firmware));
  if (report.version >= 5) {
    rows.emplace_back("launch_mit_vector", fmt::format("0x{:x}", report.launch_mit_vector));
    rows.emplace_back("current_mit_vector", fmt::format("0x{:x}", report.current_mit_vector));
  }
  rows.emplace_back("signature_algo", "1: ECDSA P-384 with SHA-384");
  rows.emplace_back("signature_r", to_hex(ByteView(report.signature()).first(48)));
  rows.emplace_back("signature_s", to_hex(ByteView(report.signature()).last(48)));
}

}  // namespace

Rows describe(const AttestationReport& report) {
  Rows rows;
  add_guest(rows, report);
  add_platform(rows, report);
  return rows;
}

}  // namespace vitrine::attestation::snp
