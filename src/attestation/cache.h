// The inside of VerificationCache: two bounded maps from the hash of exact bytes (and of the
// anchors they were judged by) to what was verified, and tables of the keys that sign reports. Only
// successes are kept. Safe from any thread.
#pragma once

#include "attestation/snp/chain.h"
#include "attestation/uvm/endorsement.h"
#include "attestation/verify.h"
#include "base/bytes.h"
#include "base/recently_used.h"
#include "crypto/p384/verifier.h"

namespace vitrine::attestation {

struct VerificationCache::State {
  explicit State(std::size_t entries_max) : chains(entries_max), uvm(entries_max) {}
  RecentlyUsed<snp::EndorsementChain> chains;
  RecentlyUsed<uvm::Endorsement> uvm;
  crypto::p384::Verifier report_signatures;  // of keys whose chain verified, and of no others
};

// What a verification may be remembered under: other anchors never find it.
Digest anchors_digest(const TrustAnchors& anchors);
Digest cache_key(const Digest& anchors, ByteView bytes);

}  // namespace vitrine::attestation
