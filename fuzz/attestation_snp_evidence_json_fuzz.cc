// The attestation object of a request: what is read is written and read again to the same value,
// and its endorsements and the verifier take whatever it holds.
#include <cstdint>

#include "attestation/evidence.h"
#include "attestation/snp/chain.h"
#include "attestation/verify.h"
#include "base/assert.h"

namespace vitrine::attestation {
namespace {

bool equal(const SnpEvidence& a, const SnpEvidence& b) {
  return a.report == b.report && a.endorsements == b.endorsements &&
         a.uvm_endorsements == b.uvm_endorsements && a.endorsed_tcb == b.endorsed_tcb;
}

void check_verifier(const SnpEvidence& evidence) {
  VerificationCache cache(1);
  const auto claims =
      verify_snp(evidence, default_trust_anchors(), from_unix_seconds(1'795'500'000), cache);
  if (claims) {
    VITRINE_ASSERT(!claims->simulated());
  } else {
    VITRINE_ASSERT(claims.error().code == Code::malformed || claims.error().code == Code::denied);
    VITRINE_ASSERT(!claims.error().message.empty());
  }
}

void check_object(std::string_view text) {
  const auto object = codec::json::parse_object(text);
  if (!object) return;
  const auto evidence = snp_evidence_from_json(*object);
  if (!evidence) return;
  const auto again = snp_evidence_from_json(to_json(*evidence));
  VITRINE_ASSERT(again.has_value() && equal(*again, *evidence));
  check_verifier(*evidence);
}

void check_endorsements(std::string_view text) {
  const auto endorsements = snp::parse_endorsements(text);
  VITRINE_ASSERT(!endorsements || endorsements->certificates.size() == 3);
}

}  // namespace
}  // namespace vitrine::attestation

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = vitrine::as_text({data, size});
  vitrine::attestation::check_object(text);
  vitrine::attestation::check_endorsements(text);
  return 0;
}
