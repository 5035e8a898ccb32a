#include "ledger/receipt.h"

#include "base/hex.h"
#include "crypto/hash.h"
#include "ledger/seal.h"

namespace vitrine::ledger {

namespace {

Result<crypto::Certificate> signing_certificate(const Receipt& receipt) {
  auto certificate = crypto::Certificate::from_pem(receipt.certificate_pem);
  if (!certificate) return in_context("receipt: cert", std::move(certificate).error());
  return certificate;
}

bool is_ec(crypto::KeyKind kind) {
  return kind == crypto::KeyKind::ec_p256 || kind == crypto::KeyKind::ec_p384 ||
         kind == crypto::KeyKind::ec_p521;
}

}  // namespace

Receipt make_receipt(ByteView leaf_bytes, const Leaf& leaf, std::string commit_evidence,
                     std::vector<PathStep> proof, const SignedRoot& head) {
  return {crypto::sha256(leaf_bytes),
          std::move(commit_evidence),
          leaf.claims_digest.value_or(Digest{}),
          std::move(proof),
          head.signature,
          head.node_id,
          head.node_certificate_pem};
}

Digest Receipt::root() const {
  Digest folded =
      ccf_leaf_hash(write_set_digest, crypto::sha256(as_bytes(commit_evidence)), claims_digest);
  for (const auto& [left, hash] : proof) {
    folded = left ? node_hash(TreeKind::ccf, hash, folded) : node_hash(TreeKind::ccf, folded, hash);
  }
  return folded;
}

// The steps of ccf.md 7, cheap ones first; nothing is believed before all have passed.
Result<VerifiedReceipt> verify_receipt(const Receipt& receipt,
                                       const crypto::Certificate& service_certificate) {
  VITRINE_TRY(const auto id, transaction_id_in(receipt.commit_evidence));
  VITRINE_TRY(const auto certificate, signing_certificate(receipt));
  const auto& node_key = certificate.public_key();
  if (to_hex(node_key.spki_sha256()) != receipt.node_id) {
    return denied("receipt: node_id is not the hash of the certificate's key");
  }
  if (!is_ec(node_key.kind())) return denied("receipt: the node's key is not an EC key");
  const Digest root = receipt.root();
  if (auto verified = node_key.verify_prehashed(root, receipt.signature); !verified) {
    return denied("receipt: the node's signature is not over the root that the proof leads to");
  }
  if (auto linked =
          crypto::check_link(certificate, service_certificate, crypto::CertificateSignature::any);
      !linked) {
    return denied("receipt: the node certificate is not endorsed by the service certificate: " +
                  linked.error().message);
  }
  return VerifiedReceipt{id, receipt.claims_digest, root};
}

}  // namespace vitrine::ledger
