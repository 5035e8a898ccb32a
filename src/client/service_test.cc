#include "client/service.h"

#include <gtest/gtest.h>

#include "client/for_testing.h"

namespace vitrine::client {
namespace {

struct Canned {
  std::shared_ptr<CannedClient::Log> log = std::make_shared<CannedClient::Log>();
  Service service{std::make_unique<CannedClient>(log)};

  void answer(int status, std::string body, net::Headers headers = {}) {
    log->responses.push_back({status, std::move(headers), std::move(body)});
  }
  const net::Request& request(std::size_t index) const { return log->requests.at(index); }
};

TEST(Service, AsksForAPublicKeyByKidAndFormat) {
  Canned canned;
  canned.answer(200, codec::json::write(public_jwk_for_testing()),
                {{"x-ms-ccf-transaction-id", "2.20"}});
  const auto answer = canned.service.pubkey(kKid, KeyFormat::jwk);
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(canned.request(0).method, "GET");
  EXPECT_EQ(canned.request(0).target,
            "/app/pubkey?fmt=jwk&kid=LehdaA32x1rR3oQpsO6E09k4VlvJZqbItoPdN0TVwgI_1");
  EXPECT_EQ(answer->key.x, kX);
  EXPECT_EQ(answer->transaction_id, "2.20");
}

// The contract's words for "nothing is there yet" differ from endpoint to endpoint.
TEST(Service, SaysWhatIsNotThere) {
  Canned canned;
  for (const int status : {400, 400, 404, 500, 404}) canned.answer(status, "");
  const auto none = canned.service.pubkey({}, KeyFormat::jwk);
  EXPECT_EQ(none.error().code, Code::not_found);
  EXPECT_EQ(none.error().message, "the service has no key yet");
  EXPECT_EQ(canned.service.list_pubkeys().error().code, Code::not_found);
  EXPECT_EQ(canned.service.pubkey("k_1", KeyFormat::jwk).error().message,
            "the service has no key k_1");
  const auto release = canned.service.policy(PolicyKind::release);
  EXPECT_EQ(release.error().code, Code::not_found);
  EXPECT_EQ(release.error().message, "no release policy is set");
  EXPECT_EQ(canned.service.policy(PolicyKind::rotation).error().message,
            "no rotation policy is set");
}

TEST(Service, SendsTheTokenOnlyWhenOneIsSet) {
  Canned canned;
  canned.answer(200, "{}");
  canned.answer(200, "{}");
  ASSERT_TRUE(canned.service.auth());
  EXPECT_FALSE(net::find_header(canned.request(0).headers, "authorization"));
  canned.service.set_token(SecretBytes::copy_of(as_bytes("a.b.c")));
  ASSERT_TRUE(canned.service.auth());
  EXPECT_EQ(net::find_header(canned.request(1).headers, "authorization"), "Bearer a.b.c");
}

TEST(Service, SendsWhatUnwrapNeeds) {
  Canned canned;
  canned.answer(200, R"({"wrapped":"AQID","receipt":""})", {{"x-ms-ccf-transaction-id", "2.31"}});
  const auto answer =
      canned.service.unwrap({{{"evidence", "e"}}, "PEM\n", std::string(kKid), KeyFormat::tink});
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(canned.request(0).target, "/app/unwrapKey?fmt=tink");
  EXPECT_EQ(canned.request(0).body,
            R"({"wrapped":"","wrappedKid":"LehdaA32x1rR3oQpsO6E09k4VlvJZqbItoPdN0TVwgI_1",)"
            R"("attestation":{"evidence":"e"},"wrappingKey":"PEM\n"})");
  EXPECT_EQ(answer->wrapped, (Bytes{1, 2, 3}));
  EXPECT_EQ(answer->transaction_id, "2.31");
}

TEST(Service, FindsAnAnswerThatLacksAMemberInternal) {
  Canned canned;
  canned.answer(200, R"({"wrapped":""})");
  const auto answer = canned.service.key({}, {}, KeyFormat::jwk);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Code::internal);
  EXPECT_EQ(answer.error().message,
            "POST /app/key: the service's answer has no text member wrappedKid");
}

TEST(Service, IsDeniedAKeyWhereAReasonIsGiven) {
  Canned canned;
  canned.answer(500, "", {{"x-vitrine-reason", "SNP report: signature"}});
  canned.answer(500, "");
  const auto refused = canned.service.key({}, {}, KeyFormat::jwk);
  EXPECT_EQ(refused.error().code, Code::denied);
  EXPECT_EQ(refused.error().message,
            "POST /app/key: the service answered 500: SNP report: signature");
  EXPECT_EQ(canned.service.key({}, {}, KeyFormat::jwk).error().code, Code::internal);
}

TEST(Service, SendsAProposalAsCose) {
  Canned canned;
  canned.answer(200, "[]");
  ASSERT_TRUE(canned.service.propose(Bytes{0xd2, 0x84}));
  EXPECT_EQ(net::find_header(canned.request(0).headers, "content-type"), "application/cose");
  EXPECT_EQ(canned.request(0).body, "\xd2\x84");
}

TEST(Service, PassesOnThatNobodyAnswers) {
  Canned canned;
  const auto answer = canned.service.heartbeat();
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Code::unavailable);
}

TEST(Service, EncodesWhatAQueryCannotHold) {
  EXPECT_EQ(percent_encoded("aZ09-._~"), "aZ09-._~");
  EXPECT_EQ(percent_encoded("a&b=c d/\xc3\xa9"), "a%26b%3Dc%20d%2F%C3%A9");
}

TEST(PolicyKind, HasFourNames) {
  EXPECT_EQ(policy_kind_from("rotation"), PolicyKind::rotation);
  EXPECT_EQ(policy_kind_from("other").error().message,
            "policy other is not release, jwt, rotation or settings");
}

}  // namespace
}  // namespace vitrine::client
