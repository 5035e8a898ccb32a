#include "governance/actions_for_testing.h"

namespace vitrine::governance {
namespace {

using codec::json::Object;

class ServiceActions : public ActionTest {
 protected:
  ServiceActions() {
    add_member("a");
    proceedings.nodes[ids("1")] = {"Trusted", {}};
    proceedings.nodes[ids("2")] = {"Pending", {}};
    proceedings.nodes[ids("3")] = {"Retired", {}};
  }
  static std::string ids(const char* digit) { return std::string(64, *digit); }
  static std::string node(const char* digit, const std::string& more = {}) {
    return R"({"node_id":")" + ids(digit) + '"' + more + "}";
  }
  std::string pem_args(const char* name, const crypto::Certificate& certificate) const {
    return codec::json::write(Object{{name, certificate.pem()}});
  }
  const std::string from = R"(,"valid_from":"2026-11-22T09:41:59Z")";  // now
};

TEST_F(ServiceActions, OpenTheServiceThatTheProposalNames) {
  state.opening = true;
  const auto other = identity_for_testing("other");
  EXPECT_EQ(
      refused("transition_service_to_open", pem_args("next_service_identity", other.certificate)),
      "next_service_identity is not this service's certificate");
  EXPECT_EQ(refused("transition_service_to_open",
                    pem_args("previous_service_identity", other.certificate)),
            "previous_service_identity is not this service's certificate");
  EXPECT_NE(refused("transition_service_to_open", R"({"next_service_identity":"x"})")
                .find("next_service_identity: "),
            std::string::npos);
  accepted("transition_service_to_open", pem_args("next_service_identity", service.certificate));
  EXPECT_FALSE(state.opening);
  EXPECT_TRUE(duties().empty()) << "there is no threshold";
  accepted("transition_service_to_open");
  expect_unknown_arg("transition_service_to_open", {});
}

TEST_F(ServiceActions, KnowNoIdentityWhereNoneIsAtHand) {
  facts.service_certificate = nullptr;
  const auto args = pem_args("service_identity", service.certificate);
  EXPECT_EQ(refused("assert_service_identity", args),
            "service_identity is not this service's certificate");
  at.facts = nullptr;
  EXPECT_EQ(refused("assert_service_identity", args),
            "service_identity is not this service's certificate");
}

TEST_F(ServiceActions, BindAProposalToOneService) {
  accepted("assert_service_identity", pem_args("service_identity", service.certificate));
  const auto other = identity_for_testing("other");
  const auto assertion =
      action("assert_service_identity", pem_args("service_identity", other.certificate));
  EXPECT_FALSE(apply({action("freeze"), assertion}));
  EXPECT_FALSE(state.frozen);
  EXPECT_EQ(refused("assert_service_identity"), "service_identity is not text");
}

TEST_F(ServiceActions, FreezeAndThaw) {
  EXPECT_EQ(refused("thaw"), "the service is not frozen");
  accepted("freeze", R"({"reason":"a key leaked"})");
  EXPECT_EQ(state.frozen, (Frozen{proposer, at.time}));
  const auto first = state.digest();
  at.time += std::chrono::seconds(1);
  accepted("freeze");
  EXPECT_EQ(state.digest(), first) << "who froze first is remembered";
  expect_unknown_arg("freeze", {});
  expect_unknown_arg("thaw", {});
  EXPECT_EQ(refused("freeze", R"({"reason":1})"), "reason is not text");
  accepted("thaw");
  EXPECT_FALSE(state.frozen);
}

TEST_F(ServiceActions, RotateKeys) {
  accepted("rotate_service_key");
  accepted("rotate_log_key");
  EXPECT_EQ(duties(), (std::vector{DutyKind::rotate_service_key, DutyKind::rotate_log_key}));
  expect_unknown_arg("rotate_service_key", {});
  expect_unknown_arg("rotate_log_key", {});
}

TEST_F(ServiceActions, MarkAKeyThatThereIs) {
  EXPECT_EQ(refused("mark_key_compromised", R"({"kid":"other"})"), "kid: no key \"other\"");
  accepted("mark_key_compromised", R"({"kid":"known"})");
  EXPECT_EQ(state.compromised_keys.count("known"), 1U);
  EXPECT_EQ(duties(), std::vector{DutyKind::make_key});
  EXPECT_EQ(refused("mark_key_compromised", R"({"kid":"known"})"),
            "kid: the key is marked already");
  EXPECT_EQ(refused("mark_key_compromised"), "kid is not text");
  expect_unknown_arg("mark_key_compromised", {{"kid", "known"}});
  facts.knows_key = nullptr;
  EXPECT_EQ(refused("mark_key_compromised", R"({"kid":"known"})"), "kid: no key \"known\"");
}

TEST_F(ServiceActions, GovernSettings) {
  accepted("set_governed_settings",
           R"({"settings":{"clock_skew_seconds":5,"auto_rotate":true,"insecure_seal":true}})");
  EXPECT_EQ(state.settings.clock_skew, std::chrono::seconds(5));
  EXPECT_TRUE(state.settings.auto_rotate);
  EXPECT_EQ(refused("set_governed_settings", R"({"settings":{"clock_skew_seconds":61}})"),
            "governed: clock_skew_seconds is not an integer from 0 to 60");
  EXPECT_EQ(refused("set_governed_settings", R"({"settings":{"dev":true}})"),
            "governed: dev is fixed when the ledger is born");
  EXPECT_NE(
      refused("set_governed_settings", R"({"settings":{"clock_skew":5}})").find("unknown member"),
      std::string::npos);
  EXPECT_EQ(refused("set_governed_settings", R"({"settings":{}})"), "settings: nothing in it");
  EXPECT_EQ(refused("set_governed_settings"), "settings is not an object");
  expect_unknown_arg("set_governed_settings", {{"settings", Object{{"auto_rotate", true}}}});
}

TEST_F(ServiceActions, GovernNothingThatNoServiceMayBe) {
  const std::string root(64, '0');
  for (const auto* name : {"accept_at_once", "allow_published_wrapping_key"}) {
    EXPECT_NE(refused("set_governed_settings",
                      codec::json::write(Object{{"settings", Object{{name, true}}}}))
                  .find("for services born with --dev alone"),
              std::string::npos);
  }
  EXPECT_NE(refused("set_governed_settings",
                    R"({"settings":{"snp_roots":[{"product":"Milan","spki_sha256":")" + root +
                        R"(","simulated":true}]}})")
                .find("a simulated root"),
            std::string::npos);
  EXPECT_NE(refused("set_governed_settings", R"({"settings":{"endpoints":{"key":[]}}})")
                .find("open to anyone"),
            std::string::npos);
}

