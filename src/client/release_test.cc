#include "client/release.h"

#include <gtest/gtest.h>

#include "base/base64.h"
#include "client/for_testing.h"
#include "keys/key.h"

namespace vitrine::client {
namespace {

// RSA-2048 for speed; the tink keyset fits into it, a JWK needs more (kms-api.md 5.1).
WrappingKey small_wrapping_key() {
  auto key = *crypto::PrivateKey::generate(crypto::KeyKind::rsa, 2048);
  std::string pem = key.public_key().pem();
  return {std::move(pem), std::move(key)};
}

struct Flow {
  std::shared_ptr<CannedClient::Log> log = std::make_shared<CannedClient::Log>();
  Service service{std::make_unique<CannedClient>(log)};
  WrappingKey wrapping_key = small_wrapping_key();
  ServiceForTesting node;

  void answer_key() {
    const codec::json::Object body{{"wrappedKid", kKid}, {"wrapped", ""}, {"receipt", ""}};
    log->responses.push_back({200, {}, codec::json::write(body)});
  }
  void answer_unwrap(ByteView private_key, std::string_view receipt_of) {
    const auto keyset = keys::private_tink(private_key);
    const auto wrapped = *wrapping_key.key.public_key().oaep_encrypt(keyset.reveal());
    const codec::json::Object body{{"wrapped", to_base64(wrapped)},
                                   {"receipt", node.receipt_text(receipt_of)}};
    log->responses.push_back(
        {200, {{"x-ms-ccf-transaction-id", "2.31"}}, codec::json::write(body)});
  }
  Result<Released> run(std::string kid) {
    return release(service, {{}, std::move(kid), KeyFormat::tink}, wrapping_key,
                   node.certificate());
  }
};

Bytes private_bytes() {
  Bytes bytes(32);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<Byte>(i + 1);
  return bytes;
}

TEST(ReportData, IsTheHashOfTheTextAndZeros) {
  const auto report_data = report_data_for("text\n");
  EXPECT_TRUE(same(ByteView(report_data).first(32), crypto::sha256(as_bytes("text\n"))));
  EXPECT_TRUE(all_zero(ByteView(report_data).subspan(32)));
  EXPECT_NE(report_data, report_data_for("text"));
}

TEST(Release, AsksForTheNewestKeyAndUnwrapsIt) {
  Flow flow;
  flow.answer_key();
  flow.answer_unwrap(private_bytes(), kX);
  const auto released = flow.run("");
  ASSERT_TRUE(released) << released.error().message;
  EXPECT_EQ(released->kid, kKid);
  EXPECT_EQ(x_of(released->key.public_key), kX);
  EXPECT_EQ(released->release_transaction_id, "2.31");
  EXPECT_EQ(ledger::to_text(released->receipt->id), "2.14");
  EXPECT_EQ(flow.log->requests[0].target, "/app/key?fmt=tink");
  EXPECT_EQ(flow.log->requests[1].target, "/app/unwrapKey?fmt=tink");
}

TEST(Release, RefusesAnotherKeysPrivateHalf) {
  Flow flow;
  auto other = private_bytes();
  other[1] ^= 1;
  flow.answer_unwrap(other, kX);
  const auto released = flow.run(std::string(kKid));
  ASSERT_FALSE(released);
  EXPECT_EQ(released.error().code, Code::denied);
  EXPECT_EQ(released.error().message,
            "release of key LehdaA32x1rR3oQpsO6E09k4VlvJZqbItoPdN0TVwgI_1: the service sent "
            "another key's private half");
}

TEST(Release, RefusesAReceiptOfAnotherKey) {
  Flow flow;
  flow.answer_unwrap(private_bytes(), "another");
  const auto released = flow.run(std::string(kKid));
  ASSERT_FALSE(released);
  EXPECT_EQ(released.error().message.find("receipt: it is of another key"), 0u);
}

TEST(Release, SaysWhichKeyTheServiceRefused) {
  Flow flow;
  flow.log->responses.push_back({400, {{"x-ms-kms-error-code", "WRAPPING_KEY_HASH_MISMATCH"}}, ""});
  const auto released = flow.run(std::string(kKid));
  ASSERT_FALSE(released);
  EXPECT_EQ(released.error().code, Code::denied);
  EXPECT_EQ(
      released.error().message,
      "release of key LehdaA32x1rR3oQpsO6E09k4VlvJZqbItoPdN0TVwgI_1: POST /app/unwrapKey?fmt=tink: "
      "the service answered 400: WRAPPING_KEY_HASH_MISMATCH");
}

TEST(Release, DoesNotOpenWithAForeignWrappingKey) {
  Flow flow;
  flow.answer_unwrap(private_bytes(), kX);
  flow.wrapping_key = small_wrapping_key();
  const auto released = flow.run(std::string(kKid));
  ASSERT_FALSE(released);
  EXPECT_EQ(released.error().message.find("unwrap with the wrapping key: "), 0u);
}

}  // namespace
}  // namespace vitrine::client
