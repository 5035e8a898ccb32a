#include "governance/actions.h"

#include <gtest/gtest.h>

#include "base/base64.h"
#include "base/hex.h"
#include "governance/identities_for_testing.h"
#include "policy/policies_for_testing.h"

namespace vitrine::governance {
namespace {

using policy::json_for_testing;

State state_of(Settings settings) {
  State state;
  state.settings = std::move(settings);
  return state;
}
State safe() { return state_of(Settings::safe_defaults()); }
State dev() { return state_of(Settings::dev_defaults()); }

Action action(std::string name, std::string_view args) {
  return {std::move(name), json_for_testing(args)};
}

Error refusal(State state, const Action& refused) {
  const auto before = state.digest();
  const auto status = apply_action(state, refused);
  EXPECT_FALSE(status.has_value()) << codec::json::write(refused.args);
  EXPECT_EQ(state.digest(), before) << "changed by a refused action";
  return status ? Error() : status.error();
}

void expect_applied(State& state, const Action& applied) {
  const auto before = state.digest();
  const auto status = apply_action(state, applied);
  EXPECT_TRUE(status.has_value()) << status.error().message;
  EXPECT_NE(state.digest(), before);
}

TEST(Proposal, ListsActions) {
  const auto actions = actions_from_json(
      json_for_testing(R"({"actions":[{"name":"set_user","args":{"x":1}},{"name":"freeze"},
                                      {"name":"thaw","args":null}]})"));
  ASSERT_TRUE(actions);
  ASSERT_EQ(actions->size(), 3U);
  EXPECT_EQ(actions->at(0).name, "set_user");
  EXPECT_EQ(codec::json::write(actions->at(0).args), R"({"x":1})");
  EXPECT_TRUE(actions->at(1).args.empty());
  EXPECT_TRUE(actions->at(2).args.empty());
}

TEST(Proposal, NamesWhatIsWrongWithIt) {
  const auto message = [](const std::string& json) {
    const auto actions = actions_from_json(json_for_testing(json));
    EXPECT_FALSE(actions.has_value()) << json;
    const auto strictly = actions_of(json, nullptr);
    EXPECT_FALSE(strictly.has_value()) << json;
    return actions || strictly || actions.error().message != strictly.error().message
               ? ""
               : actions.error().message;
  };
  EXPECT_EQ(message("{}"), "proposal: actions is not an array");
  EXPECT_EQ(message(R"({"actions":[1]})"), "proposal: actions[0] is not an object");
  EXPECT_EQ(message(R"({"actions":[{"name":"thaw"},{"args":{}}]})"),
            "proposal: actions[1]: name is not text");
  EXPECT_EQ(message(R"({"actions":[{"name":"thaw","args":[]}]})"),
            "proposal: actions[0]: args is not an object");
}

TEST(Proposal, ThatMembersVoteOnHoldsNothingThatDoesNotCount) {
  const auto message = [](const std::string& json) {
    EXPECT_TRUE(actions_from_json(json_for_testing(json))) << json;
    const auto actions = actions_of(json, nullptr);
    EXPECT_FALSE(actions.has_value()) << json;
    return actions ? "" : actions.error().message;
  };
  EXPECT_EQ(message(R"({"actions":[]})"), "proposal: no actions");
  EXPECT_EQ(message(R"({"actions":[{"name":"thaw","arg":{}}]})"),
            "proposal: actions[0]: unknown member \"arg\"");
  EXPECT_EQ(message(R"({"actions":[{"name":"thaw"}],"note":1})"),
            "proposal: unknown member \"note\"");
  EXPECT_EQ(message(R"({"actions":[{"name":"thaw"},{"name":"set_membr"}]})"),
            "set_membr: no such action");
  EXPECT_EQ(actions_of(R"({"actions":[{"name":"set_membr"}]})", nullptr).error().hint,
            "did you mean set_member?");
}

std::string document_of(int actions) {
  std::string text = R"({"actions":[)";
  for (int i = 0; i < actions; ++i) text += (i == 0 ? "" : ",") + std::string(R"({"name":"thaw"})");
  return text + "]}";
}

TEST(Proposal, HasAtMost64Actions) {
  EXPECT_EQ(actions_of(document_of(64), nullptr)->size(), 64U);
  EXPECT_EQ(actions_of(document_of(65), nullptr).error().message, "proposal: over 64 actions");
  EXPECT_EQ(actions_of(document_of(10'000), nullptr).error().message, "proposal: over 64 actions");
}

TEST(Proposal, IsForTheServiceThatItNames) {
  const Digest own{1, 2}, other{3};
  const auto document = [](const std::string& service) {
    return R"({"actions":[{"name":"thaw"}],"service":)" + service + "}";
  };
  const std::string ours = '"' + to_hex(own) + '"';
  EXPECT_TRUE(actions_of(document(ours), &own));
  EXPECT_TRUE(actions_of(document(ours), nullptr));
  EXPECT_TRUE(actions_of(document_of(1), &own)) << "names none";
  EXPECT_EQ(
      actions_of(document(ours), &other).error().message,
      "proposal: service: it is for the service " + to_hex(own) + ", this one is " + to_hex(other));
  EXPECT_EQ(actions_of(document("\"01\""), &own).error().message,
            "proposal: service is not 64 hex digits");
  EXPECT_EQ(actions_of(document("null"), &own).error().message, "proposal: service is not text");
  EXPECT_FALSE(actions_of("", &own));
  EXPECT_FALSE(actions_of("[]", &own));
}

TEST(Actions, KnowWhichMayComeThroughTheApp) {
  for (const auto* name : {"set_settings_policy", "set_key_release_policy",
                           "set_key_rotation_policy", "set_jwt_validation_policy"}) {
    EXPECT_TRUE(is_app_action(name)) << name;
  }
  for (const auto* name : {"set_jwt_issuer", "remove_jwt_issuer", "set_jwt_public_signing_keys",
                           "set_member", "nope", ""}) {
    EXPECT_FALSE(is_app_action(name)) << name;
  }
}

TEST(Actions, OfGenesisAndTheAppChangeTheStateAlone) {
  for (const auto* name : {"nope", "freeze", "set_member"}) {
    const auto error = refusal(safe(), action(name, "{}"));
    EXPECT_EQ(error.code, Code::not_found);
    EXPECT_EQ(error.message, "unknown action \"" + std::string(name) + '"');
  }
}

TEST(Actions, SetTheServicePolicies) {
  auto state = safe();
  expect_applied(state, action("set_key_rotation_policy",
                               R"({"key_rotation_policy":{"rotation_interval_seconds":9,
                                   "grace_period_seconds":1}})"));
  EXPECT_EQ(state.rotation_policy->interval, std::chrono::seconds(9));
  expect_applied(state, action("set_settings_policy",
                               R"({"settings_policy":{"service":{"name":"n","description":"d",
                                   "version":"1","debug":true}}})"));
  EXPECT_TRUE(state.settings_policy->debug);

  const auto error = refusal(state, action("set_settings_policy", "{}"));
  EXPECT_EQ(error.code, Code::malformed);
  EXPECT_EQ(error.message, "set_settings_policy: settings_policy is not an object");
  EXPECT_EQ(
      refusal(state, action("set_key_rotation_policy", R"({"key_rotation_policy":{}})")).message,
      "set_key_rotation_policy: key rotation policy: rotation_interval_seconds is not an "
      "integer");
}

constexpr const char* kBound =
    R"({"type":"add","claims":{"x-ms-sevsnpvm-hostdata":"ab"},"service":"s"})";

TEST(Actions, SetAReleasePolicyThatIsBound) {
  auto state = safe();
  expect_applied(state, action("set_key_release_policy", kBound));
  EXPECT_TRUE(state.release_policy->is_bound());
}

TEST(Actions, RefuseAnUnboundReleasePolicyOutsideDevUnlessItSaysSo) {
  const auto* unbound = R"({"type":"add","claims":{"x-ms-ver":"3"}})";
  const auto error = refusal(safe(), action("set_key_release_policy", unbound));
  EXPECT_EQ(error.message,
            "set_key_release_policy: release policy: it pins no workload: x-ms-sevsnpvm-hostdata "
            "(snp-aci) or x-ms-sevsnpvm-launchmeasurement (snp) is missing");
  EXPECT_EQ(error.hint, R"(say so with "allow_unbound":true)");
  auto state = safe();
  expect_applied(state, action("set_key_release_policy",
                               R"({"type":"add","claims":{"x-ms-ver":"3"},"allow_unbound":true})"));
  auto development = dev();
  expect_applied(development, action("set_key_release_policy", unbound));
}

TEST(Actions, RefusePermissiveHostDataOutsideDevUnlessItSaysSo) {
  const std::string value = "4f4448c67f3c8dfc8de8a5e37125d807dadcc41f06cf23f615dbd52eec777d10";
  const auto args = [&](const std::string& more) {
    return R"({"type":"add","claims":{"x-ms-sevsnpvm-hostdata":["ab",")" + value + "\"]}" + more +
           "}";
  };
  EXPECT_EQ(refusal(safe(), action("set_key_release_policy", args(""))).message,
            "set_key_release_policy: release policy: x-ms-sevsnpvm-hostdata " + value +
                " is a published sample's, whose container policy lets anybody in");
  auto state = safe();
  expect_applied(state, action("set_key_release_policy", args(R"(,"allow_unbound":true)")));
  auto development = dev();
  expect_applied(development, action("set_key_release_policy", args("")));
}

