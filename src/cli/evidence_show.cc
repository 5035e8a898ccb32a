// vitrine evidence show: what evidence says, decoded and not verified.
#include <fmt/format.h>

#include "attestation/snp/chain.h"
#include "attestation/snp/report.h"
#include "base/hex.h"
#include "cli/commands.h"
#include "cli/evidence_files.h"
#include "cli/trust.h"
#include "crypto/cose.h"

namespace vitrine::cli {
namespace {

namespace snp = attestation::snp;
using codec::json::Object;

// A section's lines as text and, under the same labels, as JSON.
class Section {
 public:
  void add(const std::string& label, const std::string& value) {
    fields_.add(label, value);
    object_[label] = value;
  }
  std::string to_text(std::string_view title) const {
    return fmt::format("{}\n{}", title, fields_.to_text());
  }
  const Object& object() const { return object_; }

 private:
  Fields fields_;
  Object object_;
};

std::optional<snp::Product> product_of(const snp::AttestationReport& report) {
  if (!report.cpuid) return std::nullopt;
  return snp::product_from_cpuid(report.cpuid->family, report.cpuid->model);
}

std::string tcb_text(const snp::TcbVersion& version, std::optional<snp::Product> product) {
  std::string text = snp::tcb_to_text(version, snp::TcbOrder::report);
  if (!product) return text;
  const auto parts = snp::components_of(*product, version);
  if (!parts) return text;
  text += *product == snp::Product::turin ? fmt::format(" (FMC {}, boot", parts->fmc) : " (boot";
  return text + fmt::format(" loader {}, TEE {}, SNP {}, microcode {})", parts->boot_loader,
                            parts->tee, parts->snp, parts->microcode);
}

std::string policy_text(const snp::GuestPolicy& policy) {
  std::string text = fmt::format("0x{:x} (ABI at least {}.{}", policy.bits, policy.abi_major(),
                                 policy.abi_minor());
  const auto flag = [&](bool set, std::string_view name) {
    if (set) text += fmt::format(", {}", name);
  };
  flag(policy.smt_allowed(), "SMT allowed");
  flag(policy.migration_allowed(), "MIGRATION AGENT ALLOWED");
  flag(policy.debug_allowed(), "DEBUG ALLOWED");
  flag(policy.single_socket(), "single socket");
  flag(policy.cxl_allowed(), "CXL allowed");
  flag(policy.aes256_xts_required(), "AES-256-XTS required");
  flag(policy.rapl_disabled(), "RAPL disabled");
  flag(policy.ciphertext_hiding(), "ciphertext hiding");
  flag(policy.page_swap_disabled(), "page swap disabled");
  return text + ")";
}

std::string firmware_text(const snp::FirmwareVersion& version) {
  return fmt::format("{}.{} build {}", version.major, version.minor, version.build);
}

std::string flags_text(const snp::AttestationReport& report) {
  const auto key = report.signing_key();
  return fmt::format("0x{:x} (signed by {}{}{})", report.flags,
                     key ? snp::name_of(*key) : std::string_view("no key"),
                     report.author_key_present() ? ", author key present" : "",
                     report.chip_key_masked() ? ", chip key masked" : "");
}

Section section_of(const snp::AttestationReport& report) {
  const auto product = product_of(report);
  Section section;
  section.add("version", std::to_string(report.version));
  section.add("guest_svn", std::to_string(report.guest_svn));
  section.add("policy", policy_text(report.policy));
  section.add("family_id", to_hex(report.family_id));
  section.add("image_id", to_hex(report.image_id));
  section.add("vmpl", std::to_string(report.vmpl));
  section.add("signature_algo", fmt::format("{} (ECDSA P-384, SHA-384)", report.signature_algo));
  section.add("current_tcb", tcb_text(report.current_tcb, product));
  section.add("platform_info", fmt::format("0x{:x}", report.platform_info));
  section.add("flags", flags_text(report));
  section.add("report_data", to_hex(report.report_data));
  section.add("measurement", to_hex(report.measurement));
  section.add("host_data", to_hex(report.host_data));
  section.add("id_key_digest", to_hex(report.id_key_digest));
  section.add("author_key_digest", to_hex(report.author_key_digest));
  section.add("report_id", to_hex(report.report_id));
  section.add("report_id_ma", to_hex(report.report_id_ma));
  section.add("reported_tcb", tcb_text(report.reported_tcb, product));
  if (report.cpuid) {
    section.add("cpuid",
                fmt::format("family 0x{:02x}, model 0x{:02x}, stepping {} ({})",
                            report.cpuid->family, report.cpuid->model, report.cpuid->stepping,
                            product ? snp::name_of(*product) : "no known product"));
  }
  section.add("chip_id", to_hex(report.chip_id));
  section.add("committed_tcb", tcb_text(report.committed_tcb, product));
  section.add("current_firmware", firmware_text(report.current_firmware));
  section.add("committed_firmware", firmware_text(report.committed_firmware));
  section.add("launch_tcb", tcb_text(report.launch_tcb, product));
  if (report.version >= 5) {
    section.add("launch_mit_vector", fmt::format("0x{:x}", report.launch_mit_vector));
    section.add("current_mit_vector", fmt::format("0x{:x}", report.current_mit_vector));
  }
  section.add("signature_r", to_hex(report.signature_r));
  section.add("signature_s", to_hex(report.signature_s));
  return section;
}

Section section_of(const crypto::Certificate& certificate) {
  Section section;
  section.add("subject", certificate.subject_text());
  section.add("issuer", "CN=" + certificate.issuer_common_name());
  section.add("valid",
              to_rfc3339(certificate.not_before()) + " to " + to_rfc3339(certificate.not_after()));
  section.add("sha256", to_hex(certificate.der_sha256()));
  section.add("spki_sha256", to_hex(certificate.public_key().spki_sha256()));
  return section;
}

std::string header_text(const crypto::CoseSign1& message, std::string_view name) {
  const auto* value = message.protected_header.find(name);
  if (value == nullptr || !value->is(codec::cbor::Type::text_string)) return "absent";
  return value->as_text();
}

Section section_of(const crypto::CoseSign1& message) {
  Section section;
  section.add("alg", std::to_string(message.algorithm().value_or(0)));
  section.add("iss", header_text(message, "iss"));
  section.add("feed", header_text(message, "feed"));
  const auto payload = codec::json::parse_object(as_text(message.payload));
  section.add("payload", payload ? codec::json::write(*payload)
                                 : fmt::format("{} bytes, not JSON", message.payload.size()));
  return section;
}

}  // namespace

Status run_evidence_show(const EvidenceOptions& options, Context& context) {
  VITRINE_TRY(const auto parts, read_evidence(options));
  std::string text;
  Object document;
  if (!parts.report.empty()) {
    VITRINE_TRY(const auto report, snp::parse_report(parts.report));
    const auto section = section_of(report);
    text += section.to_text("SNP report (not verified)");
    document["report"] = section.object();
  }
  if (!parts.endorsements.empty()) {
    VITRINE_TRY(const auto endorsements, snp::parse_endorsements(parts.endorsements));
    codec::json::Array list;
    for (const auto& certificate : endorsements.certificates) {
      const auto section = section_of(certificate);
      text += (text.empty() ? "" : "\n") + section.to_text("certificate");
      list.push_back(section.object());
    }
    document["certificates"] = std::move(list);
  }
  if (!parts.uvm_endorsements.empty()) {
    auto message = crypto::parse_cose_sign1(parts.uvm_endorsements, crypto::CoseTag::required);
    if (!message) return in_context("UVM endorsement", message.error());
    const auto section = section_of(*message);
    text += (text.empty() ? "" : "\n") + section.to_text("UVM endorsement (not verified)");
    document["uvm_endorsement"] = section.object();
  }
  if (!parts.endorsed_tcb.empty() && !parts.endorsed_tcb_assumed) {
    text += "\nendorsed_tcb  " + parts.endorsed_tcb + "\n";
    document["endorsed_tcb"] = parts.endorsed_tcb;
  }
  context.out.result(text, document);
  return {};
}

}  // namespace vitrine::cli
