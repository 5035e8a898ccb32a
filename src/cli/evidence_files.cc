#include "cli/evidence_files.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>

#include "attestation/snp/chain.h"
#include "attestation/snp/report.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/text.h"
#include "cli/input.h"
#include "codec/json.h"
#include "crypto/x509.h"

namespace vitrine::cli {
namespace {

namespace snp = attestation::snp;
using codec::json::Object;

bool is_folder(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

bool begins_with(ByteView bytes, std::initializer_list<Byte> prefix) {
  return bytes.size() >= prefix.size() && std::equal(prefix.begin(), prefix.end(), bytes.begin());
}

bool contains(ByteView bytes, std::string_view text) {
  return as_text(bytes).find(text) != std::string_view::npos;
}

class Collector {
 public:
  Status add_file(const std::string& path) {
    VITRINE_TRY(const auto bytes, read_input(path));
    auto status = add(path, bytes);
    if (!status) return in_context(path, status.error());
    return {};
  }

  Status add_folder(const std::string& folder) {
    const auto path = [&](std::string_view name) { return folder + "/" + std::string(name); };
    if (exists(path("attestation.json"))) {
      VITRINE_CHECK(add_file(path("attestation.json")));
    } else {
      static constexpr std::array<std::string_view, 8> kParts = {
          "report.bin", "endorsements.pem", "thim.json", "vcek.der",
          "vlek.der",   "ask.pem",          "ark.pem",   "uvm_endorsements.cose"};
      for (const auto part : kParts) {
        if (exists(path(part))) VITRINE_CHECK(add_file(path(part)));
      }
    }
    if (exists(path("wrapping_key.pem"))) VITRINE_CHECK(add_file(path("wrapping_key.pem")));
    return {};
  }

  Status set_report(Bytes report) { return set(parts_.report, std::move(report), "SNP report"); }
  Status set_uvm(Bytes uvm) {
    return set(parts_.uvm_endorsements, std::move(uvm), "UVM endorsement");
  }
  Status set_endorsements(std::string text) {
    return set(parts_.endorsements, std::move(text), "endorsements");
  }
  void set_endorsed_tcb(std::string text) { parts_.endorsed_tcb = std::move(text); }
  Status add_certificates(const Bytes& file) {
    ++certificate_files_;
    if (contains(file, "-----BEGIN")) {
      VITRINE_TRY(auto list,
                  crypto::Certificate::list_from_pem(as_text(file), limits::kChainCertificatesMax));
      for (auto& certificate : list) certificates_.push_back(std::move(certificate));
      return {};
    }
    VITRINE_TRY(auto certificate, crypto::Certificate::from_der(file));
    certificates_.push_back(std::move(certificate));
    return {};
  }

  Result<EvidenceParts> finish() {
    VITRINE_CHECK(place_certificates());
    if (parts_.report.empty() && parts_.uvm_endorsements.empty() && parts_.endorsements.empty()) {
      return malformed("evidence: no report, no endorsements and no UVM endorsement was given",
                       "give an evidence object (JSON), a folder with report.bin, or the parts");
    }
    fill_endorsed_tcb();
    return std::move(parts_);
  }

 private:
  template <class Part>
  static Status set(Part& part, Part value, std::string_view name) {
    if (!part.empty()) return malformed("a second " + std::string(name));
    part = std::move(value);
    return {};
  }

  Status add(const std::string& path, const Bytes& bytes) {
    if (bytes.size() == snp::kReportBytes) return set_report(bytes);
    if (begins_with(bytes, {0xd2, 0x84})) return set_uvm(bytes);  // tag 18, array of 4
    if (begins_with(bytes, {0x30, 0x82})) return add_certificates(bytes);
    if (as_text(bytes).starts_with("-----BEGIN PUBLIC KEY-----")) {
      return set(parts_.wrapping_key_pem, to_text(bytes), "wrapping key");
    }
    const auto text = trim(as_text(bytes));
    if (!text.empty() && text.front() == '{') return add_json(text);
    if (contains(bytes, "-----BEGIN CERTIFICATE-----")) return add_certificates(bytes);
    if (path.ends_with("report.bin")) return set_report(bytes);  // of another size: say so
    return malformed(fmt::format("{} bytes that are no part of evidence", bytes.size()),
                     "known: SNP report (1184 bytes), certificates (PEM, DER), THIM JSON, UVM "
                     "endorsement (COSE), evidence object (JSON)");
  }

  Status add_json(std::string_view text) {
    VITRINE_TRY(const auto object, codec::json::parse_object(text));
    if (codec::json::find(object, "vcekCert") != nullptr) {
      if (const auto tcbm = codec::json::text_of(object, "tcbm")) thim_tcb_ = std::string(*tcbm);
      return set_endorsements(std::string(text));
    }
    const Object* attestation = codec::json::object_of(object, "attestation");
    return add_object(attestation == nullptr ? object : *attestation);
  }

  // The request's object; what raw SNP does without may be absent here.
  Status add_object(const Object& object) {
    Object complete = object;
    for (const auto* member : {"uvm_endorsements", "endorsed_tcb"}) {
      if (codec::json::find(complete, member) == nullptr) complete[member] = "";
    }
    VITRINE_TRY(auto evidence, attestation::snp_evidence_from_json(complete));
    VITRINE_CHECK(set_report(std::move(evidence.report)));
    VITRINE_CHECK(set_endorsements(std::move(evidence.endorsements)));
    parts_.uvm_endorsements = std::move(evidence.uvm_endorsements);
    parts_.endorsed_tcb = std::move(evidence.endorsed_tcb);
    return {};
  }

  // One file with the whole chain keeps its order; single files are put in the order of the
  // contract by AMD's names.
  Status place_certificates() {
    if (certificates_.empty()) return {};
    const auto rank = [](const crypto::Certificate& certificate) {
      const auto& name = certificate.subject_common_name();
      if (name == "SEV-VCEK" || name == "SEV-VLEK") return 0;
      return name.starts_with("ARK-") ? 2 : 1;
    };
    if (certificate_files_ > 1) {
      std::stable_sort(certificates_.begin(), certificates_.end(),
                       [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
    }
    std::string pem;
    for (const auto& certificate : certificates_) pem += certificate.pem();
    return set_endorsements(std::move(pem));
  }

  void fill_endorsed_tcb() {
    if (parts_.uvm_endorsements.empty() || !parts_.endorsed_tcb.empty()) return;
    if (!thim_tcb_.empty()) {
      parts_.endorsed_tcb = thim_tcb_;
      return;
    }
    const auto report = snp::parse_report(parts_.report);
    if (!report) return;  // the verifier says what is wrong with it
    parts_.endorsed_tcb = snp::tcb_to_text(report->reported_tcb, snp::TcbOrder::report);
    parts_.endorsed_tcb_assumed = true;
  }

  EvidenceParts parts_;
  std::vector<crypto::Certificate> certificates_;
  std::size_t certificate_files_ = 0;
  std::string thim_tcb_;
};

}  // namespace

Result<EvidenceParts> read_evidence(const EvidenceOptions& options) {
  Collector collector;
  for (const auto& path : options.files) {
    VITRINE_CHECK(is_folder(path) ? collector.add_folder(path) : collector.add_file(path));
  }
  if (!options.report.empty()) {
    VITRINE_TRY(auto report, read_input(options.report));
    VITRINE_CHECK(collector.set_report(std::move(report)));
  }
  if (!options.uvm.empty()) {
    VITRINE_TRY(auto uvm, read_input(options.uvm));
    VITRINE_CHECK(collector.set_uvm(std::move(uvm)));
  }
  if (!options.endorsements.empty()) VITRINE_CHECK(collector.add_file(options.endorsements));
  for (const auto* path : {&options.vcek, &options.ask, &options.ark}) {
    if (path->empty()) continue;
    VITRINE_TRY(const auto file, read_input(*path));
    auto status = collector.add_certificates(file);
    if (!status) return in_context(*path, status.error());
  }
  if (!options.endorsed_tcb.empty()) collector.set_endorsed_tcb(options.endorsed_tcb);
  return collector.finish();
}

Result<attestation::SnpEvidence> read_snp_evidence(const EvidenceOptions& options) {
  VITRINE_TRY(const auto parts, read_evidence(options));
  if (parts.report.empty()) return malformed("evidence: there is no SNP report");
  if (parts.endorsements.empty()) {
    return malformed("evidence: there are no endorsements (VCEK or VLEK, ASK, ARK)");
  }
  return parts.to_evidence();
}

}  // namespace vitrine::cli
