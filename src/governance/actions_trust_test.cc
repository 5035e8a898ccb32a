#include "crypto/hash.h"
#include "governance/actions_for_testing.h"

namespace vitrine::governance {
namespace {

class TrustActions : public ActionTest {
 protected:
  TrustActions() { add_member("a"); }
  const JoinPolicy& policy() const { return state.join_policy; }
  const std::string measurement = std::string(95, '0') + "A";
  const std::string one_measurement = R"({"measurement":")" + measurement + "\"}";
};

TEST_F(TrustActions, TrustAMeasurementAndNoMore) {
  accepted("add_snp_measurement", one_measurement);
  EXPECT_EQ(policy().snp_measurements.count(std::string(95, '0') + "a"), 1U);
  accepted("add_snp_measurement", one_measurement);
  accepted("remove_snp_measurement", one_measurement);
  EXPECT_EQ(policy(), JoinPolicy());
  EXPECT_NE(refused("remove_snp_measurement", one_measurement).find("is not in the join policy"),
            std::string::npos);
  for (const auto* name : {"add_snp_measurement", "remove_snp_measurement"}) {
    EXPECT_EQ(refused(name, R"({"measurement":"00"})"), "measurement is not 96 hex digits");
    EXPECT_EQ(refused(name), "measurement is not 96 hex digits");
    expect_unknown_arg(name, {{"measurement", measurement}});
  }
}

TEST_F(TrustActions, TrustHostDataWhosePolicyHashesToIt) {
  const std::string text = "package policy";
  const auto host_data = to_hex(crypto::sha256(as_bytes(text)));
  const auto args = [&](const std::string& security_policy) {
    return R"({"host_data":")" + host_data + R"(","security_policy":)" +
           quoted_json(security_policy) + "}";
  };
  accepted("add_snp_host_data", args(text));
  EXPECT_EQ(policy().snp_host_data.at(host_data), text);
  accepted("add_snp_host_data", args(""));
  EXPECT_EQ(policy().snp_host_data.at(host_data), "");
  EXPECT_EQ(refused("add_snp_host_data", args(text + " ")),
            "security_policy: its SHA-256 is not host_data");
  EXPECT_EQ(refused("add_snp_host_data", R"({"host_data":")" + host_data + "\"}"),
            "security_policy is not text");
  EXPECT_EQ(refused("add_snp_host_data", R"({"host_data":"zz","security_policy":""})"),
            "host_data is not 64 hex digits");
  expect_unknown_arg("add_snp_host_data", {{"host_data", host_data}, {"security_policy", ""}});
  expect_unknown_arg("remove_snp_host_data", {{"host_data", host_data}});
  const auto one = R"({"host_data":")" + host_data + "\"}";
  accepted("remove_snp_host_data", one);
  EXPECT_EQ(policy(), JoinPolicy());
  EXPECT_NE(refused("remove_snp_host_data", one).find("is not in the join policy"),
            std::string::npos);
}

TEST_F(TrustActions, TrustAnEndorsementFromALowestVersionOn) {
  const auto args = [](const char* svn) {
    return R"({"did":"did:x","feed":"f","svn":)" + std::string(svn) + "}";
  };
  accepted("add_snp_uvm_endorsement", args("\"0101\""));
  EXPECT_EQ(policy().snp_uvm_endorsements.at("did:x").at("f"), "101");
  accepted("add_snp_uvm_endorsement", args("102"));
  EXPECT_EQ(policy().snp_uvm_endorsements.at("did:x").at("f"), "102");
  for (const auto* wrong : {"\"\"", "\"1x\"", "-1", "1.5", "null", "\"1234567890123456789\""}) {
    EXPECT_EQ(refused("add_snp_uvm_endorsement", args(wrong)),
              "svn is not a number of at most 18 digits");
  }
  EXPECT_EQ(refused("add_snp_uvm_endorsement", R"({"feed":"f","svn":1})"), "did is not text");
  EXPECT_EQ(refused("add_snp_uvm_endorsement", R"({"did":"d","feed":"","svn":1})"),
            "feed is not text");
  expect_unknown_arg("add_snp_uvm_endorsement", {{"did", "d"}, {"feed", "f"}, {"svn", 1}});
  expect_unknown_arg("remove_snp_uvm_endorsement", {{"did", "d"}, {"feed", "f"}});

  EXPECT_NE(refused("remove_snp_uvm_endorsement", R"({"did":"did:x","feed":"g"})").find("feed"),
            std::string::npos);
  EXPECT_NE(refused("remove_snp_uvm_endorsement", R"({"did":"did:y","feed":"f"})").find("did"),
            std::string::npos);
  accepted("remove_snp_uvm_endorsement", R"({"did":"did:x","feed":"f","svn":"102"})");
  EXPECT_EQ(policy(), JoinPolicy());
}

