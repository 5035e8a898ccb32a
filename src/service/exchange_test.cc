#include "service/exchange.h"

#include <gtest/gtest.h>

#include "service/attestation_body.h"
#include "service/key_format.h"

namespace vitrine::service {
namespace {

net::Request with_headers(net::Headers headers) {
  net::Request request;
  request.headers = std::move(headers);
  return request;
}

TEST(RequestId, IsTheFirstOfTheFiveHeadersElseTheTime) {
  const Time now = from_unix_ms(1795340519697);
  EXPECT_EQ(request_id_of(with_headers({}), now), "1795340519697");
  EXPECT_EQ(request_id_of(with_headers({{"request-id", "r1"}, {"x-request-id", "r2"}}), now), "r2");
  EXPECT_EQ(request_id_of(with_headers({{"requestid", "last"}}), now), "last");
  EXPECT_EQ(
      request_id_of(with_headers({{"x-ms-request-id", "b"}, {"x-ms-kms-request-id", "a"}}), now),
      "a");
}

TEST(RequestId, IsPrintableAndCapped) {
  const std::string id = request_id_of(
      with_headers({{"request-id", "a\x01\xff" + std::string(500, 'x')}}), from_unix_ms(0));
  EXPECT_EQ(id.size(), 128u);
  EXPECT_EQ(id.substr(0, 4), "a??x");
}

TEST(Reasons, AreCappedAndLeftOutWhenEmpty) {
  net::Response response;
  add_reason(response, "");
  EXPECT_TRUE(response.headers.empty());
  add_reason(response, std::string(1000, 'x') + "\n");
  ASSERT_EQ(response.headers.size(), 1u);
  EXPECT_EQ(response.headers[0].second, std::string(256, 'x'));
}

TEST(KeyFormats, AreJwkByDefaultAndTwoInAll) {
  const auto format = [](const char* target) {
    return key_format(net::parse_target(target).value());
  };
  EXPECT_EQ(format("/key"), core::KeyFormat::jwk);
  EXPECT_EQ(format("/key?fmt="), core::KeyFormat::jwk);
  EXPECT_EQ(format("/key?fmt=jwk"), core::KeyFormat::jwk);
  EXPECT_EQ(format("/key?fmt=tink"), core::KeyFormat::tink);
  EXPECT_EQ(format("/key?fmt=Tink"), std::nullopt);
}

TEST(Presence, IsThePeers) {
  const auto object =
      codec::json::parse_object(R"({"a":null,"b":0,"c":false,"d":"","e":"x","f":{},"g":true})")
          .value();
  for (const char* absent : {"a", "b", "c", "d", "z"})
    EXPECT_FALSE(has_member(object, absent)) << absent;
  for (const char* present : {"e", "f", "g"}) EXPECT_TRUE(has_member(object, present)) << present;
}

TEST(Statuses, ArePlainUnlessThePeersAreAskedFor) {
  const auto status = [](core::Refused step, bool strict) {
    return status_of({step, {Code::denied, "", {}}, "", ""}, strict);
  };
  using core::Refused;
  EXPECT_EQ(status(Refused::evidence_denied, true), 500);
  EXPECT_EQ(status(Refused::evidence_denied, false), 400);
  EXPECT_EQ(status(Refused::wrapping_failed, true), 500);
  EXPECT_EQ(status(Refused::wrapping_failed, false), 400);
  for (const bool strict : {false, true}) {
    EXPECT_EQ(status(Refused::evidence_malformed, strict), 400);
    EXPECT_EQ(status(Refused::no_policy, strict), 500);
    EXPECT_EQ(status(Refused::policy_denied, strict), 400);
    EXPECT_EQ(status(Refused::wrapping_key_unbound, strict), 400);
    EXPECT_EQ(status(Refused::key_unknown, strict), 404);
    EXPECT_EQ(status(Refused::key_expired, strict), 410);
    EXPECT_EQ(status(Refused::moved, strict), 503);
  }
  EXPECT_EQ(status_of({Refused::failed, {Code::unavailable, "", {}}, "", ""}, true), 503);
  EXPECT_EQ(status_of({Refused::failed, {Code::internal, "", {}}, "", ""}, true), 500);
}

}  // namespace
}  // namespace vitrine::service
