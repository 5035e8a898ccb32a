#include "client/answer.h"

#include <gtest/gtest.h>

namespace vitrine::client {
namespace {

net::Response response(int status, net::Headers headers = {}, std::string body = {}) {
  return {status, std::move(headers), std::move(body)};
}

TEST(Answer, CarriesBodyAndTransactionId) {
  const auto answer = read_answer(
      "GET /app/heartbeat", response(200, {{"x-ms-ccf-transaction-id", "2.19"}}, R"({"a":1})"));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->transaction_id, "2.19");
  EXPECT_EQ(codec::json::write(answer->body), R"({"a":1})");
  EXPECT_FALSE(answer->dev);
}

TEST(Answer, SaysDevWhereTheServiceDoes) {
  EXPECT_TRUE(read_answer("GET /", response(200, {{"x-vitrine-dev", "1"}}))->dev);
  EXPECT_FALSE(read_answer("GET /", response(200, {{"x-vitrine-dev", "0"}}))->dev);
}

TEST(Answer, AcceptsAnEmptyBodyAndRefusesOneThatIsNotJson) {
  EXPECT_TRUE(read_answer("GET /node/ready/app", response(204))->body.is_null());
  const auto bad = read_answer("GET /node/state", response(200, {}, "<html>"));
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().code, Code::internal);
  EXPECT_EQ(bad.error().message.find("GET /node/state: the service's answer is not JSON"), 0u);
}

TEST(Answer, ShowsTheReasonsOfAnAuthenticationFailure) {
  const auto error =
      read_answer("GET /app/auth",
                  response(401, {},
                           R"({"error":{"code":"InvalidAuthenticationInfo","details":[)"
                           R"({"auth_policy":"user_cert","code":"X","message":"No caller"},)"
                           R"({"auth_policy":"jwt","code":"X","message":"Missing header"}],)"
                           R"("message":"Invalid authentication credentials."}})"))
          .error();
  EXPECT_EQ(error.code, Code::denied);
  EXPECT_EQ(error.message,
            "GET /app/auth: the service answered 401: InvalidAuthenticationInfo: Invalid "
            "authentication credentials. (user_cert: No caller; jwt: Missing header)");
}

TEST(Answer, ShowsTheReasonHeadersOfTheContract) {
  const auto error =
      read_answer("POST /app/unwrapKey",
                  response(400, {{"x-ms-kms-error-code", "ATTESTATION_VALIDATION_FAILED"},
                                 {"x-ms-kms-error-details", "status_code:400"},
                                 {"x-vitrine-reason", "hostdata: wanted aa, found bb"}}))
          .error();
  EXPECT_EQ(error.code, Code::denied);
  EXPECT_EQ(error.message,
            "POST /app/unwrapKey: the service answered 400: ATTESTATION_VALIDATION_FAILED "
            "(status_code:400): hostdata: wanted aa, found bb");
}

TEST(Answer, IsRefusedEvidenceUnderStrictPeerStatusesToo) {
  const auto code = [](int status, std::string error_code) {
    return read_answer("POST /", response(status, {{"x-ms-kms-error-code", error_code}}))
        .error()
        .code;
  };
  EXPECT_EQ(code(500, "ATTESTATION_VALIDATION_FAILED"), Code::denied);
  EXPECT_EQ(code(400, "WRAPPING_KEY_HASH_MISMATCH"), Code::denied);
  EXPECT_EQ(code(500, ""), Code::internal);
  EXPECT_EQ(code(500, "WRAP_KEY_EXCEPTION"), Code::malformed);
  EXPECT_EQ(code(400, "INVALID_PEM_FORMAT"), Code::malformed);
}

TEST(Answer, MapsEachStatusToOneCode) {
  const auto code = [](int status) { return read_answer("GET /", response(status)).error().code; };
  EXPECT_EQ(code(400), Code::malformed);
  EXPECT_EQ(code(401), Code::denied);
  EXPECT_EQ(code(403), Code::denied);
  EXPECT_EQ(code(404), Code::not_found);
  EXPECT_EQ(code(405), Code::malformed);
  EXPECT_EQ(code(410), Code::conflict);
  EXPECT_EQ(code(413), Code::malformed);
  EXPECT_EQ(code(429), Code::unavailable);
  EXPECT_EQ(code(500), Code::internal);
  EXPECT_EQ(code(503), Code::unavailable);
}

TEST(Answer, IsNotThereYetWith202) {
  const auto error = read_answer("GET /app/pubkey", response(202, {{"retry-after", "3"}})).error();
  EXPECT_EQ(error.code, Code::unavailable);
  EXPECT_EQ(error.message, "GET /app/pubkey: the service answered 202: not available yet");
  EXPECT_EQ(error.hint, "try again in 3 s");
}

// A server must not write to the terminal through an error text.
TEST(Answer, ShowsNoControlCharacters) {
  const auto error =
      read_answer("GET /", response(503, {{"x-vitrine-reason", "a\x1b[31mb\tc"}})).error();
  EXPECT_EQ(error.message, "GET /: the service answered 503: a?[31mb?c");
}

}  // namespace
}  // namespace vitrine::client
