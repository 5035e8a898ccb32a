// Receipts that other software made: vectors/kms.
#include <gtest/gtest.h>

#include "crypto/hash.h"
#include "ledger/receipt.h"
#include "ledger/vectors_for_testing.h"

namespace vitrine::ledger {

namespace {

using codec::json::Object;

Receipt receipt_from(std::string_view json) {
  const auto parsed = codec::json::parse_object(json);
  if (!parsed) {
    ADD_FAILURE() << parsed.error().message;
    return {};
  }
  auto receipt = Receipt::from_json(*parsed);
  if (!receipt) {
    ADD_FAILURE() << receipt.error().message;
    return {};
  }
  return *std::move(receipt);
}

// One altered byte anywhere in what is verified is refused.
void check_every_alteration(const Receipt& good, const crypto::Certificate& service) {
  ASSERT_TRUE(verify_receipt(good, service));
  const auto refuses = [&](auto change) {
    Receipt changed = good;
    change(changed);
    return !verify_receipt(changed, service).has_value();
  };
  for (std::size_t i = 0; i < 32; ++i) {
    EXPECT_TRUE(refuses([&](Receipt& r) { r.write_set_digest.bytes[i] ^= 1; }));
    EXPECT_TRUE(refuses([&](Receipt& r) { r.claims_digest.bytes[i] ^= 1; }));
    for (std::size_t step = 0; step < good.proof.size(); ++step) {
      EXPECT_TRUE(refuses([&](Receipt& r) { r.proof[step].hash.bytes[i] ^= 1; }));
    }
  }
  for (std::size_t i = 0; i < good.commit_evidence.size(); ++i) {
    EXPECT_TRUE(refuses(
        [&](Receipt& r) { r.commit_evidence[i] = static_cast<char>(r.commit_evidence[i] ^ 1); }));
  }
  for (std::size_t i = 0; i < good.signature.size(); ++i) {
    EXPECT_TRUE(refuses([&](Receipt& r) { r.signature[i] ^= 1; }));
  }
  for (std::size_t i = 0; i < good.node_id.size(); ++i) {
    EXPECT_TRUE(refuses([&](Receipt& r) { r.node_id[i] = static_cast<char>(r.node_id[i] ^ 1); }));
  }
  for (std::size_t i = 0; i < good.certificate_pem.size(); ++i) {
    EXPECT_TRUE(refuses([&](Receipt& r) {
      r.certificate_pem[i] = static_cast<char>(r.certificate_pem[i] ^ 1);
    })) << i;
  }
}

}  // namespace

TEST(ReceiptVectors, Synthetic) {
  const Object file = vector_file("kms/derived/receipt-synthetic.json");
  const auto service = crypto::Certificate::from_pem(text(file, "service_cert"));
  ASSERT_TRUE(service) << service.error().message;
  const Receipt receipt = receipt_from(text(file, "receipt"));
  const auto verified = verify_receipt(receipt, *service);
  ASSERT_TRUE(verified) << verified.error().message;
  EXPECT_EQ(verified->root, hash(file, "expected_root"));
  EXPECT_EQ(verified->claims_digest, crypto::sha256(as_bytes(text(file, "x"))));
  EXPECT_EQ(ccf_leaf_hash(receipt.write_set_digest,
                          crypto::sha256(as_bytes(receipt.commit_evidence)), receipt.claims_digest),
            hash(file, "expected_leaf"));
  check_every_alteration(receipt, *service);
}

TEST(ReceiptVectors, OfARunningKms) {
  const Object file = vector_file("kms/captures/ispirt-on-ccf7.json");
  const auto service = crypto::Certificate::from_pem(text(file, "service_cert"));
  ASSERT_TRUE(service) << service.error().message;
  unsigned receipts = 0;
  for (const auto& item : list(file, "exchanges")) {
    const Object* response = codec::json::object_of(item.as_object(), "response");
    ASSERT_NE(response, nullptr);
    const auto body = codec::json::text_of(*response, "body");
    const auto parsed = body ? codec::json::parse_object(*body) : Result<Object>(malformed(""));
    if (!parsed) continue;
    std::string json;
    if (parsed->contains("leaf_components")) {
      json = *body;
    } else if (const auto inside = codec::json::text_of(*parsed, "receipt"); inside) {
      json = *inside;
    }
    if (json.empty()) continue;
    ++receipts;
    const auto verified = verify_receipt(receipt_from(json), *service);
    EXPECT_TRUE(verified) << text(item.as_object(), "name") << ": " << verified.error().message;
    if (const auto x = codec::json::text_of(*parsed, "x"); verified && x) {
      EXPECT_EQ(verified->claims_digest, crypto::sha256(as_bytes(*x)));
    }
    if (receipts == 1) check_every_alteration(receipt_from(json), *service);
  }
  EXPECT_GE(receipts, 9U);
}

}  // namespace vitrine::ledger
