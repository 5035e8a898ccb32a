// vitrine evidence show: what evidence says, decoded and not verified.
#include <fmt/format.h>

#include "attestation/snp/chain.h"
#include "attestation/snp/describe.h"
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

Section section_of(const snp::AttestationReport& report) {
  Section section;
  for (const auto& [label, value] : snp::describe(report)) section.add(label, value);
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
