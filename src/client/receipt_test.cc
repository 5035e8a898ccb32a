#include "client/receipt.h"

#include <gtest/gtest.h>

#include "client/for_testing.h"

namespace vitrine::client {
namespace {

TEST(KeyReceipt, VerifiesWithThePinnedCertificate) {
  const ServiceForTesting service;
  const auto verified = verify_key_receipt(service.receipt(kX), kX, service.certificate());
  ASSERT_TRUE(verified) << verified.error().message;
  EXPECT_EQ(ledger::to_text(verified->id), "2.14");
}

TEST(KeyReceipt, IsRefusedUnderAnotherServiceCertificate) {
  const ServiceForTesting service;
  const ServiceForTesting other;
  const auto verified = verify_key_receipt(service.receipt(kX), kX, other.certificate());
  ASSERT_FALSE(verified);
  EXPECT_EQ(verified.error().code, Code::denied);
}

TEST(KeyReceipt, IsRefusedForAnotherKey) {
  const ServiceForTesting service;
  const auto verified = verify_key_receipt(service.receipt("another"), kX, service.certificate());
  ASSERT_FALSE(verified);
  EXPECT_EQ(verified.error().code, Code::denied);
  EXPECT_EQ(verified.error().message.find("receipt: it is of another key: its claim is "), 0u);
}

TEST(KeyReceipt, IsRefusedWhenAClaimWasPutIntoIt) {
  const ServiceForTesting service;
  auto receipt = service.receipt("another");
  receipt.claims_digest = crypto::sha256(as_bytes(kX));
  EXPECT_FALSE(verify_key_receipt(receipt, kX, service.certificate()));
}

TEST(FoundReceipt, ComesFromEachFormItIsServedIn) {
  const ServiceForTesting service;
  const auto text = service.receipt_text(kX);
  const auto in_string = find_receipt(codec::json::write(codec::json::Value(text)));
  ASSERT_TRUE(in_string) << in_string.error().message;
  EXPECT_EQ(in_string->x, "");
  const auto plain = find_receipt(codec::json::write(service.receipt(kX).to_json(false)));
  ASSERT_TRUE(plain) << plain.error().message;
  EXPECT_EQ(plain->receipt.commit_evidence, in_string->receipt.commit_evidence);

  auto answer = public_jwk_for_testing();
  answer["receipt"] = text;
  const auto in_answer = find_receipt(codec::json::write(answer));
  ASSERT_TRUE(in_answer) << in_answer.error().message;
  EXPECT_EQ(in_answer->x, kX);
  EXPECT_EQ(in_answer->kid, kKid);

  const codec::json::Object key_answer{{"wrappedKid", kKid}, {"wrapped", ""}, {"receipt", text}};
  const auto in_key = find_receipt(codec::json::write(key_answer));
  ASSERT_TRUE(in_key) << in_key.error().message;
  EXPECT_EQ(in_key->kid, kKid);
  EXPECT_EQ(in_key->x, "");
}

TEST(FoundReceipt, IsMissedWithAHint) {
  const auto none = find_receipt(R"({"a":1})");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().message,
            "receipt: the file has neither a receipt's members nor a member `receipt`");
  EXPECT_NE(none.error().hint, "");
  EXPECT_FALSE(find_receipt("[]"));
  EXPECT_FALSE(find_receipt(""));
}

TEST(FoundReceipt, IsUnavailableWhileEmpty) {
  const auto empty = find_receipt(R"({"wrapped":"","receipt":""})");
  ASSERT_FALSE(empty);
  EXPECT_EQ(empty.error().code, Code::unavailable);
}

}  // namespace
}  // namespace vitrine::client
