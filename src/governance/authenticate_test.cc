#include "governance/authenticate.h"

#include <gtest/gtest.h>

#include "base/limits.h"
#include "governance/identities_for_testing.h"
#include "policy/policies_for_testing.h"

namespace vitrine::governance {
namespace {

using policy::json_for_testing;

constexpr const char* kIssuer = "http://Demo-jwt-issuer";
const Time kNow = from_unix_seconds(kNowForTesting);

const Identity& someone() {
  static const auto identity = identity_for_testing("someone");
  return identity;
}
const TokenSigner& signer() {
  static const TokenSigner token_signer;
  return token_signer;
}

State demo_state() {
  State state;
  state.settings = Settings::safe_defaults();
  state.issuers[kIssuer].keys = {signer().jwk()};
  state.jwt_validation_policies[kIssuer] =
      json_for_testing(R"({"iss":"http://Demo-jwt-issuer","sub":"caller"})");
  return state;
}

codec::json::Object payload() {
  codec::json::Object object;
  object["iss"] = kIssuer;
  object["sub"] = "caller";
  object["exp"] = kNowForTesting + 100;
  object["nbf"] = kNowForTesting - 60;
  return object;
}

Error jwt_refusal(const State& state, std::optional<std::string_view> authorization,
                  Time now = kNow) {
  const auto caller = authenticate_jwt(state, authorization, now);
  EXPECT_FALSE(caller.has_value());
  if (caller) return {};
  EXPECT_EQ(caller.error().code, Code::denied);
  return caller.error();
}

// The message for a token of the demo key with a changed payload.
std::string payload_refusal(const codec::json::Object& changed) {
  return jwt_refusal(demo_state(), signer().bearer(changed)).message;
}

TEST(Certificates, GiveTheRegisteredUserOrMember) {
  auto state = demo_state();
  state.users.emplace(someone().id, User{someone().certificate, codec::json::Value("d")});
  const auto user =
      authenticate_certificate(state, AuthPolicy::user_cert, someone().certificate.der(), kNow);
  ASSERT_TRUE(user) << user.error().message;
  EXPECT_EQ(user->policy, AuthPolicy::user_cert);
  EXPECT_EQ(user->id, someone().id);
  EXPECT_EQ(user->data, codec::json::Value("d"));
  EXPECT_EQ(user->certificate_pem, someone().certificate.pem());

  state.members.emplace(someone().id, Member{someone().certificate, MemberStatus::accepted, {}});
  const auto member =
      authenticate_certificate(state, AuthPolicy::member_cert, someone().certificate.der(), kNow);
  ASSERT_TRUE(member);
  EXPECT_EQ(member->policy, AuthPolicy::member_cert);
  EXPECT_TRUE(member->data.is_null());
}

TEST(Certificates, AreRefusedInTheContractsWords) {
  auto state = demo_state();
  state.members.emplace(someone().id, Member{someone().certificate, MemberStatus::active, {}});
  const auto message = [&](AuthPolicy policy, ByteView der) {
    const auto caller = authenticate_certificate(state, policy, der, kNow);
    EXPECT_FALSE(caller.has_value());
    return caller ? "" : caller.error().message;
  };
  EXPECT_EQ(message(AuthPolicy::user_cert, {}), "No caller user certificate");
  EXPECT_EQ(message(AuthPolicy::member_cert, {}), "No caller member certificate");
  EXPECT_EQ(message(AuthPolicy::user_cert, someone().certificate.der()),
            "Could not find matching user certificate");
  EXPECT_EQ(message(AuthPolicy::member_cert, as_bytes("junk")),
            "Could not find matching member certificate");
}

TEST(Certificates, AreCheckedForTheirDatesOutsideDev) {
  auto state = demo_state();
  state.users.emplace(someone().id, User{someone().certificate, {}});
  for (const auto at : {kNow - std::chrono::hours(1), kNow + std::chrono::hours(1)}) {
    const auto caller =
        authenticate_certificate(state, AuthPolicy::user_cert, someone().certificate.der(), at);
    ASSERT_FALSE(caller);
    EXPECT_EQ(caller.error().code, Code::denied);
    EXPECT_TRUE(caller.error().message.starts_with("User certificate is not valid now: "));
  }
  state.settings = Settings::dev_defaults();
  EXPECT_TRUE(authenticate_certificate(state, AuthPolicy::user_cert, someone().certificate.der(),
                                       kNow + std::chrono::hours(1)));
}

TEST(Tokens, GiveTheirIssuerHeaderAndPayload) {
  const auto caller = authenticate_jwt(demo_state(), signer().bearer(payload()), kNow);
  ASSERT_TRUE(caller) << caller.error().message;
  EXPECT_EQ(caller->policy, AuthPolicy::jwt);
  EXPECT_EQ(caller->id, "caller");
  EXPECT_EQ(caller->issuer, kIssuer);
  EXPECT_EQ(caller->key_issuer, kIssuer);
  EXPECT_EQ(codec::json::write(caller->jwt_header), R"({"alg":"ES256","kid":"k1","typ":"JWT"})");
  EXPECT_EQ(codec::json::write(caller->jwt_payload), codec::json::write(payload()));
}

TEST(Tokens, MayBeginWithAnySpellingOfBearer) {
  auto authorization = signer().bearer(payload());
  authorization.replace(0, 6, "bEARER");
  EXPECT_TRUE(authenticate_jwt(demo_state(), authorization, kNow));
}

TEST(Tokens, AreRefusedInTheContractsWords) {
  const auto state = demo_state();
  EXPECT_EQ(jwt_refusal(state, std::nullopt).message, "Missing authorization header");
  for (const auto* header : {"", "Basic abc", "Bearer", "Bearertoken"}) {
    EXPECT_EQ(jwt_refusal(state, header).message,
              "Authorization header does not have Bearer scheme");
  }
  for (const auto* header : {"Bearer ", "Bearer a", "Bearer a.b", "Bearer a.b.c.d"}) {
    EXPECT_EQ(jwt_refusal(state, header).message, "Malformed JWT: must contain exactly 3 parts");
  }
  // The peers answer this one with 500 (kms-api.md 1.4, quirk).
  EXPECT_TRUE(jwt_refusal(state, "Bearer a.b.c").message.starts_with("Malformed JWT: "));
}

TEST(Tokens, AreJudgedByTheClock) {
  const auto state = demo_state();
  const auto bearer = signer().bearer(payload());
  EXPECT_TRUE(authenticate_jwt(state, bearer, from_unix_seconds(kNowForTesting + 100)));
  EXPECT_EQ(jwt_refusal(state, bearer, from_unix_seconds(kNowForTesting + 101)).message,
            "Current time 1795340620 is after token's Expiration Time (exp) claim 1795340619");
  EXPECT_TRUE(authenticate_jwt(state, bearer, from_unix_seconds(kNowForTesting - 60)));
  EXPECT_EQ(jwt_refusal(state, bearer, from_unix_seconds(kNowForTesting - 61)).message,
            "Current time 1795340458 is before token's Not Before (nbf) claim 1795340459");
}

TEST(Tokens, AreGivenTheGovernedSkew) {
  auto state = demo_state();
  state.settings.clock_skew = std::chrono::seconds(10);
  const auto bearer = signer().bearer(payload());
  EXPECT_TRUE(authenticate_jwt(state, bearer, from_unix_seconds(kNowForTesting + 110)));
  jwt_refusal(state, bearer, from_unix_seconds(kNowForTesting + 111));
  EXPECT_TRUE(authenticate_jwt(state, bearer, from_unix_seconds(kNowForTesting - 70)));
  jwt_refusal(state, bearer, from_unix_seconds(kNowForTesting - 71));
}

TEST(Tokens, MustHaveWhatIsJudged) {
  auto changed = payload();
  changed.erase("iss");
  EXPECT_EQ(payload_refusal(changed), "JWT payload is missing required field: iss");
  changed = payload();
  changed.erase("exp");
  EXPECT_EQ(payload_refusal(changed), "JWT payload is missing required field: exp");
  changed = payload();
  changed["exp"] = 1e300;
  EXPECT_EQ(payload_refusal(changed), "JWT payload field exp is not an integer");
  changed["exp"] = "1795340619";
  EXPECT_EQ(payload_refusal(changed), "JWT payload field exp is not an integer");
  changed = payload();
  changed["nbf"] = nullptr;
  EXPECT_EQ(payload_refusal(changed), "JWT payload field nbf is not an integer");
  changed = payload();
  changed["iss"] = codec::json::Array{kIssuer};
  EXPECT_EQ(payload_refusal(changed), "JWT payload field iss is not text");
  changed = payload();
  changed.erase("nbf");
  EXPECT_TRUE(authenticate_jwt(demo_state(), signer().bearer(changed), kNow));
}

TEST(Tokens, AreNotFromTheFuture) {
  auto changed = payload();
  changed["iat"] = kNowForTesting;
  EXPECT_TRUE(authenticate_jwt(demo_state(), signer().bearer(changed), kNow));
  changed["iat"] = kNowForTesting + 1;
  EXPECT_EQ(payload_refusal(changed),
            "Current time 1795340519 is before token's Issued At (iat) claim 1795340520");
  changed["iat"] = "now";
  EXPECT_EQ(payload_refusal(changed), "JWT payload field iat is not an integer");
}

TEST(Tokens, HoldExtremeTimes) {
  auto changed = payload();
  changed["exp"] = INT64_MAX;
  changed["nbf"] = INT64_MIN;
  EXPECT_TRUE(authenticate_jwt(demo_state(), signer().bearer(changed), kNow));
  changed["exp"] = INT64_MIN;
  EXPECT_TRUE(payload_refusal(changed).starts_with("Current time 1795340519 is after"));
}

TEST(Tokens, AreRefusedWithAnUnknownKey) {
  auto other = TokenSigner();
  other.kid = "k2";
  EXPECT_EQ(jwt_refusal(demo_state(), other.bearer(payload())).message,
            "JWT signing key not found for kid k2");
  other.kid = "k1";
  EXPECT_EQ(jwt_refusal(demo_state(), other.bearer(payload())).message,
            "Signature verification failed");
}

// A key of issuer A must not sign for issuer B (kms-api.md 12.2 #7).
TEST(Tokens, AreRefusedWhereTheKeyIsAnotherIssuers) {
  auto state = demo_state();
  const TokenSigner other;  // kid k1 as well
  state.issuers["http://other"].keys = {other.jwk()};
  EXPECT_EQ(jwt_refusal(state, other.bearer(payload())).message, "Signature verification failed");
  auto changed = payload();
  changed["iss"] = "http://third";
  EXPECT_TRUE(jwt_refusal(state, signer().bearer(changed))
                  .message.starts_with("Kid k1 failed issuer constraint validation http://"));
  changed["iss"] = "http://other";
  EXPECT_TRUE(authenticate_jwt(state, other.bearer(changed), kNow));
}

TEST(Tokens, AreRefusedWhereTheKeysAlgorithmIsAnother) {
  auto state = demo_state();
  state.issuers[kIssuer].keys[0].algorithm = crypto::JwsAlgorithm::es384;
  EXPECT_EQ(jwt_refusal(state, signer().bearer(payload())).message,
            "Signature verification failed");
}

TEST(IssuerFits, OnlyItselfAndTheNamesOfOneTenant) {
  const std::string tenant = "72f988bf-86f1-41af-91ab-2d7cd011db47";
  const std::string other = "72f988bf-86f1-41af-91ab-2d7cd011db48";
  const std::string v1 = "https://sts.windows.net/" + tenant + "/";
  const std::string v2 = "https://login.microsoftonline.com/" + tenant + "/v2.0";
  const std::string common = "https://login.microsoftonline.com/common/v2.0";
  EXPECT_TRUE(issuer_fits("http://a", "http://a", ""));
  EXPECT_TRUE(issuer_fits(v2, v1, tenant));
  EXPECT_TRUE(issuer_fits(common, v1, tenant));
  EXPECT_TRUE(issuer_fits(common, v2, tenant));

  EXPECT_FALSE(issuer_fits("http://a", "http://b", tenant));
  EXPECT_FALSE(issuer_fits("http://a", "http://a/", tenant));
  EXPECT_FALSE(issuer_fits(v2, v1, other));
  EXPECT_FALSE(issuer_fits(v2, v1, ""));
  EXPECT_FALSE(issuer_fits(common, v1, other));
  EXPECT_FALSE(issuer_fits(common, v1, ""));
  EXPECT_FALSE(issuer_fits(v1, v2, tenant));  // v2 keys vouch for v1 tokens, not the reverse
  EXPECT_FALSE(issuer_fits(common, "https://sts.windows.net/" + tenant, tenant));
  EXPECT_FALSE(issuer_fits("https://login.microsoftonline.com/v2.0", v1, tenant));
  EXPECT_FALSE(
      issuer_fits("https://login.microsoftonline.com//v2.0", "https://sts.windows.net//", ""));
  const std::string path = "../../evil/6f1-41af-91ab-2d7cd011db4";
  EXPECT_FALSE(issuer_fits(common, "https://sts.windows.net/" + path + "/", path));
}

TEST(Identity, IsOkWhereThePolicyHolds) {
  const auto state = demo_state();
  const auto caller = authenticate_jwt(state, signer().bearer(payload()), kNow);
  ASSERT_TRUE(caller);
  EXPECT_EQ(check_identity(state, *caller).outcome, IdentityCheck::ok);
}

TEST(Identity, IsUnauthorizedWhereAClaimIsAnother) {
  const auto state = demo_state();
  auto changed = payload();
  changed["sub"] = "another";
  const auto caller = authenticate_jwt(state, signer().bearer(changed), kNow);
  ASSERT_TRUE(caller);
  const auto verdict = check_identity(state, *caller);
  EXPECT_EQ(verdict.outcome, IdentityCheck::unauthorized);
  EXPECT_EQ(verdict.error.message, R"(JWT claim sub: wanted "caller", found "another")");
}

TEST(Identity, HasNoPolicyWhereTheIssuerHasNone) {
  auto state = demo_state();
  const auto caller = authenticate_jwt(state, signer().bearer(payload()), kNow);
  ASSERT_TRUE(caller);
  state.jwt_validation_policies.clear();
  const auto verdict = check_identity(state, *caller);
  EXPECT_EQ(verdict.outcome, IdentityCheck::no_policy);
  EXPECT_EQ(verdict.error.message, "no JWT validation policy for issuer http://Demo-jwt-issuer");
}

TEST(Identity, IsABadRequestForAMemberThatIsNotActive) {
  auto state = demo_state();
  Caller caller;
  caller.policy = AuthPolicy::member_cert;
  caller.id = someone().id;
  EXPECT_EQ(check_identity(state, caller).outcome, IdentityCheck::bad_request);
  state.members.emplace(someone().id, Member{someone().certificate, MemberStatus::accepted, {}});
  EXPECT_EQ(check_identity(state, caller).outcome, IdentityCheck::bad_request);
  state.members.at(someone().id).status = MemberStatus::active;
  EXPECT_EQ(check_identity(state, caller).outcome, IdentityCheck::ok);
}

TEST(Identity, IsRefusedForAUserThatIsGone) {
  auto state = demo_state();
  Caller caller;
  caller.id = someone().id;
  caller.policy = AuthPolicy::user_cert;
  EXPECT_EQ(check_identity(state, caller).outcome, IdentityCheck::bad_request);
  caller.policy = AuthPolicy::user_cose_sign1;
  EXPECT_EQ(check_identity(state, caller).outcome, IdentityCheck::unauthorized);
  state.users.emplace(someone().id, User{someone().certificate, {}});
  EXPECT_EQ(check_identity(state, caller).outcome, IdentityCheck::ok);
}

TEST(TokenCache, RemembersATokenUntilItExpires) {
  const auto state = demo_state();
  const auto digest = state.digest();
  TokenCache cache;
  const auto bearer = signer().bearer(payload());
  const auto first = cache.authenticate(state, digest, bearer, kNow);
  ASSERT_TRUE(first) << first.error().message;
  const auto second = cache.authenticate(state, digest, bearer, kNow);
  ASSERT_TRUE(second);
  EXPECT_EQ(first->get(), second->get());
  const auto late = cache.authenticate(state, digest, bearer, kNow + std::chrono::seconds(101));
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().message,
            "Current time 1795340620 is after token's Expiration Time (exp) claim 1795340619");
}

TEST(TokenCache, RecallsWhatTakesNoSignatureAndNothingElse) {
  const auto state = demo_state();
  const auto digest = state.digest();
  TokenCache cache;
  const auto bearer = signer().bearer(payload());
  EXPECT_FALSE(cache.recall(state, digest, bearer, kNow)) << "only its signature can tell";
  EXPECT_FALSE(cache.recall(state, digest, "Bearer a.b.c", kNow));
  const auto missing = cache.recall(state, digest, std::nullopt, kNow);
  ASSERT_TRUE(missing.has_value());
  EXPECT_EQ(missing->error().message, "Missing authorization header");
  const auto basic = cache.recall(state, digest, "Basic YTpi", kNow);
  ASSERT_TRUE(basic.has_value());
  EXPECT_EQ(basic->error().message, "Authorization header does not have Bearer scheme");

  const auto verified = cache.authenticate(state, digest, bearer, kNow);
  ASSERT_TRUE(verified) << verified.error().message;
  const auto recalled = cache.recall(state, digest, bearer, kNow);
  ASSERT_TRUE(recalled.has_value() && recalled->has_value());
  EXPECT_EQ((*recalled)->get(), verified->get());
  const auto late = cache.recall(state, digest, bearer, kNow + std::chrono::seconds(101));
  ASSERT_TRUE(late.has_value());
  EXPECT_FALSE(late->has_value()) << "a remembered token expires as any other";
  EXPECT_FALSE(cache.recall(state, Digest(), bearer, kNow)) << "another governance state";
}

TEST(TokenCache, ForgetsWhenTheGovernanceStateChanges) {
  auto state = demo_state();
  TokenCache cache;
  const auto bearer = signer().bearer(payload());
  ASSERT_TRUE(cache.authenticate(state, state.digest(), bearer, kNow));
  state.issuers.clear();
  const auto caller = cache.authenticate(state, state.digest(), bearer, kNow);
  ASSERT_FALSE(caller);
  EXPECT_EQ(caller.error().message, "JWT signing key not found for kid k1");
}

TEST(TokenCache, RemembersNoRefusalAndNoMoreThanItsBound) {
  const auto state = demo_state();
  const auto digest = state.digest();
  TokenCache cache(2);
  EXPECT_FALSE(cache.authenticate(state, digest, "Bearer a.b.c", kNow));
  EXPECT_FALSE(cache.authenticate(state, digest, std::nullopt, kNow));
  EXPECT_EQ(cache.size(), 0U);
  std::vector<std::string> bearers;
  for (int i = 0; i < 3; ++i) {
    auto changed = payload();
    changed["i"] = i;
    bearers.push_back(signer().bearer(changed));
  }
  const auto first = cache.authenticate(state, digest, bearers[0], kNow);
  const auto second = cache.authenticate(state, digest, bearers[1], kNow);
  EXPECT_EQ(*cache.authenticate(state, digest, bearers[0], kNow), *first);  // now the newest
  ASSERT_TRUE(cache.authenticate(state, digest, bearers[2], kNow));
  EXPECT_EQ(cache.size(), 2U);
  EXPECT_EQ(*cache.authenticate(state, digest, bearers[0], kNow), *first);
  EXPECT_NE(*cache.authenticate(state, digest, bearers[1], kNow), *second);  // had gone
}

TEST(TokenCache, RefusesATokenTooLargeToHash) {
  TokenCache cache;
  const auto state = demo_state();
  const auto caller = cache.authenticate(
      state, state.digest(), "Bearer " + std::string(limits::kTokenBytesMax + 1, 'a'), kNow);
  ASSERT_FALSE(caller);
  EXPECT_EQ(caller.error().message, "Malformed JWT: too large");
}

}  // namespace
}  // namespace vitrine::governance
