#include "governance/state.h"

#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "base/hex.h"
#include "crypto/hash.h"
#include "governance/identities_for_testing.h"
#include "policy/policies_for_testing.h"

namespace vitrine::governance {
namespace {

using policy::json_for_testing;

const Identity& alice() {
  static const auto identity = identity_for_testing("alice");
  return identity;
}
const Identity& bob() {
  static const auto identity = identity_for_testing("bob");
  return identity;
}
const TokenSigner& signer() {
  static const TokenSigner token_signer;
  return token_signer;
}

// One of each thing a state can hold.
State full_state() {
  State state;
  state.settings = Settings::safe_defaults();
  state.members.emplace(alice().id, Member{alice().certificate, MemberStatus::active, {}});
  state.members.emplace(bob().id, Member{bob().certificate, MemberStatus::accepted,
                                         json_for_testing(R"({"b":1,"a":[null,"x"]})")});
  state.users.emplace(bob().id, User{bob().certificate, codec::json::Value("data")});
  state.issuers["http://Demo-jwt-issuer"].keys = {signer().jwk()};
  state.issuers["https://empty"] = {};
  state.jwt_validation_policies["http://Demo-jwt-issuer"] =
      json_for_testing(R"({"sub":"s","name":["a","b"]})");
  state.release_policy =
      policy::policy_for_testing(R"({"type":"add","claims":{"x-ms-ver":["2",3]},"gt":{}})");
  state.rotation_policy = *policy::RotationPolicy::from_json(
      json_for_testing(R"({"rotation_interval_seconds":10,"grace_period_seconds":1})"));
  state.settings_policy = policy::SettingsPolicy::defaults();
  return state;
}

State read_back(const State& state) {
  // Through text, as the genesis entry holds it.
  const auto text = codec::json::write(state.to_json());
  auto read = State::from_json(json_for_testing(text));
  EXPECT_TRUE(read.has_value()) << read.error().message;
  return *std::move(read);
}

TEST(GovernanceState, IsAnEmptyMapAtItsDefault) {
  State state;
  state.settings = *Settings::from_json({});
  EXPECT_EQ(to_hex(codec::cbor::encode(state.canonical())), "a0");
  EXPECT_EQ(codec::json::write(state.to_json()), "{}");
}

TEST(GovernanceState, ReadsBackToAnEqualState) {
  const auto state = full_state();
  const auto read = read_back(state);
  EXPECT_EQ(read.digest(), state.digest());
  EXPECT_EQ(codec::json::write(read.to_json()), codec::json::write(state.to_json()));
  EXPECT_EQ(read_back(State()).digest(), State().digest());
}

// Everything a state can hold changes its digest, survives JSON, and is told from the rest.
TEST(GovernanceState, HasADigestOfItsOwnForEachChange) {
  using Change = std::function<void(State&)>;
  const std::vector<Change> changes = {
      [](State&) {},
      [](State& s) { s.members.erase(alice().id); },
      [](State& s) { s.members.at(alice().id).status = MemberStatus::accepted; },
      [](State& s) { s.members.at(alice().id).data = "x"; },
      [](State& s) { s.members.at(bob().id).data = nullptr; },
      [](State& s) { s.members.at(bob().id).data = json_for_testing(R"({"a":1,"b":1})"); },
      [](State& s) { s.users.clear(); },
      [](State& s) { s.users.at(bob().id).data = "other"; },
      [](State& s) {
        s.users.emplace(alice().id, User{alice().certificate, {}});
      },
      [](State& s) { s.issuers.erase("https://empty"); },
      [](State& s) { s.issuers.at("http://Demo-jwt-issuer").keys.clear(); },
      [](State& s) { s.issuers.at("http://Demo-jwt-issuer").keys[0].kid = "k2"; },
      [](State& s) {
        auto& keys = s.issuers.at("http://Demo-jwt-issuer").keys;
        keys.push_back(keys[0]);
        keys.back().kid = "k2";
      },
      [](State& s) {
        auto& keys = s.issuers.at("http://Demo-jwt-issuer").keys;
        keys.insert(keys.begin(), keys[0]);
        keys.front().kid = "k2";
      },
      [](State& s) { s.jwt_validation_policies.clear(); },
      [](State& s) {
        s.jwt_validation_policies["http://Demo-jwt-issuer"] =
            json_for_testing(R"({"name":["a","b"],"sub":"s"})");
      },
      [](State& s) { s.release_policy.reset(); },
      [](State& s) {
        s.release_policy =
            policy::policy_for_testing(R"({"type":"add","claims":{"x-ms-ver":["2",3]}})");
      },
      [](State& s) {
        s.release_policy =
            policy::policy_for_testing(R"({"type":"add","claims":{"x-ms-ver":["2","3"]},"gt":{}})");
      },
      [](State& s) { s.rotation_policy.reset(); },
      [](State& s) { s.settings_policy.reset(); },
      [](State& s) { s.settings.dev = true; },
      [](State& s) { s.settings.accept_at_once = true; },
      [](State& s) { s.settings.endpoints.clear(); },
      [](State& s) { s.settings.endpoints["key"] = {}; },
      [](State& s) { s.settings.endpoints.erase("key"); },
      [](State& s) {
        s.settings.endpoints["auth"] = {AuthPolicy::jwt, AuthPolicy::user_cert,
                                        AuthPolicy::member_cert};
      },
      [](State& s) { s.settings.strict_peer_statuses = true; },
      [](State& s) { s.settings.refresh_interval_min = std::chrono::seconds(61); },
      [](State& s) { s.settings.refresh_interval_min = std::chrono::seconds(0); },
      [](State& s) { s.settings.auto_rotate = true; },
      [](State& s) { s.settings.clock_skew = std::chrono::seconds(1); },
      [](State& s) { s.settings.jwt_audience_arrays = false; },
      [](State& s) { s.settings.allow_published_wrapping_key = true; },
      [](State& s) { s.settings.snp_report_version_min = 3; },
      [](State& s) { s.settings.snp_roots.pop_back(); },
      [](State& s) { s.settings.snp_roots.clear(); },
      [](State& s) { s.settings.snp_roots[0].simulated = true; },
      [](State& s) { s.settings.snp_roots[0].product = "Rome"; },
      [](State& s) { s.settings.snp_roots[0].spki_sha256.bytes[0] ^= 1; },
      [](State& s) { s.settings.uvm_signers.clear(); },
      [](State& s) { s.settings.uvm_signers[0].did += "x"; },
      [](State& s) { s.settings.uvm_signers[0].feed += "x"; },
      [](State& s) { s.settings.uvm_signers[0].svn_min += 1; },
      [](State& s) { s.settings.uvm_signers[0].root_spki_sha256.bytes[31] ^= 1; },
      [](State& s) { s.settings.uvm_signers[0].simulated = true; },
      [](State& s) { s.settings.profiles = {"snp-aci"}; },
      [](State& s) {
        s.settings.profiles = {"snp", "snp-aci"};
      },
      [](State& s) { s.settings.insecure_seal = true; },
      [](State& s) { s.settings.rollback_guard = "witnesses"; },
  };
  std::set<Digest> digests;
  for (std::size_t i = 0; i < changes.size(); ++i) {
    auto state = full_state();
    changes[i](state);
    EXPECT_TRUE(digests.insert(state.digest()).second) << "change " << i;
    EXPECT_EQ(read_back(state).digest(), state.digest()) << "change " << i;
  }
}

TEST(GovernanceState, HasTheCanonicalFormOfItsPage) {
  State state;
  state.settings = *Settings::from_json(json_for_testing(R"({"dev":true})"));
  state.jwt_validation_policies["i"] = json_for_testing(R"({"sub":"s"})");
  state.members.emplace(alice().id, Member{alice().certificate, MemberStatus::active, {}});
  using codec::cbor::Value;
  const auto expected = Value::map(
      {{Value::uint(1),
        Value::map({{Value::bytes(crypto::sha256(alice().certificate.der())),
                     Value::map({{Value::uint(1), Value::bytes(alice().certificate.der())},
                                 {Value::uint(2), Value::uint(1)}})}})},
       {Value::uint(4), Value::map({{Value::text("i"), Value::text(R"({"sub":"s"})")}})},
       {Value::uint(8), Value::map({{Value::uint(1), Value::boolean(true)}})}});
  EXPECT_EQ(codec::cbor::encode(state.canonical()), codec::cbor::encode(expected));
  EXPECT_EQ(state.digest(), crypto::sha256(codec::cbor::encode(expected)));
}

TEST(GovernanceState, RefusesJsonThatIsNoState) {
  const auto message = [](const codec::json::Object& json) {
    const auto state = State::from_json(json);
    EXPECT_FALSE(state.has_value());
    return state ? "" : state.error().message;
  };
  EXPECT_EQ(message(json_for_testing(R"({"policies":{}})")),
            R"(governance state: state: unknown member "policies")");
  EXPECT_EQ(message(json_for_testing(R"({"users":[]})")),
            "governance state: users is not an object");
  EXPECT_EQ(message(json_for_testing(R"({"settings":{"devv":true}})")),
            R"(governance state: settings: unknown member "devv")");
  EXPECT_EQ(message(json_for_testing(R"({"release_policy":[]})")),
            "governance state: release_policy is not an object");

  auto json = full_state().to_json();
  auto& users = json["users"].as_object();
  users[alice().id] = users[bob().id];
  EXPECT_EQ(message(json), "governance state: users: \"" + alice().id +
                               "\": the id is not the SHA-256 of the certificate");
  json = full_state().to_json();
  json["members"].as_object()[bob().id].as_object()["status"] = "Retired";
  EXPECT_EQ(message(json), "governance state: members: \"" + bob().id +
                               "\": status is neither Active nor Accepted");
}

TEST(GovernanceState, GivesTheTokenRulesOfItsSettings) {
  State state;
  state.settings = Settings::safe_defaults();
  EXPECT_TRUE(state.jwt_rules().audience_arrays);
  EXPECT_FALSE(state.jwt_rules().allow_empty);
  state.settings = Settings::dev_defaults();
  state.settings.jwt_audience_arrays = false;
  EXPECT_FALSE(state.jwt_rules().audience_arrays);
  EXPECT_TRUE(state.jwt_rules().allow_empty);
}

}  // namespace
}  // namespace vitrine::governance
