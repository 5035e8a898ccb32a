#include "governance/actions_for_testing.h"

namespace vitrine::governance {
namespace {

class Tightening : public ActionTest {
 protected:
  Tightening() {
    state.settings = Settings::dev_defaults();
    add_member("a");
  }
  bool tightens(const std::string& name, const std::string& args = "{}") const {
    return is_tightening(state, action(name, args));
  }
  void release(const std::string& args) {
    state.release_policy.reset();
    accepted("set_key_release_policy", args);
  }
  bool release_tightens(const std::string& args) const {
    return tightens("set_key_release_policy", args);
  }
};

TEST_F(Tightening, IsTakingAwayWhole) {
  for (const auto* name :
       {"remove_jwt_issuer", "remove_member", "remove_user", "remove_node", "remove_ca_cert_bundle",
        "remove_snp_measurement", "remove_snp_host_data", "remove_snp_uvm_endorsement", "freeze",
        "mark_key_compromised", "assert_service_identity"}) {
    EXPECT_TRUE(is_action(name)) << name;
    EXPECT_TRUE(tightens(name)) << name;
  }
  for (const auto* name :
       {"set_member", "set_member_data", "set_user", "set_constitution", "thaw", "nope",
        "add_snp_measurement", "set_governed_settings", "set_recovery_threshold",
        "trigger_ledger_rekey", "rotate_service_key", "transition_service_to_open",
        "remove_snp_minimum_tcb_version", "set_ca_cert_bundle", "transition_node_to_trusted"}) {
    EXPECT_FALSE(tightens(name)) << name;
  }
}

TEST_F(Tightening, OfTheReleasePolicyLeavesNobodyMoreIn) {
  release(R"({"type":"add","claims":{"x-ms-sevsnpvm-hostdata":["aa","bb"],"x-ms-ver":"3"},
              "gte":{"x-ms-sevsnpvm-guestsvn":2},"freshness":"age"})");
  const auto remove = [](const std::string& claims) {
    return R"({"type":"remove","claims":{)" + claims + "}}";
  };
  const auto add = [](const std::string& claims, const std::string& more = {}) {
    return R"({"type":"add","claims":{)" + claims + "}" + more + "}";
  };
  EXPECT_TRUE(release_tightens(remove(R"("x-ms-sevsnpvm-hostdata":"aa")")));
  EXPECT_TRUE(release_tightens(remove(R"("x-ms-sevsnpvm-hostdata":["aa","bb"],"x-ms-ver":"3")")))
      << "nobody any more";
  EXPECT_TRUE(release_tightens(add(R"("x-ms-sevsnpvm-is-debuggable":false)")));
  EXPECT_TRUE(release_tightens(add("", R"(,"gte":{"x-ms-sevsnpvm-guestsvn":3})")));
  EXPECT_TRUE(release_tightens(add("", R"(,"freshness":"nonce")")));

  EXPECT_FALSE(release_tightens(remove(R"("x-ms-ver":"3")"))) << "it is demanded no more";
  EXPECT_FALSE(release_tightens(add(R"("x-ms-sevsnpvm-hostdata":"cc")")));
  EXPECT_FALSE(release_tightens(add("", R"(,"gte":{"x-ms-sevsnpvm-guestsvn":1})")));
  EXPECT_FALSE(release_tightens(add("", R"(,"freshness":"none")")));
  EXPECT_FALSE(release_tightens(add("", R"(,"profiles":["snp-aci","snp"])")));
  EXPECT_FALSE(release_tightens(add(R"("no-such":"1")"))) << "it can't apply";
}

TEST_F(Tightening, OfAReleasePolicyThatLetsNobodyIn) {
  const auto* add = R"({"type":"add","claims":{"x-ms-ver":"3"}})";
  EXPECT_FALSE(release_tightens(add)) << "there is none";
  release(add);
  accepted("set_key_release_policy", R"({"type":"remove","claims":{"x-ms-ver":"3"}})");
  EXPECT_FALSE(release_tightens(add)) << "it was empty";
}

TEST_F(Tightening, IsJudgedAfterTheActionsBefore) {
  release(R"({"type":"add","claims":{"x-ms-sevsnpvm-hostdata":["aa","bb"],"x-ms-ver":"3"}})");
  const auto remove = [](const std::string& value) {
    return action("set_key_release_policy",
                  R"({"type":"remove","claims":{"x-ms-sevsnpvm-hostdata":")" + value + "\"}}");
  };
  // Each alone takes a value away; both together take the demand away.
  EXPECT_TRUE(is_tightening(state, remove("aa")));
  EXPECT_TRUE(is_tightening(state, remove("bb")));
  EXPECT_EQ(are_tightening(state, {remove("aa"), remove("bb")}), (std::vector{true, false}));
  // To let nobody in, and then somebody.
  EXPECT_EQ(
      are_tightening(state, {action("set_key_release_policy",
                                    R"({"type":"remove","claims":{"x-ms-ver":"3",
                                   "x-ms-sevsnpvm-hostdata":["aa","bb"]}})"),
                             action("set_key_release_policy",
                                    R"({"type":"add","claims":{"x-ms-sevsnpvm-vmpl":"0"}})")}),
      (std::vector{true, false}));
}