TEST_F(ServiceActions, LetOnlyUsersBeProposers) {
  const auto dave = identity_for_testing("dave");
  const auto args = R"({"settings":{"proposers":[")" + dave.id + "\"]}}";
  EXPECT_EQ(refused("set_governed_settings", args),
            "governed: proposers: no user \"" + dave.id + '"');
  ASSERT_TRUE(apply({action("set_user", pem_args("cert", dave.certificate)),
                     action("set_governed_settings", args)}));
  EXPECT_EQ(state.settings.proposers, std::vector{dave.id});
}

TEST_F(ServiceActions, TakeCcfsNameOfTwoSettings) {
  accepted("set_service_configuration", R"({"recent_cose_proposals_window_size":5})");
  EXPECT_EQ(state.settings.recent_proposals, 5U);
  EXPECT_NE(refused("set_service_configuration", R"({"recent_cose_proposals_window_size":0})"), "");
  EXPECT_EQ(refused("set_service_configuration", R"({"recovery_threshold":2})"),
            "recovery threshold: 2 shares are needed and 0 active members would hold one");
  expect_unknown_arg("set_service_configuration", {});
}

TEST_F(ServiceActions, TrustAPendingNode) {
  accepted("transition_node_to_trusted", node("2", from));
  EXPECT_EQ(proceedings.nodes.at(ids("2")).status, "Trusted");
  accepted("transition_node_to_trusted", node("2", from));
  EXPECT_EQ(refused("transition_node_to_trusted", node("3", from)),
            "node_id: the node is retired for good");
  EXPECT_EQ(refused("transition_node_to_trusted", node("4", from)), "node_id: no node " + ids("4"));
  EXPECT_EQ(refused("transition_node_to_trusted", node("2")), "valid_from is not text");
  expect_unknown_arg("transition_node_to_trusted", {{"node_id", ids("2")}});
}

TEST_F(ServiceActions, LetNoNodeJoinAFrozenService) {
  accepted("freeze");
  EXPECT_EQ(refused("transition_node_to_trusted", node("2", from)),
            "the service is frozen: no node joins");
}

TEST_F(ServiceActions, RemoveNodesButTheLast) {
  accepted("remove_node", node("2"));
  EXPECT_EQ(proceedings.nodes.count(ids("2")), 0U);
  accepted("remove_node", node("4"));
  EXPECT_EQ(refused("remove_node", node("1")),
            "node_id: it is the last trusted node: nothing would serve any more");
  proceedings.nodes[ids("5")] = {"Trusted", {}};
  accepted("remove_node", node("1"));
  EXPECT_EQ(proceedings.nodes.at(ids("1")).status, "Retired");
  EXPECT_EQ(refused("remove_node"), "node_id is not 64 hex digits");
  expect_unknown_arg("remove_node", {{"node_id", ids("1")}});
}

