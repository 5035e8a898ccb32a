// vitrine release: the attester's side of the main job.
#include "client/release.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/hex.h"
#include "base/limits.h"
#include "cli/commands.h"
#include "cli/connection.h"
#include "cli/evidence_files.h"
#include "cli/input.h"
#include "cli/trust.h"

namespace vitrine::cli {
namespace {

Result<client::WrappingKey> wrapping_key_of(const ReleaseOptions& options) {
  if (options.wrapping_private_key.empty()) {
    if (!options.wrapping_key.empty()) {
      return malformed("release: --wrapping-key without --wrapping-private-key",
                       "the answer is opened with the private half");
    }
    return client::make_wrapping_key();
  }
  VITRINE_TRY(const auto secret, read_secret(options.wrapping_private_key, limits::kPemBytesMax));
  auto key = crypto::PrivateKey::from_pem(as_text(secret.reveal()));
  if (!key) return in_context(options.wrapping_private_key, key.error());
  std::string pem = key->public_key().pem();
  if (!options.wrapping_key.empty()) {
    // The text itself is hashed, so it is sent as it stands in the file.
    VITRINE_TRY(pem, read_text(options.wrapping_key, limits::kPemBytesMax));
  }
  return client::WrappingKey{std::move(pem), std::move(*key)};
}

Result<SimulatedRequest> simulated_request(const ReleaseOptions& options,
                                           const client::WrappingKey& wrapping_key) {
  SimulatedRequest request;
  request.report_data = client::report_data_for(wrapping_key.public_pem);
  if (options.host_data.empty()) return request;
  const auto host_data = digest_from_hex(options.host_data);
  if (!host_data) return malformed("--host-data is not 64 hex digits");
  request.host_data = host_data->bytes;
  return request;
}

bool has_parts(const EvidenceOptions& options) {
  return !options.report.empty() || !options.endorsements.empty() || !options.uvm.empty() ||
         !options.endorsed_tcb.empty();
}

Result<attestation::SnpEvidence> evidence_of(const ReleaseOptions& options,
                                             const client::WrappingKey& wrapping_key,
                                             const Global& global) {
  const int ways = (options.simulate ? 1 : 0) + (options.attestation.empty() ? 0 : 1) +
                   (has_parts(options.evidence) ? 1 : 0);
  if (ways != 1) {
    return malformed("release: evidence is given in " + std::to_string(ways) + " ways, not in one",
                     "one of --attestation FILE, --report with --endorsements, or --simulate");
  }
  if (options.simulate) {
    VITRINE_TRY(const auto request, simulated_request(options, wrapping_key));
    return simulated_evidence(global.common + "/simulated", request);
  }
  if (options.wrapping_private_key.empty()) {
    return malformed("release: recorded evidence needs the private key that its report data binds",
                     "give it with --wrapping-private-key");
  }
  EvidenceOptions files = options.evidence;
  if (!options.attestation.empty()) files.files = {options.attestation};
  return read_snp_evidence(files);
}

}  // namespace

Status run_release(const ReleaseOptions& options, Context& context) {
  VITRINE_TRY(const auto format, client::key_format_from(options.format));
  VITRINE_TRY(const auto pinned, pinned_certificate(context.global));
  VITRINE_TRY(const auto wrapping_key, wrapping_key_of(options));
  VITRINE_TRY(const auto evidence, evidence_of(options, wrapping_key, context.global));
  Caller caller;
  caller.token = options.token;
  VITRINE_TRY(auto service, connect(context, caller));
  const client::ReleaseOrder order{attestation::to_json(evidence), options.kid, format};
  VITRINE_TRY(const auto released, client::release(service, order, wrapping_key, pinned));
  const std::string path =
      !options.out.empty() ? options.out : "released-key." + std::string(name_of(format));
  VITRINE_CHECK(write_private(path, released.file.reveal()));
  Fields fields;
  fields.add("kid", released.kid)
      .add("released", "transaction " + released.release_transaction_id)
      .add("receipt", released.receipt ? "verified: the key is in the ledger since transaction " +
                                             ledger::to_text(released.receipt->id)
                                       : "not verified: no service certificate is pinned")
      .add("private key", fmt::format("{} (mode 0600, {})", path, name_of(format)));
  codec::json::Object document;
  document["kid"] = released.kid;
  document["x"] = client::x_of(released.key.public_key);
  document["release_transaction_id"] = released.release_transaction_id;
  document["receipt_verified"] = released.receipt.has_value();
  if (released.receipt) document["key_transaction_id"] = ledger::to_text(released.receipt->id);
  document["format"] = name_of(format);
  document["out"] = path;
  context.out.result(fields.to_text(), document);
  return {};
}

}  // namespace vitrine::cli
