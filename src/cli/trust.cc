#include "cli/trust.h"

#include <fmt/format.h>

#include <array>

#include "base/limits.h"
#include "base/text.h"
#include "cli/input.h"
#include "crypto/x509.h"

#if VITRINE_SIMULATED
#include "attestation/simulated/attester.h"
#endif

namespace vitrine::cli {
namespace {

// AMD's name says the product: "ARK-Milan".
Result<attestation::SnpRoot> root_from_file(const std::string& path) {
  VITRINE_TRY(const auto pem, read_text(path, limits::kPemBytesMax));
  const auto certificate = crypto::Certificate::from_pem(pem);
  if (!certificate) return in_context("root " + path, certificate.error());
  const std::string& name = certificate->subject_common_name();
  if (!name.starts_with("ARK-")) {
    return malformed("root " + path + ": its common name is " + name + ", not ARK-<product>");
  }
  return attestation::SnpRoot{name.substr(4), certificate->public_key().spki_sha256(), false};
}

#if VITRINE_SIMULATED

Result<attestation::simulated::Attester> read_attester(const std::string& folder) {
  attestation::simulated::Files files;
  for (const auto name : attestation::simulated::Attester::file_names()) {
    auto file = read_secret(folder + "/" + std::string(name), limits::kPemBytesMax);
    if (!file) {
      return fail(file.error().code, "simulated attester: " + file.error().message,
                  "`vitrined --dev` makes it in its data folder, under common/simulated; name "
                  "that common/ with --common");
    }
    files.emplace(name, std::move(*file));
  }
  return attestation::simulated::Attester::from_files(files);
}

Status add_simulated(const std::string& folder, attestation::TrustAnchors& anchors) {
  VITRINE_TRY(const auto attester, read_attester(folder));
  anchors.snp_roots.push_back(attester.root());
  anchors.uvm_signers.push_back(attester.uvm_signer());
  return {};
}

#else

tl::unexpected<Error> without_simulated() {
  return malformed("this program was built without the simulated attester",
                   "build with -DVITRINE_SIMULATED=ON, or give real evidence");
}

Status add_simulated(const std::string&, attestation::TrustAnchors&) { return without_simulated(); }

#endif

}  // namespace

#if VITRINE_SIMULATED

Result<attestation::SnpEvidence> simulated_evidence(const std::string& folder,
                                                    const SimulatedRequest& request) {
  VITRINE_TRY(const auto attester, read_attester(folder));
  attestation::simulated::AttestRequest attest;
  attest.report_data = request.report_data;
  attest.host_data = request.host_data;
  return attester.attest(attest);
}

#else

Result<attestation::SnpEvidence> simulated_evidence(const std::string&, const SimulatedRequest&) {
  return without_simulated();
}

#endif

Result<attestation::TrustAnchors> anchors_of(const TrustOptions& options) {
  auto anchors = attestation::default_trust_anchors();
  for (const auto& path : options.roots) {
    VITRINE_TRY(auto root, root_from_file(path));
    anchors.snp_roots.push_back(std::move(root));
  }
  if (!options.simulated_root.empty()) {
    VITRINE_CHECK(add_simulated(options.simulated_root, anchors));
  }
  return anchors;
}

Result<Time> time_of(const TrustOptions& options, const Clock& clock) {
  if (options.at.empty()) return clock.now();
  if (const auto seconds = parse_decimal(options.at); seconds && *seconds < 100'000'000'000) {
    return from_unix_seconds(static_cast<std::int64_t>(*seconds));
  }
  if (const auto time = from_rfc3339(options.at)) return *time;
  if (const auto midnight = from_rfc3339(options.at + "T00:00:00Z")) return *midnight;
  return malformed("--at " + options.at + ": not a time",
                   "for example 2026-01-15T00:00:00Z, 2026-01-15, or seconds since the epoch");
}

codec::json::Value to_json(const attestation::ClaimValue& value) {
  return std::visit(
      [](const auto& held) -> codec::json::Value {
        using Held = std::decay_t<decltype(held)>;
        if constexpr (std::is_same_v<Held, std::vector<std::string>>) {
          codec::json::Array list;
          for (const auto& item : held) list.emplace_back(item);
          return list;
        } else {
          return codec::json::Value(held);
        }
      },
      value);
}

codec::json::Object to_json(const attestation::ClaimMap& claims) {
  codec::json::Object object;
  for (const auto& [name, value] : claims) object[name] = to_json(value);
  return object;
}

}  // namespace vitrine::cli