TEST_F(TrustActions, DemandALowestTcb) {
  accepted("set_snp_minimum_tcb_version_hex",
           R"({"cpuid":"00a00f11","tcb_version":"d315000000000004"})");
  accepted("set_snp_minimum_tcb_version",
           R"({"cpuid":"00a10f11","tcb_version":{"boot_loader":4,"tee":0,"snp":21,
               "microcode":211}})");
  EXPECT_EQ(policy().snp_tcb_versions.at("00a00f11"), "d315000000000004");
  EXPECT_EQ(policy().snp_tcb_versions.at("00a10f11"), "d315000000000004");
  EXPECT_EQ(refused("set_snp_minimum_tcb_version_hex", R"({"cpuid":"00a00f1","tcb_version":""})"),
            "cpuid is not 8 hex digits");
  EXPECT_EQ(
      refused("set_snp_minimum_tcb_version_hex", R"({"cpuid":"00a00f11","tcb_version":"d3"})"),
      "tcb_version is not 16 hex digits");
  EXPECT_EQ(refused("set_snp_minimum_tcb_version",
                    R"({"cpuid":"00a00f11","tcb_version":{"boot_loader":4,"tee":0,"snp":21}})"),
            "tcb_version: microcode is missing");
  EXPECT_EQ(refused("set_snp_minimum_tcb_version",
                    R"({"cpuid":"00a00f11","tcb_version":{"boot_loader":256}})"),
            "tcb_version: microcode is missing");
  EXPECT_EQ(refused("set_snp_minimum_tcb_version",
                    R"({"cpuid":"00a00f11","tcb_version":{"microcode":256}})"),
            "tcb_version: microcode is not an integer from 0 to 255");
  EXPECT_EQ(refused("set_snp_minimum_tcb_version", R"({"cpuid":"00b00f21","tcb_version":{}})"),
            "cpuid: this processor's TCB version has other parts");
  accepted("remove_snp_minimum_tcb_version", R"({"cpuid":"00a00f11"})");
  EXPECT_EQ(policy().snp_tcb_versions.count("00a00f11"), 0U);
  EXPECT_NE(refused("remove_snp_minimum_tcb_version", R"({"cpuid":"00a00f11"})")
                .find("is not in the join policy"),
            std::string::npos);
  for (const auto* name : {"set_snp_minimum_tcb_version_hex", "set_snp_minimum_tcb_version",
                           "remove_snp_minimum_tcb_version"}) {
    expect_unknown_arg(name, {{"cpuid", "00a00f11"}});
  }
}

TEST_F(TrustActions, SetAConstitutionByNameOrAsATable) {
  const auto args = [](const std::string& value) { return R"({"constitution":)" + value + "}"; };
  accepted("set_constitution", args("\"veto\""));
  EXPECT_EQ(state.constitution, *Constitution::preset("veto"));
  const std::string table = R"({"default":{"approve":"all"}})";
  accepted("set_constitution", args(table));
  const auto all = state.constitution;
  EXPECT_EQ(all.rule_of("freeze").approve, Rule::Approve::all);
  accepted("set_constitution", args("\"majority\""));
  accepted("set_constitution", args(quoted_json(table)));
  EXPECT_EQ(state.constitution, all);

  EXPECT_EQ(refused("set_constitution", args("\"mayority\"")),
            "constitution: neither the name of a preset nor a table; scripts are not run");
  EXPECT_EQ(refused("set_constitution"), "constitution: neither text nor an object");
  EXPECT_NE(
      refused("set_constitution", args(R"({"default":{"approve":"most"}})")).find("constitution: "),
      std::string::npos);
  EXPECT_NE(refused("set_constitution", args(R"({"default":{"roles":["legal"]}})"))
                .find("could never pass"),
            std::string::npos);
  expect_unknown_arg("set_constitution", {{"constitution", "majority"}});
}

TEST_F(TrustActions, LetOnlyDevBeASandbox) {
  const auto* sandbox = R"({"constitution":"sandbox"})";
  EXPECT_EQ(refused("set_constitution", sandbox),
            "constitution: sandbox is for services born with --dev alone");
  EXPECT_EQ(refused("set_constitution", R"({"constitution":{"default":{"approve":"proposal"}}})"),
            "constitution: sandbox is for services born with --dev alone");
  state.settings.dev = true;
  accepted("set_constitution", sandbox);
}

TEST_F(TrustActions, PassAScriptByOnlyWhereThatIsTolerated) {
  const auto* script = R"({"constitution":"export function resolve () { return \"Accepted\" }"})";
  EXPECT_EQ(refused("set_constitution", script),
            "constitution: neither the name of a preset nor a table; scripts are not run");
  state.settings.tolerate_no_ops = true;
  const auto before = state.digest();
  accepted("set_constitution", script);
  EXPECT_EQ(state.digest(), before);
}

TEST_F(TrustActions, AreThoseAfterWhichOtherVotesCountNoMore) {
  for (const auto* name : {"set_constitution", "add_snp_measurement", "remove_snp_measurement",
                           "add_snp_host_data", "remove_snp_host_data", "add_snp_uvm_endorsement",
                           "remove_snp_uvm_endorsement", "set_snp_minimum_tcb_version",
                           "set_snp_minimum_tcb_version_hex", "remove_snp_minimum_tcb_version"}) {
    EXPECT_TRUE(is_action(name)) << name;
    EXPECT_TRUE(changes_trust(name)) << name;
  }
  for (const auto* name : {"set_key_release_policy", "set_member", "freeze", "nope"}) {
    EXPECT_FALSE(changes_trust(name)) << name;
  }
  EXPECT_FALSE(is_action("nope"));
}

}  // namespace
}  // namespace vitrine::governance