TEST(Actions, LetTheReleasePolicyBeEmptied) {
  auto state = safe();
  expect_applied(state, action("set_key_release_policy", kBound));
  expect_applied(state, action("set_key_release_policy",
                               R"({"type":"remove","claims":{"x-ms-sevsnpvm-hostdata":"ab"}})"));
  EXPECT_TRUE(state.release_policy->claims().empty());
}

TEST(Actions, RefuseARemovalThatLeavesThePolicyUnbound) {
  auto state = safe();
  expect_applied(state, action("set_key_release_policy",
                               R"({"type":"add","claims":{"x-ms-sevsnpvm-hostdata":"ab",
                                   "x-ms-ver":"3"}})"));
  EXPECT_NE(refusal(state, action("set_key_release_policy",
                                  R"({"type":"remove","claims":{"x-ms-sevsnpvm-hostdata":"ab"}})"))
                .message.find("it pins no workload"),
            std::string::npos);
}

TEST(Actions, RefuseAProfileTheServiceDoesNotTake) {
  auto state = dev();
  state.settings.profiles = {"snp-aci"};
  EXPECT_EQ(
      refusal(state,
              action("set_key_release_policy",
                     R"({"type":"add","claims":{"x-ms-ver":"3"},"profiles":["snp-aci","snp"]})"))
          .message,
      R"(set_key_release_policy: release policy: profiles: "snp" is not a profile of this service)");
  state.settings.profiles = {"snp"};
  EXPECT_EQ(
      refusal(state,
              action("set_key_release_policy", R"({"type":"add","claims":{"x-ms-ver":"3"}})"))
          .message,
      R"(set_key_release_policy: release policy: profiles: "snp-aci" is not a profile of this service)");
}

