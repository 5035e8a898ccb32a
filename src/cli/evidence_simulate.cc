// vitrine evidence simulate: evidence in the true format under a root nobody trusts but a
// development service.
#include <fmt/format.h>

#include <algorithm>

#include "attestation/evidence.h"
#include "base/hex.h"
#include "base/limits.h"
#include "cli/commands.h"
#include "cli/input.h"
#include "cli/trust.h"
#include "client/release.h"

namespace vitrine::cli {
namespace {

Result<SimulatedRequest> request_of(const EvidenceSimulateOptions& options) {
  SimulatedRequest request;
  if (!options.wrapping_key.empty()) {
    VITRINE_TRY(const auto pem, read_text(options.wrapping_key, limits::kPemBytesMax));
    request.report_data = client::report_data_for(pem);
  }
  if (!options.report_data.empty()) {
    const auto bytes = from_hex(options.report_data);
    if (!bytes || bytes->size() != request.report_data.size()) {
      return malformed("--report-data is not 128 hex digits");
    }
    std::copy(bytes->begin(), bytes->end(), request.report_data.begin());
  }
  if (!options.host_data.empty()) {
    const auto host_data = digest_from_hex(options.host_data);
    if (!host_data) return malformed("--host-data is not 64 hex digits");
    request.host_data = host_data->bytes;
  }
  return request;
}

}  // namespace

Status run_evidence_simulate(const EvidenceSimulateOptions& options, Context& context) {
  VITRINE_TRY(const auto request, request_of(options));
  VITRINE_TRY(const auto evidence,
              simulated_evidence(context.global.common + "/simulated", request));
  const auto json = attestation::to_json(evidence);
  const std::string text = codec::json::write(json) + "\n";
  if (options.out.empty()) {
    context.out.raw(text);
    return {};
  }
  VITRINE_CHECK(write_public(options.out, as_bytes(text)));
  context.out.result("simulated evidence written to " + options.out + "\n",
                     codec::json::Object{{"out", options.out}});
  return {};
}

}  // namespace vitrine::cli
