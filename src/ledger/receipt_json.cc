// Receipts as JSON, in the form that the KMS's clients read (kms-api.md 9) and that of GET
// /app/receipt (ccf.md 7). They differ in one member.
#include <fmt/format.h>

#include <array>

#include "base/base64.h"
#include "base/hex.h"
#include "base/limits.h"
#include "ledger/receipt.h"

namespace vitrine::ledger {

using codec::json::Array;
using codec::json::Object;
using codec::json::Value;

namespace {

constexpr std::size_t kSignatureBytesMax = 160;  // DER ECDSA up to P-521
constexpr std::size_t kEvidenceBytesMax = 128;

Status refuse_unknown(const Object& object, std::string_view where,
                      std::initializer_list<std::string_view> known) {
  for (const auto& member : object) {
    bool found = false;
    for (const auto name : known) found = found || std::string_view(member.key()) == name;
    if (!found) {
      return malformed(fmt::format("receipt: {}unknown member {}", where,
                                   std::string_view(member.key()).substr(0, 64)));
    }
  }
  return {};
}

Result<std::string> text(const Object& object, std::string_view name, std::size_t bytes_max) {
  const auto value = codec::json::text_of(object, name);
  if (!value || value->empty() || value->size() > bytes_max) {
    return malformed(
        fmt::format("receipt: member {} is not text of 1 to {} bytes", name, bytes_max));
  }
  return std::string(*value);
}

// Lower-case only, so that a receipt has one spelling.
Result<Digest> hex_digest(std::string_view hex, std::string_view name) {
  const auto digest = digest_from_hex(hex);
  if (!digest || to_hex(*digest) != hex) {
    return malformed(fmt::format("receipt: member {} is not 64 lower-case hex digits", name));
  }
  return *digest;
}

Result<Digest> digest_member(const Object& object, std::string_view name) {
  VITRINE_TRY(const auto hex, text(object, name, 64));
  return hex_digest(hex, name);
}

Status read_leaf(const Object& json, Receipt& receipt) {
  const Object* leaf = codec::json::object_of(json, "leaf_components");
  if (leaf == nullptr) return malformed("receipt: member leaf_components is not an object");
  VITRINE_CHECK(refuse_unknown(
      *leaf, "leaf_components: ", {"write_set_digest", "commit_evidence", "claims_digest"}));
  VITRINE_TRY(receipt.write_set_digest, digest_member(*leaf, "write_set_digest"));
  VITRINE_TRY(receipt.commit_evidence, text(*leaf, "commit_evidence", kEvidenceBytesMax));
  VITRINE_TRY(receipt.claims_digest, digest_member(*leaf, "claims_digest"));
  return {};
}

Result<PathStep> read_step(const Value& value) {
  const Object* step = value.if_object();
  if (step == nullptr || step->size() != 1) {
    return malformed("receipt: a step of proof is not an object with one member");
  }
  const std::string_view side(step->begin()->key());
  if (side != "left" && side != "right") {
    return malformed("receipt: a step of proof is neither left nor right");
  }
  VITRINE_TRY(const auto hash, digest_member(*step, side));
  return PathStep{side == "left", hash};
}

Status read_proof(const Object& json, Receipt& receipt) {
  const Array* proof = codec::json::array_of(json, "proof");
  if (proof == nullptr || proof->size() > limits::kProofHashesMax) {
    return malformed(fmt::format("receipt: member proof is not an array of at most {}",
                                 limits::kProofHashesMax));
  }
  for (const Value& value : *proof) {
    VITRINE_TRY(const auto step, read_step(value));
    receipt.proof.push_back(step);
  }
  return {};
}

}  // namespace

Object Receipt::to_json(bool kms) const {
  Array steps;
  for (const auto& [left, hash] : proof) {
    steps.push_back(Object{{left ? "left" : "right", to_hex(hash)}});
  }
  Object json;
  json["signature"] = to_base64(signature);
  json["cert"] = certificate_pem;
  json["node_id"] = node_id;
  if (kms) json["is_signature_transaction"] = false;
  json["leaf_components"] = Object{{"write_set_digest", to_hex(write_set_digest)},
                                   {"commit_evidence", commit_evidence},
                                   {"claims_digest", to_hex(claims_digest)}};
  json["proof"] = std::move(steps);
  return json;
}

Result<Receipt> Receipt::from_json(const Object& json) {
  VITRINE_CHECK(refuse_unknown(json, "",
                               {"signature", "cert", "node_id", "is_signature_transaction",
                                "leaf_components", "proof", "service_endorsements"}));
  if (json.contains("is_signature_transaction") &&
      codec::json::bool_of(json, "is_signature_transaction") != false) {
    return malformed("receipt: member is_signature_transaction is not false");
  }
  // They would name service identities of before a recovery; this service keeps its identity.
  if (const auto* endorsements = codec::json::array_of(json, "service_endorsements");
      json.contains("service_endorsements") &&
      (endorsements == nullptr || !endorsements->empty())) {
    return malformed("receipt: member service_endorsements is not an empty array");
  }
  Receipt receipt;
  VITRINE_TRY(const auto signature, text(json, "signature", 4 * kSignatureBytesMax / 3));
  const auto signature_bytes = from_base64(signature);
  if (!signature_bytes) return malformed("receipt: member signature is not base64");
  receipt.signature = *signature_bytes;
  VITRINE_TRY(receipt.certificate_pem, text(json, "cert", 2 * limits::kCertificateBytesMax));
  VITRINE_TRY(receipt.node_id, text(json, "node_id", 64));
  if (auto id = hex_digest(receipt.node_id, "node_id"); !id) return tl::unexpected(id.error());
  VITRINE_CHECK(read_leaf(json, receipt));
  VITRINE_CHECK(read_proof(json, receipt));
  return receipt;
}

}  // namespace vitrine::ledger
