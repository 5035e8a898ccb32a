#include "client/governance/changes.h"

#include <gtest/gtest.h>

#include <map>

#include "base/hex.h"
#include "client/governance/people.h"
#include "crypto/x509.h"

namespace vitrine::client {
namespace {

using codec::json::Object;
using codec::json::Value;

crypto::Certificate certificate_of(const std::string& name) {
  const auto key = crypto::PrivateKey::generate(crypto::KeyKind::ec_p256);
  crypto::CertificateRequest request;
  request.common_name = name;
  request.not_before = from_unix_seconds(1'700'000'000);
  request.not_after = from_unix_seconds(1'800'000'000);
  return *crypto::make_self_signed(request, *key);
}

class Changes : public testing::Test {
 protected:
  std::string told(const std::string& action, const Value& args) {
    const Object item{{"name", action}, {"args", args}};
    Object document;
    document["actions"] = codec::json::Array{item};
    const auto changes = changes_of(document, [this](Source source) -> Result<Value> {
      const auto found = sources_.find(source);
      return found == sources_.end() ? Value() : found->second;
    });
    return changes ? to_text(*changes) : changes.error().message;
  }
  std::string told(const std::string& action, const char* args) {
    return told(action, *codec::json::parse(args));
  }
  void set(Source source, const char* document) {
    sources_[source] = *codec::json::parse(document);
  }
  void set_member(const crypto::Certificate& certificate, const char* status, bool recovers) {
    Object member{{"memberId", to_hex(certificate.der_sha256())},
                  {"status", status},
                  {"certificate", certificate.pem()},
                  {"memberData", Object{{"team", "a"}}}};
    if (recovers) member["publicEncryptionKey"] = "PEM";
    members_.push_back(member);
    sources_[Source::members] = Object{{"value", members_}};
  }

  std::map<Source, Value> sources_;
  codec::json::Array members_;
};

TEST_F(Changes, ShowTheClaimsThatComeAndGo) {
  set(Source::release_policy, R"({"type":"add","claims":{"x-ms-ver":["2"],
      "x-ms-sevsnpvm-is-debuggable":["false"]},"gte":{},"gt":{}})");
  EXPECT_EQ(told("set_key_release_policy",
                 R"({"type":"add","claims":{"x-ms-ver":["2","3"]},"gte":{"x-ms-ver":2}})"),
            "set_key_release_policy\n"
            "  + claims.x-ms-ver: 3\n"
            "  + gte.x-ms-ver: 2\n");
  EXPECT_EQ(told("set_key_release_policy", R"({"type":"remove","claims":{"x-ms-ver":["2"]}})"),
            "set_key_release_policy\n"
            "  - claims.x-ms-ver: 2\n");
  EXPECT_EQ(told("set_key_release_policy", R"({"type":"add","claims":{"x-ms-ver":["2"]}})"),
            "set_key_release_policy\n"
            "    changes nothing\n");
}

TEST_F(Changes, SayWhatTheServiceWillRefuse) {
  EXPECT_EQ(told("set_key_release_policy", R"({"type":"add","claims":{"no-such":"1"}})")
                .find("set_key_release_policy\n  ! the service will refuse this: "),
            0u);
  EXPECT_EQ(told("set_member", "{}"),
            "set_member\n"
            "  ! the service will refuse this: it has no text \"cert\"\n");
}

TEST_F(Changes, NameMembersByTheirCertificates) {
  const auto alice = certificate_of("alice");
  const auto bob = certificate_of("bob");
  set_member(alice, "Active", true);
  set_member(bob, "Active", false);
  const auto carol = certificate_of("carol");
  EXPECT_EQ(told("set_member", Object{{"cert", carol.pem()}, {"encryption_pub_key", "PEM"}}),
            "set_member\n"
            "  + member carol (" +
                to_hex(carol.der_sha256()).substr(0, 12) +
                "...)\n"
                "    certificate until 2027-01-15T08:00:00Z\n"
                "  + holds a recovery share\n"
                "    may vote after: vitrine member ack\n");
  const std::string alice_id = to_hex(alice.der_sha256());
  EXPECT_EQ(told("remove_member", Object{{"member_id", alice_id}, {"x", 1}}),
            "remove_member\n"
            "  - member alice (" +
                alice_id.substr(0, 12) +
                "...)\n"
                "  ! held a recovery share: the ledger is rekeyed\n"
                "  ~ active members: 2 -> 1\n");
  EXPECT_EQ(told("set_member_data",
                 Object{{"member_id", alice_id}, {"member_data", Object{{"team", "b"}}}}),
            "set_member_data\n"
            "    member alice (" +
                alice_id.substr(0, 12) +
                "...)\n"
                "  ~ data.team: a -> b\n");
}

TEST_F(Changes, ShowIssuersAsNewChangedOrGone) {
  set(Source::jwk, R"({"issuers":{"https://a":{}}})");
  EXPECT_EQ(told("set_jwt_issuer", R"({"issuer":"https://a","auto_refresh":true})"),
            "set_jwt_issuer\n  ~ issuer https://a\n  + auto_refresh: true\n");
  EXPECT_EQ(told("set_jwt_issuer", R"({"issuer":"https://b","auto_refresh":false})"),
            "set_jwt_issuer\n  + issuer https://b\n  + auto_refresh: false\n");
  EXPECT_EQ(told("remove_jwt_issuer", R"({"issuer":"https://a"})"),
            "remove_jwt_issuer\n  - issuer https://a: its tokens count no more\n");
  EXPECT_EQ(told("remove_jwt_issuer", R"({"issuer":"https://c"})"),
            "remove_jwt_issuer\n    no issuer https://c is set\n");
}

TEST_F(Changes, CompareTheConstitutionAsATable) {
  set(Source::constitution, R"({"default":{"approve":"majority"}})");
  const char* const wanted =
      "set_constitution\n"
      "  ~ default.approve: majority -> 2/3\n"
      "  ! who decides changes; all other open proposals are dropped\n";
  EXPECT_EQ(told("set_constitution", R"({"constitution":{"default":{"approve":"2/3"}}})"), wanted);
  EXPECT_EQ(told("set_constitution", R"({"constitution":"{\"default\":{\"approve\":\"2/3\"}}"})"),
            wanted);
}

TEST_F(Changes, ShowAnActionWithoutWordsWhole) {
  EXPECT_EQ(told("assert_service_identity", R"({"service_identity":"PEM"})"),
            "assert_service_identity\n  + service_identity: PEM\n");
}

TEST_F(Changes, GoOnWhereWhatIsInForceCannotBeRead) {
  Object document;
  document["actions"] = codec::json::Array{Object{
      {"name", "set_key_rotation_policy"},
      {"args", Object{{"key_rotation_policy", Object{{"grace_period_seconds", 1}}}, {"x", 1}}}}};
  const auto changes =
      changes_of(document, [](Source) -> Result<Value> { return denied("it wants a token"); });
  ASSERT_TRUE(changes);
  EXPECT_EQ(to_text(*changes),
            "set_key_rotation_policy\n"
            "  ! what is in force can't be read (it wants a token)\n"
            "  + grace_period_seconds: 1\n");
}

TEST_F(Changes, RefuseWhatIsNoProposal) {
  EXPECT_EQ(changes_of(Object(), {}).error().message, "proposal: it has no list \"actions\"");
  Object document;
  document["actions"] = codec::json::Array{1};
  EXPECT_EQ(changes_of(document, {}).error().message, "proposal: an action is not an object");
}

}  // namespace
}  // namespace vitrine::client