TEST(Actions, RefuseRawReportsWithoutAMeasurementEverywhere) {
  const auto* raw =
      R"({"type":"add","claims":{"x-ms-sevsnpvm-hostdata":"ab"},"profiles":["snp"],
          "allow_unbound":true})";
  for (const auto& state : {safe(), dev()}) {
    EXPECT_EQ(refusal(state, action("set_key_release_policy", raw)).message,
              "set_key_release_policy: release policy: profile snp without "
              "x-ms-sevsnpvm-launchmeasurement accepts any program on any AMD host");
  }
  auto state = safe();
  expect_applied(state, action("set_key_release_policy",
                               R"({"type":"add","claims":{"x-ms-sevsnpvm-launchmeasurement":"ab"},
                            "profiles":["snp"]})"));
}

TEST(Actions, SetAnIssuersValidationPolicyAndReplaceItWhole) {
  auto state = safe();
  expect_applied(state,
                 action("set_jwt_validation_policy",
                        R"({"issuer":"http://i","validation_policy":{"sub":"a","n":["b"]}})"));
  expect_applied(state, action("set_jwt_validation_policy",
                               R"({"issuer":"http://i","validation_policy":{"sub":"c"}})"));
  EXPECT_EQ(codec::json::write(state.jwt_validation_policies.at("http://i")), R"({"sub":"c"})");
  EXPECT_EQ(
      refusal(state, action("set_jwt_validation_policy", R"({"validation_policy":{}})")).message,
      "set_jwt_validation_policy: issuer is not text");
  EXPECT_EQ(refusal(state, action("set_jwt_validation_policy", R"({"issuer":"http://i"})")).message,
            "set_jwt_validation_policy: validation_policy is not an object");
}

TEST(Actions, RefuseAnEmptyValidationPolicyOutsideDev) {
  const auto empty =
      action("set_jwt_validation_policy", R"({"issuer":"http://i","validation_policy":{}})");
  EXPECT_EQ(refusal(safe(), empty).message,
            "set_jwt_validation_policy: JWT validation policy: no claims: it would accept every "
            "token of the issuer");
  auto state = dev();
  expect_applied(state, empty);
}

codec::json::Object jwks(const TokenSigner& signer) {
  codec::json::Object keys;
  keys["keys"] = codec::json::Array{
      crypto::jwk_to_json(signer.key.public_key(), signer.kid, crypto::JwsAlgorithm::es256)};
  return keys;
}

TEST(Actions, SetReplaceAndRemoveAnIssuer) {
  const TokenSigner first, second;
  auto state = safe();
  auto set =
      action("set_jwt_issuer",
             R"({"issuer":"http://i","key_filter":"all","auto_refresh":false,"key_policy":{}})");
  set.args["jwks"] = jwks(first);
  expect_applied(state, set);
  ASSERT_EQ(state.issuers.at("http://i").keys.size(), 1U);

  auto replace = action("set_jwt_public_signing_keys", R"({"issuer":"http://i"})");
  replace.args["jwks"] = jwks(second);
  expect_applied(state, replace);
  ASSERT_EQ(state.issuers.at("http://i").keys.size(), 1U);
  EXPECT_EQ(state.issuers.at("http://i").keys[0].key, second.key.public_key());

  expect_applied(state, action("remove_jwt_issuer", R"({"issuer":"http://i"})"));
  EXPECT_TRUE(state.issuers.empty());
}

TEST(Actions, KeepAnIssuersKeysWhereNoneAreGiven) {
  const TokenSigner signer;
  auto state = safe();
  state.issuers["http://i"].keys = {signer.jwk()};
  ASSERT_TRUE(
      apply_action(state, action("set_jwt_issuer", R"({"issuer":"http://i","jwks":null})")));
  EXPECT_EQ(state.issuers.at("http://i").keys.size(), 1U);
  expect_applied(state, action("set_jwt_issuer", R"({"issuer":"http://j"})"));
  EXPECT_TRUE(state.issuers.at("http://j").keys.empty());
}

TEST(Actions, TakeAJwkWithNumbersAndCertificateTogetherAndNullsBesides) {
  const auto identity = identity_for_testing("issuer", crypto::KeyKind::ec_p256);
  auto jwk = crypto::jwk_to_json(identity.key.public_key(), "k", crypto::JwsAlgorithm::es256);
  jwk["x5c"] = codec::json::Array{codec::json::Value(to_base64(identity.certificate.der()))};
  jwk["n"] = nullptr;
  jwk["e"] = nullptr;
  codec::json::Object keys;
  keys["keys"] = codec::json::Array{jwk};
  auto set = action("set_jwt_issuer", R"({"issuer":"http://i"})");
  set.args["jwks"] = keys;
  auto state = safe();
  expect_applied(state, set);
  EXPECT_EQ(state.issuers.at("http://i").keys.at(0).key, identity.key.public_key());
}

TEST(Actions, RefuseIssuersTheyCannotServe) {
  EXPECT_EQ(refusal(safe(), action("set_jwt_issuer", "{}")).message,
            "set_jwt_issuer: issuer is not text");
  EXPECT_EQ(refusal(safe(), action("set_jwt_issuer", R"({"issuer":""})")).message,
            "set_jwt_issuer: issuer is not text");
  EXPECT_EQ(
      refusal(safe(), action("set_jwt_issuer", R"({"issuer":"https://i","auto_refresh":true})"))
          .message,
      "set_jwt_issuer: auto_refresh: ca_cert_bundle_name is missing: nothing would vouch for "
      "whoever answers as the issuer");
  EXPECT_EQ(refusal(safe(), action("set_jwt_issuer", R"({"issuer":"i","auto_refersh":true})")).hint,
            "did you mean \"auto_refresh\"?");
  EXPECT_EQ(refusal(safe(), action("set_jwt_issuer", R"({"issuer":"i","jwks":[]})")).message,
            "set_jwt_issuer: jwks is not an object");
  EXPECT_EQ(
      refusal(safe(), action("set_jwt_public_signing_keys", R"({"issuer":"i","jwks":{"keys":[]}})"))
          .message,
      R"(set_jwt_public_signing_keys: issuer "i" is not set)");
  EXPECT_EQ(refusal(safe(), action("remove_jwt_issuer", R"({"issuer":"i"})")).message,
            R"(remove_jwt_issuer: issuer "i" is not set)");
}

TEST(Actions, ApplyAllOrNothing) {
  auto state = dev();
  const auto before = state.digest();
  const std::vector<Action> actions = {
      action("set_jwt_validation_policy", R"({"issuer":"i","validation_policy":{"sub":"s"}})"),
      action("set_settings_policy", "{}")};
  EXPECT_FALSE(apply_all(state, actions));
  EXPECT_EQ(state.digest(), before);
  EXPECT_TRUE(apply_all(state, {actions[0]}));
  EXPECT_NE(state.digest(), before);
  const auto after = state.digest();
  EXPECT_TRUE(apply_all(state, {}));
  EXPECT_EQ(state.digest(), after);
}

}  // namespace
}  // namespace vitrine::governance
