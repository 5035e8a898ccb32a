// UVM endorsements: a COSE_Sign1 in which the maker of a utility VM vouches for its launch
// measurement (attestation.md 4, kms-api.md 6.5). The certificates' dates are ignored on purpose:
// leaves live a year and endorsements longer; what ends an old UVM is the signer's lowest SVN.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "attestation/verify.h"
#include "base/bytes.h"
#include "base/result.h"

namespace vitrine::attestation::uvm {

struct Endorsement {
  std::string did;
  std::string feed;
  std::uint64_t svn = 0;
  std::array<Byte, 48> measurement{};
  bool simulated = false;
};

// Order: structure and constants; the (did, feed) is a trusted signer's; chain to that signer's
// root; the did resolves over it; signature by the leaf; payload; SVN floor.
// malformed: structure. denied: everything that is a matter of trust.
Result<Endorsement> verify_endorsement(ByteView cose, const std::vector<UvmSigner>& signers);

}  // namespace vitrine::attestation::uvm
