#include "ledger/receipt.h"

#include <gtest/gtest.h>

#include "base/hex.h"
#include "ledger/golden_for_testing.h"
#include "ledger/tree_for_testing.h"

namespace vitrine::ledger {

namespace {

crypto::CertificateRequest request(const char* name, bool ca) {
  crypto::CertificateRequest made;
  made.common_name = name;
  made.not_before = from_unix_seconds(1'700'000'000);
  made.not_after = from_unix_seconds(1'900'000'000);
  made.ca = ca;
  return made;
}

// A service with one node, and a tree of 14 in which the golden leaf is the last.
class ReceiptOf : public ::testing::TestWithParam<crypto::KeyKind> {
 protected:
  ReceiptOf() : tree_(TreeKind::ccf, tiles_) {
    for (unsigned i = 0; i < 13; ++i) tree_.append(golden::digest(i));
    tree_.append(ccf_leaf_hash(encode(leaf_), leaf_));
    head_.roots = {14, Digest{}, tree_.root()};
    head_.node_id = to_hex(node_key_.public_key().spki_sha256());
    head_.node_certificate_pem = node_.pem();
    head_.signature = *node_key_.sign_prehashed(tree_.root());
    receipt_ = make_receipt(encode(leaf_), leaf_, golden::evidence(),
                            with_sides(13, 14, *tree_.inclusion_path(13, 14)), head_);
  }
  std::string refusal(const Receipt& receipt) const {
    const auto verified = verify_receipt(receipt, service_);
    return verified ? "verified" : verified.error().message;
  }

  crypto::PrivateKey service_key_ = *crypto::PrivateKey::generate(GetParam());
  crypto::PrivateKey node_key_ = *crypto::PrivateKey::generate(GetParam());
  crypto::Certificate service_ =
      *crypto::make_self_signed(request("a service", true), service_key_);
  crypto::Certificate node_ = *crypto::make_certificate(
      request("a node", false), node_key_.public_key(), service_, service_key_);
  TilesInMemory tiles_;
  Tree tree_;
  Leaf leaf_ = golden::leaf();
  SignedRoot head_;
  Receipt receipt_;
};

INSTANTIATE_TEST_SUITE_P(Receipt, ReceiptOf,
                         ::testing::Values(crypto::KeyKind::ec_p256, crypto::KeyKind::ec_p384),
                         [](const auto& kind) {
                           return kind.param == crypto::KeyKind::ec_p256 ? "P256" : "P384";
                         });

}  // namespace

TEST_P(ReceiptOf, VerifiesAgainstTheServiceCertificate) {
  const auto verified = verify_receipt(receipt_, service_);
  ASSERT_TRUE(verified) << verified.error().message;
  EXPECT_EQ(verified->id, golden::kId);
  EXPECT_EQ(verified->claims_digest, golden::digest(0x90));
  EXPECT_EQ(verified->root, tree_.root());
}

TEST_P(ReceiptOf, ReadsBackBothForms) {
  for (const bool kms : {true, false}) {
    const auto json = receipt_.to_json(kms);
    EXPECT_EQ(json.contains("is_signature_transaction"), kms);
    const auto read = Receipt::from_json(*codec::json::parse_object(codec::json::write(json)));
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(codec::json::write(read->to_json(kms)), codec::json::write(json));
    EXPECT_EQ(refusal(*read), "verified");
  }
}

TEST_P(ReceiptOf, NamesTheStepThatFails) {
  Receipt other = receipt_;
  other.commit_evidence[4] = 'x';
  EXPECT_EQ(refusal(other), "commit evidence: not ce:VIEW.SEQNO:<64 lower-case hex digits>");

  const std::string another_root =
      "receipt: the node's signature is not over the root that the proof leads to";
  other = receipt_;
  other.commit_evidence[5] = '5';
  EXPECT_EQ(refusal(other), another_root);
  other = receipt_;
  other.write_set_digest.bytes[0] ^= 1;
  EXPECT_EQ(refusal(other), another_root);
  other = receipt_;
  other.claims_digest.bytes[0] ^= 1;
  EXPECT_EQ(refusal(other), another_root);
  for (std::size_t i = 0; i < receipt_.proof.size(); ++i) {
    other = receipt_;
    other.proof[i].hash.bytes[31] ^= 1;
    EXPECT_EQ(refusal(other), another_root);
    other = receipt_;
    other.proof[i].left = !other.proof[i].left;
    EXPECT_EQ(refusal(other), another_root);
  }
  other = receipt_;
  other.proof.pop_back();
  EXPECT_EQ(refusal(other), another_root);
  other = receipt_;
  other.signature.back() ^= 1;
  EXPECT_EQ(refusal(other), another_root);
  other.signature.clear();
  EXPECT_EQ(refusal(other), another_root);

  other = receipt_;
  other.node_id[0] = other.node_id[0] == '0' ? '1' : '0';
  EXPECT_EQ(refusal(other), "receipt: node_id is not the hash of the certificate's key");
  other = receipt_;
  other.certificate_pem = "no certificate";
  EXPECT_EQ(refusal(other).find("receipt: cert: "), 0U);
}

TEST_P(ReceiptOf, RefusesANodeOfAnotherService) {
  const auto other_key = *crypto::PrivateKey::generate(GetParam());
  const auto same_name = *crypto::make_self_signed(request("a service", true), other_key);
  const auto refused = verify_receipt(receipt_, same_name);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::denied);
  EXPECT_EQ(refused.error().message.find(
                "receipt: the node certificate is not endorsed by the service certificate: "),
            0U);
}

TEST_P(ReceiptOf, RefusesANodeThatEndorsesItself) {
  const auto self = *crypto::make_self_signed(request("a service", true), node_key_);
  Receipt other = receipt_;
  other.certificate_pem = self.pem();
  EXPECT_EQ(refusal(other).find(
                "receipt: the node certificate is not endorsed by the service certificate: "),
            0U);
}

TEST_P(ReceiptOf, SpellsAbsentClaimsAsZeros) {
  leaf_.claims_digest.reset();
  const auto receipt = make_receipt(encode(leaf_), leaf_, golden::evidence(), {}, head_);
  EXPECT_EQ(receipt.claims_digest, Digest{});
  EXPECT_EQ(receipt.root(), ccf_leaf_hash(encode(leaf_), leaf_));
}

TEST_P(ReceiptOf, RefusesJsonOfAnotherShape) {
  const auto refused = [&](auto change) {
    auto json = receipt_.to_json(true);
    change(json);
    const auto read = Receipt::from_json(json);
    return read ? std::string("accepted") : read.error().message;
  };
  using Object = codec::json::Object;
  using Array = codec::json::Array;
  const std::string hex(64, 'a');
  EXPECT_EQ(refused([](Object&) {}), "accepted");
  EXPECT_EQ(refused([](Object& json) { json["extra"] = 1; }), "receipt: unknown member extra");
  EXPECT_EQ(refused([](Object& json) { json["is_signature_transaction"] = true; }),
            "receipt: member is_signature_transaction is not false");
  EXPECT_EQ(refused([](Object& json) { json["is_signature_transaction"] = nullptr; }),
            "receipt: member is_signature_transaction is not false");
  EXPECT_EQ(refused([](Object& json) { json["service_endorsements"] = Array{}; }), "accepted");
  EXPECT_EQ(refused([](Object& json) { json["service_endorsements"] = Array{"pem"}; }),
            "receipt: member service_endorsements is not an empty array");
  EXPECT_EQ(refused([](Object& json) { json.erase("signature"); }),
            "receipt: member signature is not text of 1 to 213 bytes");
  EXPECT_EQ(refused([](Object& json) { json["signature"] = "*"; }),
            "receipt: member signature is not base64");
  EXPECT_EQ(refused([](Object& json) { json["cert"] = ""; }),
            "receipt: member cert is not text of 1 to 32768 bytes");
  EXPECT_EQ(refused([&](Object& json) { json["node_id"] = std::string(64, 'A'); }),
            "receipt: member node_id is not 64 lower-case hex digits");
  EXPECT_EQ(refused([](Object& json) { json["leaf_components"] = "leaf"; }),
            "receipt: member leaf_components is not an object");
  EXPECT_EQ(refused([](Object& json) { json["leaf_components"].as_object()["extra"] = 1; }),
            "receipt: leaf_components: unknown member extra");
  EXPECT_EQ(
      refused([](Object& json) { json["leaf_components"].as_object()["claims_digest"] = "00"; }),
      "receipt: member claims_digest is not 64 lower-case hex digits");
  EXPECT_EQ(refused([](Object& json) { json["proof"] = Object{}; }),
            "receipt: member proof is not an array of at most 63");
  EXPECT_EQ(refused([&](Object& json) {
              json["proof"] = Array(64, Object{{"left", hex}});
            }),
            "receipt: member proof is not an array of at most 63");
  EXPECT_EQ(refused([&](Object& json) {
              json["proof"] = Array(63, Object{{"left", hex}});
            }),
            "accepted");
  EXPECT_EQ(refused([&](Object& json) {
              json["proof"] = Array{Object{{"up", hex}}};
            }),
            "receipt: a step of proof is neither left nor right");
  EXPECT_EQ(refused([&](Object& json) {
              json["proof"] = Array{Object{{"left", hex}, {"right", hex}}};
            }),
            "receipt: a step of proof is not an object with one member");
  EXPECT_EQ(refused([](Object& json) { json["proof"] = Array{1}; }),
            "receipt: a step of proof is not an object with one member");
}

}  // namespace vitrine::ledger
