// Receipts that other software made: recorded ones of CCF and the synthetic one of the KMS vectors.
#include <gtest/gtest.h>

#include <cstdlib>

#include "base/file.h"
#include "client/public_key.h"
#include "client/receipt.h"

namespace vitrine::client {
namespace {

codec::json::Object read(const std::string& name) {
  const auto bytes = read_file(std::string(std::getenv("VITRINE_VECTORS")) + "/kms/" + name,
                               std::size_t{16} << 20);
  return *codec::json::parse_object(as_text(*bytes));
}

std::string text(const codec::json::Object& object, std::string_view name) {
  return std::string(codec::json::text_of(object, name).value());
}

TEST(ReceiptVectors, TheSyntheticReceiptVerifies) {
  const auto vector = read("derived/receipt-synthetic.json");
  const auto service = crypto::Certificate::from_pem(text(vector, "service_cert"));
  const auto receipt = parse_receipt(text(vector, "receipt"));
  ASSERT_TRUE(receipt) << receipt.error().message;
  const auto verified = verify_key_receipt(*receipt, text(vector, "x"), *service);
  ASSERT_TRUE(verified) << verified.error().message;
  EXPECT_EQ(ledger::to_text(verified->id), "2.14");
  EXPECT_FALSE(verify_key_receipt(*receipt, text(vector, "x") + "A", *service));
}

// Every answer of CCF that carries a key and its receipt, in both forms.
TEST(ReceiptVectors, TheRecordedPublicKeysVerify) {
  const auto captures = read("captures/ispirt-on-ccf7.json");
  const auto service = crypto::Certificate::from_pem(text(captures, "service_cert"));
  ASSERT_TRUE(service) << service.error().message;
  int verified_answers = 0;
  for (const auto& item : *codec::json::array_of(captures, "exchanges")) {
    const auto& exchange = item.as_object();
    const auto* response = codec::json::object_of(exchange, "response");
    const auto* request = codec::json::object_of(exchange, "request");
    if (text(*request, "path").find("/app/pubkey") != 0) continue;
    if (codec::json::integer_of(*response, "status") != 200) continue;
    const auto found = find_receipt(text(*response, "body"));
    ASSERT_TRUE(found) << text(exchange, "name") << ": " << found.error().message;
    const auto verified = verify_key_receipt(found->receipt, found->x, *service);
    EXPECT_TRUE(verified) << text(exchange, "name") << ": " << verified.error().message;
    ++verified_answers;
  }
  EXPECT_GE(verified_answers, 3);
}

}  // namespace
}  // namespace vitrine::client
