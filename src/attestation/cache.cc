#include "attestation/cache.h"

#include <algorithm>

#include "crypto/hash.h"

namespace vitrine::attestation {

namespace {

void append_u64(Bytes& to, std::uint64_t value) {
  for (int shift = 56; shift >= 0; shift -= 8) to.push_back(static_cast<Byte>(value >> shift));
}

void append_text(Bytes& to, std::string_view text) {
  append_u64(to, text.size());
  append(to, as_bytes(text));
}

}  // namespace

VerificationCache::VerificationCache(std::size_t entries_max)
    : state_(std::make_unique<State>(std::max<std::size_t>(entries_max, 1))) {}
VerificationCache::~VerificationCache() = default;

Digest anchors_digest(const TrustAnchors& anchors) {
  Bytes all;
  append_u64(all, anchors.snp_roots.size());
  for (const auto& root : anchors.snp_roots) {
    append_text(all, root.product);
    append(all, root.spki_sha256);
    all.push_back(root.simulated ? 1 : 0);
  }
  for (const auto& signer : anchors.uvm_signers) {
    append_text(all, signer.did);
    append_text(all, signer.feed);
    append_u64(all, signer.svn_min);
    append(all, signer.root_spki_sha256);
    all.push_back(signer.simulated ? 1 : 0);
  }
  return crypto::sha256(all);
}

Digest cache_key(const Digest& anchors, ByteView bytes) {
  return crypto::sha256({ByteView(anchors), bytes});
}

}  // namespace vitrine::attestation
