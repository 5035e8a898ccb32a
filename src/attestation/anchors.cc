// The roots and signers compiled in (attestation.md 2, 4). Others are added by governance.
#include "attestation/verify.h"
#include "base/assert.h"
#include "base/hex.h"

namespace vitrine::attestation {

namespace {

Digest pinned(std::string_view hex) {
  const auto digest = digest_from_hex(hex);
  VITRINE_ASSERT(digest.has_value());
  return *digest;
}

// Microsoft Supply Chain RSA Root CA 2022.
constexpr std::string_view kUvmRootSpki =
    "84ce862a73b73d63b1cdbde1d30559eaab4040f6a63638c83e8357fe2250e5d3";
constexpr std::string_view kUvmDid =
    "did:x509:0:sha256:I__iuL25oXEVFdTP_aBLx_eT1RPHbCQ_ECBQfYZpt9s::eku:1.3.6.1.4.1.311.76.59.1.";

}  // namespace

TrustAnchors default_trust_anchors() {
  TrustAnchors anchors;
  anchors.snp_roots = {
      {"Milan", pinned("9f056bee44377e29308cb5ffa895bdfb62d18881fa6bed8d6f075b0204089cb9")},
      {"Genoa", pinned("429a69c9422aa258ee4d8db5fcda9c6470ef15f8cd5a9cebd6cbc7d90b863831")},
      {"Turin", pinned("4f125410563a2ab9a50356f9243f6fe0b6f73de98603f53f90339c70e9d7ad08")},
  };
  anchors.uvm_signers = {
      {std::string(kUvmDid) + "2", "ContainerPlat-AMD-UVM", 100, pinned(kUvmRootSpki)},
      {std::string(kUvmDid) + "5", "ConfAKS-AMD-UVM", 1, pinned(kUvmRootSpki)},
  };
  return anchors;
}

}  // namespace vitrine::attestation
