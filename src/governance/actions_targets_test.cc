#include "governance/actions_for_testing.h"

namespace vitrine::governance {
namespace {

class Targets : public ActionTest {
 protected:
  Targets() {
    state.settings = Settings::dev_defaults();
    member = add_member("a");
  }
  // Whether a proposal with `target` would be dropped once `change` was applied.
  bool moves(const Action& target, const Action& change) {
    const auto before = target_digest(state, target);
    const auto status = apply({change});
    EXPECT_TRUE(status) << change.name << ": " << (status ? "" : status.error().message);
    return target_digest(state, target) != before;
  }
  std::string member;
};

TEST_F(Targets, OfPoliciesAreThePolicies) {
  const auto release =
      action("set_key_release_policy", R"({"type":"add","claims":{"x-ms-ver":"3"}})");
  const auto jwt_i =
      action("set_jwt_validation_policy", R"({"issuer":"i","validation_policy":{"sub":"a"}})");
  const auto jwt_j =
      action("set_jwt_validation_policy", R"({"issuer":"j","validation_policy":{"sub":"a"}})");
  const auto rotation =
      action("set_key_rotation_policy", R"({"key_rotation_policy":{"rotation_interval_seconds":9,
                                            "grace_period_seconds":1}})");
  const auto settings = action("set_settings_policy", R"({"settings_policy":{"service":{"name":"n",
                               "description":"d","version":"1","debug":true}}})");
  EXPECT_TRUE(moves(release, release));
  EXPECT_FALSE(moves(release, release)) << "the same again changes nothing";
  EXPECT_FALSE(moves(jwt_i, jwt_j));
  EXPECT_TRUE(moves(jwt_i, jwt_i));
  EXPECT_FALSE(moves(release, jwt_i));
  EXPECT_TRUE(moves(rotation, rotation));
  EXPECT_TRUE(moves(settings, settings));
}

TEST_F(Targets, OfAnIssuerLeaveOutKeysThatAreFetched) {
  const TokenSigner signer;
  const auto set = action("set_jwt_issuer", R"({"issuer":"https://i"})");
  EXPECT_TRUE(moves(set, set)) << "it is known now";
  auto before = target_digest(state, set);
  state.issuers.at("https://i").keys = {signer.jwk()};
  EXPECT_NE(target_digest(state, set), before);
  state.issuers.at("https://i").auto_refresh = true;
  before = target_digest(state, set);
  state.issuers.at("https://i").keys.clear();
  EXPECT_EQ(target_digest(state, set), before);
}

TEST_F(Targets, OfMembersLeaveOutAnAck) {
  const auto data =
      action("set_member_data", R"({"member_id":")" + member + R"(","member_data":{"a":1}})");
  const auto before = target_digest(state, data);
  state.members.at(member).status = MemberStatus::accepted;
  EXPECT_EQ(target_digest(state, data), before);
  state.members.at(member).status = MemberStatus::active;
  EXPECT_TRUE(moves(data, data));
  const auto dave = identity_for_testing("dave");
  auto set = action("set_member");
  set.args["cert"] = dave.certificate.pem();
  EXPECT_TRUE(moves(set, set)) << "a second one would demote the member";
  auto set_user = action("set_user");
  set_user.args["cert"] = dave.certificate.pem();
  EXPECT_TRUE(moves(set_user, set_user));
}

TEST_F(Targets, OfTheServiceAreWhatIsSet) {
  const auto veto = action("set_constitution", R"({"constitution":"veto"})");
  EXPECT_TRUE(moves(veto, veto));
  const auto skew = action("set_governed_settings", R"({"settings":{"clock_skew_seconds":1}})");
  const auto window =
      action("set_service_configuration", R"({"recent_cose_proposals_window_size":7})");
  EXPECT_FALSE(moves(window, skew));
  EXPECT_TRUE(moves(skew, window));
  const auto freeze = action("freeze"), thaw = action("thaw");
  EXPECT_TRUE(moves(thaw, freeze));
  const auto of_first = target_digest(state, thaw);
  ASSERT_TRUE(apply({thaw}));
  at.time += std::chrono::seconds(1);
  ASSERT_TRUE(apply({freeze}));
  EXPECT_NE(target_digest(state, thaw), of_first) << "votes to thaw were about an older freeze";
}

TEST_F(Targets, OfWhatTakesAwayOrOnlyDemandsAreNone) {
  for (const auto* name :
       {"freeze", "remove_member", "remove_user", "remove_jwt_issuer", "remove_node",
        "trigger_ledger_rekey", "rotate_service_key", "add_snp_measurement", "nope"}) {
    EXPECT_EQ(target_digest(state, action(name)), Digest()) << name;
  }
}

TEST_F(Targets, HoldWithArgsThatAreNone) {
  for (const auto* name : {"set_member", "set_user", "set_member_data", "set_user_data",
                           "set_jwt_issuer", "set_ca_cert_bundle", "set_jwt_validation_policy"}) {
    EXPECT_NE(target_digest(state, action(name)), Digest()) << name;
    EXPECT_NE(target_digest(state, action(name, R"({"cert":1,"member_id":{},"name":[],
                                                    "issuer":null,"user_id":2})")),
              Digest())
        << name;
  }
}

}  // namespace
}  // namespace vitrine::governance
