// The main job: release a private key to a workload whose evidence satisfies the release policy in
// force, wrapped to the key that the evidence binds (DESIGN.md 5; kms-api.md 2.7). The release is
// in the ledger before its answer leaves.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "attestation/evidence.h"
#include "core/core.h"
#include "governance/authenticate.h"
#include "policy/appraisal.h"

namespace vitrine::core {

enum class KeyFormat { jwk, tink };
std::string_view name_of(KeyFormat format);

// The first thing that stood against a release, in the order of the contract.
enum class Refused {
  evidence_malformed,  // a member of the attestation object is absent or not decodable
  evidence_denied,     // it does not verify
  no_policy,           // no release policy was ever set
  policy_broken,       // the policy can't be evaluated (an operator value is null)
  policy_denied,       // it does not accept these claims
  wrapping_key_unbound,
  key_unknown,
  key_expired,
  wrapping_failed,  // not RSA, or too small for the key
  published_wrapping_key,
  frozen,  // by a member, or the service is not open yet; nothing is released
  moved,   // the governance state moved three times while it was judged
  failed,  // the ledger can't be written, or we are broken
};

struct ReleaseRefusal {
  Refused step = Refused::failed;
  Error error;
  std::string reason;              // compact, for a header; may be empty
  std::string report_data_prefix;  // with wrapping_key_unbound: 16 hex digits
};

template <class T>
using Judged = tl::expected<T, ReleaseRefusal>;

// Evidence that verified and was accepted by the policy in force of a view.
struct Appraised {
  attestation::Claims claims;
  policy::AttestationResult result;
};
// Also what POST /app/key asks: may this workload have keys at all?
Judged<Appraised> appraise_evidence(const Core& core, const View& view,
                                    const attestation::SnpEvidence& evidence);

struct ReleaseRequest {
  std::shared_ptr<const governance::Caller> caller;  // nullptr: the governed list lets anyone call
  // Whether that caller may ask by the view that the rest is judged by; asked anew with each
  // judgement. Empty: yes.
  std::function<bool(const std::shared_ptr<const View>&)> admits;
  attestation::SnpEvidence evidence;
  std::string wrapping_key;  // PEM text as sent
  std::string kid;
  KeyFormat format = KeyFormat::jwk;
  // What the caller, the operator's trail and the ledger know the request by; at most 128 bytes,
  // empty: it has none.
  std::string request_id;
};

struct Released {
  Bytes wrapped;
  std::shared_ptr<const KeyRecord> key;
  ledger::TransactionId id;  // of the key_released entry
};
Judged<Released> release_key(Core& core, const ReleaseRequest& request);

// unavailable: the service is frozen, or not open yet.
Status check_releasing(const governance::State& governance);

// The keyed hash that names a caller in its releases. not_found: no ledger secret.
Result<Digest> caller_hash(const Core& core, const governance::Caller* caller);

// True once the rotation policy in force says so (kms-api.md 7.3).
bool is_expired(const governance::State& governance, const KeyRecord& key, Time now);

}  // namespace vitrine::core
