// did:x509 (version 0): an issuer named by the fingerprint of a CA certificate and by what the leaf
// must say. Known policies: eku and subject; anything else refuses (attestation.md 4). Dates play
// no part.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/hash.h"
#include "crypto/x509.h"

namespace vitrine::attestation::uvm {

inline constexpr std::size_t kDidBytesMax = 1024;
inline constexpr std::size_t kDidPoliciesMax = 8;

struct DidX509 {
  struct SubjectAttribute {
    std::string key;  // "CN"
    std::string value;
    bool operator==(const SubjectAttribute&) const = default;
  };

  crypto::Hash hash = crypto::Hash::sha256;
  Bytes fingerprint;                      // of a CA certificate, as wide as the hash
  std::vector<std::string> ekus;          // all of them in the leaf
  std::vector<SubjectAttribute> subject;  // each exactly once in the leaf
};

// malformed: another method or version, an unknown hash or policy, no policy, a policy without
// value, an attribute named twice, escapes that are not needed.
Result<DidX509> parse_did_x509(std::string_view did);
std::string to_text(const DidX509& did);

// That `chain` (leaf first, links already checked) is one the did names. denied otherwise.
Status resolve(const DidX509& did, const std::vector<crypto::Certificate>& chain);

}  // namespace vitrine::attestation::uvm