TEST_F(Tightening, MakesTheWholeProposalWaitOrNot) {
  release(R"({"type":"add","claims":{"x-ms-sevsnpvm-hostdata":["aa","bb"],"x-ms-ver":"3"}})");
  state.constitution = *Constitution::from_json(
      *codec::json::parse_object(R"({"default":{"approve":"majority","wait_seconds":60}})"));
  const auto member = state.members.begin()->first;
  const auto wait = [&](const std::vector<Action>& actions) {
    const auto verdict = state.constitution.resolve(state, member, actions, {{member, true}});
    EXPECT_EQ(verdict.decision, Decision::accepted);
    return verdict.wait.count();
  };
  const auto remove = [](const std::string& value) {
    return action("set_key_release_policy",
                  R"({"type":"remove","claims":{"x-ms-sevsnpvm-hostdata":")" + value + "\"}}");
  };
  EXPECT_EQ(wait({remove("aa")}), 0);
  EXPECT_EQ(wait({remove("bb"), action("freeze")}), 0);
  EXPECT_EQ(wait({remove("aa"), remove("bb")}), 60);
  EXPECT_EQ(wait({remove("aa"), action("thaw")}), 60);
}

TEST_F(Tightening, OfAnIssuersValidationPolicy) {
  const auto set = [](const char* issuer, const char* stored) {
    return R"({"issuer":")" + std::string(issuer) + R"(","validation_policy":)" + stored + "}";
  };
  const auto* name = "set_jwt_validation_policy";
  EXPECT_FALSE(tightens(name, set("i", R"({"sub":"a"})"))) << "its tokens counted for nothing";
  accepted(name, set("i", R"({"sub":["a","b"]})"));
  EXPECT_TRUE(tightens(name, set("i", R"({"sub":"a"})")));
  EXPECT_TRUE(tightens(name, set("i", R"({"sub":["b","a"],"aud":"x"})")));
  EXPECT_FALSE(tightens(name, set("i", R"({"sub":["a","c"]})")));
  EXPECT_FALSE(tightens(name, set("i", R"({"aud":"x"})")));
  EXPECT_FALSE(tightens(name, set("i", "{}")));
  EXPECT_FALSE(tightens(name, set("j", R"({"sub":"a"})")));
}

TEST_F(Tightening, OfAnIssuersKeys) {
  const TokenSigner first, second;
  const auto set = [](const char* name, const std::vector<const TokenSigner*>& signers) {
    auto keys = codec::json::Array();
    for (const auto* signer : signers) {
      keys.push_back(
          crypto::jwk_to_json(signer->key.public_key(), signer->kid, crypto::JwsAlgorithm::es256));
    }
    auto set_keys = action(name, R"({"issuer":"https://i"})");
    set_keys.args["jwks"] = codec::json::Object{{"keys", std::move(keys)}};
    return set_keys;
  };
  ASSERT_TRUE(apply({set("set_jwt_issuer", {&first})}));
  EXPECT_TRUE(is_tightening(state, set("set_jwt_public_signing_keys", {})));
  EXPECT_TRUE(is_tightening(state, set("set_jwt_public_signing_keys", {&first})));
  EXPECT_FALSE(is_tightening(state, set("set_jwt_public_signing_keys", {&second})));
  EXPECT_TRUE(is_tightening(state, set("set_jwt_issuer", {})));
  EXPECT_FALSE(is_tightening(state, set("set_jwt_issuer", {&first, &second})));
  auto refreshed = set("set_jwt_issuer", {&first});
  state.ca_cert_bundles["b"] = first.kid;
  refreshed.args["auto_refresh"] = true;
  refreshed.args["ca_cert_bundle_name"] = "b";
  EXPECT_FALSE(is_tightening(state, refreshed));
  ASSERT_TRUE(apply({refreshed}));
  EXPECT_TRUE(is_tightening(state, refreshed));
  EXPECT_TRUE(is_tightening(state, set("set_jwt_issuer", {&first})));
}

TEST_F(Tightening, OfALowestTcbRaisesItsParts) {
  const auto set = [](const char* cpuid, const char* tcb) {
    return R"({"cpuid":")" + std::string(cpuid) + R"(","tcb_version":")" + tcb + "\"}";
  };
  const auto* name = "set_snp_minimum_tcb_version_hex";
  EXPECT_FALSE(tightens(name, set("00a00f11", "0000000000000000")));
  accepted(name, set("00a00f11", "d315000000000004"));
  EXPECT_TRUE(tightens(name, set("00a00f11", "d315000000000004")));
  EXPECT_TRUE(tightens(name, set("00a00f11", "d416000000000004")));
  EXPECT_FALSE(tightens(name, set("00a00f11", "d414000000000004"))) << "one part is lower";
  EXPECT_FALSE(tightens(name, set("00a10f11", "d416000000000004")));
  EXPECT_FALSE(tightens(name));
}

}  // namespace
}  // namespace vitrine::governance
