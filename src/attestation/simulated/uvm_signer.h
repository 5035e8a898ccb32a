// A throw-away maker of utility VMs: three certificates and the COSE_Sign1 in which it vouches for
// a launch measurement, in the form of the real one (attestation.md 4).
#pragma once

#include <array>
#include <string>
#include <vector>

#include "attestation/simulated/amd_chain.h"
#include "codec/cbor.h"

namespace vitrine::attestation::simulated {

inline constexpr std::string_view kUvmFeed = "Simulated-UVM";
inline constexpr std::string_view kUvmEku = "1.3.6.1.4.1.311.76.59.1.2";
inline constexpr std::uint64_t kUvmSvn = 100;

struct UvmIdentity {
  std::vector<crypto::Certificate> chain;  // leaf, CA, root
  crypto::PrivateKey leaf_key;             // RSA

  std::string did() const;  // names the root's fingerprint and kUvmEku
};
Result<UvmIdentity> make_uvm_identity(const Validity& validity, std::size_t rsa_bits = 2048);

// alg PS384, content type, x5chain, x5t, iss, feed.
codec::cbor::Value uvm_protected_header(const UvmIdentity& identity);
std::string uvm_payload(const std::array<Byte, 48>& measurement);
Result<Bytes> endorse_uvm(const UvmIdentity& identity, const std::array<Byte, 48>& measurement);

}  // namespace vitrine::attestation::simulated
