// The args of set_key_release_policy from anywhere: what is accepted reads back to the same policy,
// and a verdict on fixed claims never depends on which of the two is asked.
#include <cstdint>
#include <string>
#include <string_view>

#include "attestation/claims_maker.h"
#include "base/assert.h"
#include "base/limits.h"
#include "policy/appraisal.h"
#include "policy/release_policy.h"

using namespace vitrine;

static attestation::Claims fixed_claims() {
  attestation::ClaimsMaker maker("snp-aci");
  maker.set("x-ms-ver", std::string("3"))
      .set("x-ms-sevsnpvm-guestsvn", std::int64_t{2})
      .set("x-ms-sevsnpvm-smt-allowed", true)
      .set("attester_advisory_ids", std::vector<std::string>{"a", "b"});
  return std::move(maker).finish();
}

// Input: one or more args, a line each, applied in order.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto claims = fixed_claims();
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  policy::ReleasePolicy policy;
  bool stored = false;
  while (!rest.empty()) {
    const auto line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    const auto args = codec::json::parse_object(line);
    if (!args) continue;
    const auto before = codec::json::write(policy.to_json());
    if (policy.apply(*args)) {
      stored = true;
    } else {
      VITRINE_ASSERT(codec::json::write(policy.to_json()) == before);
    }
  }
  if (!stored) return 0;
  const auto text = codec::json::write(policy.to_json());
  const auto reparsed = codec::json::parse_object(text);
  VITRINE_ASSERT(reparsed.has_value());
  const auto read = policy::ReleasePolicy::from_json(*reparsed);
  VITRINE_ASSERT(read.has_value());
  VITRINE_ASSERT(codec::json::write(read->to_json()) == text);

  const auto verdict = policy::appraise(policy, claims);
  VITRINE_ASSERT(verdict.has_value() == policy::appraise(*read, claims).has_value());
  if (verdict) {
    VITRINE_ASSERT(!policy.claims().empty());
    VITRINE_ASSERT(verdict->matched().size() >= policy.claims().size());
  } else {
    VITRINE_ASSERT(!verdict.error().policy_broken);
    const auto header = verdict.error().to_header();
    VITRINE_ASSERT(header.size() <= limits::kReasonHeaderBytesMax);
    for (const char c : header) VITRINE_ASSERT(c >= 0x20 && c < 0x7f);
  }
  return 0;
}