TEST_F(ServiceActions, RenewCertificates) {
  const auto args = "{" + from.substr(1) + R"(,"validity_period_days":30})";
  accepted("set_service_certificate_validity", args);
  accepted("set_all_nodes_certificate_validity", args);
  EXPECT_EQ(duties(), (std::vector{DutyKind::renew_service_cert, DutyKind::renew_node_cert}));
  const auto& duty = proceedings.duties[0];
  EXPECT_EQ(duty.days, 30U);
  EXPECT_EQ(to_rfc3339(duty.valid_from), "2026-11-22T09:41:59Z");
  accepted("set_node_certificate_validity", node("1", from));
  EXPECT_EQ(proceedings.due(DutyKind::renew_node_cert)->days, 0U) << "as long as members allow";
  EXPECT_EQ(refused("set_node_certificate_validity", node("2", from)),
            "node_id: the node is not trusted");
  for (const auto* name : {"set_service_certificate_validity", "set_all_nodes_certificate_validity",
                           "set_node_certificate_validity"}) {
    expect_unknown_arg(name, {{"valid_from", "261122094159Z"}});
  }
}

TEST_F(ServiceActions, RenewNoCertificateThatWouldLockPeopleOut) {
  const auto renewal = [&](const std::string& valid_from, const char* days = "30") {
    return R"({"valid_from":")" + valid_from + R"(","validity_period_days":)" + days + "}";
  };
  const auto at_time = [&](std::chrono::seconds later) { return to_rfc3339(at.time + later); };
  using std::chrono::hours;
  const auto* name = "set_service_certificate_validity";
  accepted(name, renewal(at_time(hours(1))));
  EXPECT_EQ(refused(name, renewal(at_time(hours(1) + std::chrono::seconds(1)))),
            "valid_from is over an hour ahead: until then nobody could connect");
  accepted(name, renewal(at_time(hours(-24 * 30) + std::chrono::seconds(1))));
  EXPECT_EQ(refused(name, renewal(at_time(hours(-24 * 30)))),
            "valid_from: a certificate from then on would be over already");
  for (const auto* days : {"0", "366", "\"30\"", "1.5"}) {
    EXPECT_EQ(refused(name, renewal(at_time(hours(0)), days)),
              "args: validity_period_days is not an integer from 1 to 365");
  }
  EXPECT_EQ(refused(name, renewal("tomorrow")), "valid_from is no time: \"tomorrow\"");
  EXPECT_EQ(refused(name, renewal("0001-01-01T00:00:00Z")),
            "valid_from: a certificate from then on would be over already");
  EXPECT_EQ(refused(name, renewal("9999-12-31T23:59:59Z")),
            "valid_from is over an hour ahead: until then nobody could connect");
}

TEST_F(ServiceActions, ReadTimesInEitherForm) {
  for (const auto* text :
       {"261122094159Z", "2026-11-22T09:41:59Z", "2026-11-22T09:41:59", "2026-11-22 09:41:59",
        "2026-11-22T10:41:59+01:00", "2026-11-22 09:41:59.000"}) {
    accepted("set_service_certificate_validity", R"({"valid_from":")" + std::string(text) + "\"}");
    EXPECT_EQ(to_rfc3339(proceedings.duties[0].valid_from), "2026-11-22T09:41:59Z") << text;
  }
  for (const auto* text : {"", "261122094159", "2611220941Z", "261322094159Z", "2026-11-22",
                           "20261122094159Z", "26112209415aZ"}) {
    EXPECT_NE(refused("set_service_certificate_validity",
                      R"({"valid_from":")" + std::string(text) + "\"}")
                  .find("valid_from is no time"),
              std::string::npos)
        << text;
  }
}

TEST_F(ServiceActions, TolerateWhatMeansNothingOnlyWhereThatIsGoverned) {
  const std::vector<std::pair<const char*, const char*>> actions = {
      {"set_js_app", R"({"bundle":{"metadata":{}},"disable_bytecode_cache":true})"},
      {"set_js_runtime_options", R"({"max_heap_bytes":1})"},
      {"remove_js_app", "{}"},
      {"refresh_js_app_bytecode_cache", "{}"},
      {"trigger_ledger_chunk", "{}"},
      {"trigger_snapshot", "{}"}};
  for (const auto& [name, args] : actions) {
    EXPECT_EQ(refused(name, args), "it means nothing to this service, which runs no scripts");
  }
  state.settings.tolerate_no_ops = true;
  const auto before = state.digest();
  for (const auto& [name, args] : actions) {
    accepted(name, args);
    expect_unknown_arg(name, {});
  }
  EXPECT_EQ(state.digest(), before);
  EXPECT_TRUE(duties().empty());
  EXPECT_EQ(refused("set_js_app"), "bundle is not an object");
}

TEST_F(ServiceActions, ApplyAllOrNothing) {
  const auto before = state.digest();
  EXPECT_FALSE(apply({action("rotate_log_key"), action("freeze"), action("thaw"), action("thaw")}));
  EXPECT_EQ(state.digest(), before);
  EXPECT_TRUE(duties().empty());
  ASSERT_TRUE(apply({action("rotate_log_key"), action("freeze")}));
  EXPECT_TRUE(state.frozen);
  EXPECT_EQ(duties(), std::vector{DutyKind::rotate_log_key});
  const auto unknown = apply({action("nope")});
  EXPECT_EQ(unknown.error().message, "nope: no such action");
}

}  // namespace
}  // namespace vitrine::governance
