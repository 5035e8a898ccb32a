// Receipts in the JS shape that the KMS's clients verify (kms-api.md 9, ccf.md 7): made by the
// node, checked offline.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "codec/json.h"
#include "crypto/key.h"
#include "crypto/x509.h"
#include "ledger/leaf.h"
#include "ledger/tree.h"

namespace vitrine::ledger {

// A CCF root as signed by a node: ECDSA over the root as an already hashed value.
struct SignedRoot {
  Roots roots;
  std::string node_id;               // hex SHA-256 of the node's SPKI
  std::string node_certificate_pem;  // endorsed by the service key
  Bytes signature;                   // DER
};

struct Receipt {
  Digest write_set_digest;
  std::string commit_evidence;
  Digest claims_digest;
  std::vector<PathStep> proof;
  Bytes signature;
  std::string node_id;
  std::string certificate_pem;

  // kms = true: the KMS's string form with is_signature_transaction; false: GET /app/receipt's form
  // (ccf.md 7).
  codec::json::Object to_json(bool kms) const;
  static Result<Receipt> from_json(const codec::json::Object& receipt);
  Digest root() const;  // folds the proof
};

Receipt make_receipt(ByteView leaf_bytes, const Leaf& leaf, std::string commit_evidence,
                     std::vector<PathStep> proof, const SignedRoot& head);

struct VerifiedReceipt {
  TransactionId id;  // from the commit evidence
  Digest claims_digest;
  Digest root;
};
// Every step of ccf.md 7 against a pinned service certificate: evidence form, fold, prehash
// signature, node id, node certificate signed by the service key. denied, malformed: names the
// step. Dates of certificates are not judged.
Result<VerifiedReceipt> verify_receipt(const Receipt& receipt,
                                       const crypto::Certificate& service_certificate);

}  // namespace vitrine::ledger
