#include "governance/actions_for_testing.h"
#include "ledger/entries.h"

namespace vitrine::governance {
namespace {

using codec::json::Object;

class MemberActions : public ActionTest {
 protected:
  MemberActions() {
    for (const auto* name : {"a", "b", "c"}) ids.push_back(add_member(name, true));
    state.recovery_threshold = 2;
  }
  static std::string text(const Object& args) { return codec::json::write(args); }
  static Object cert_args(const crypto::Certificate& certificate) {
    return {{"cert", certificate.pem()}};
  }
  static std::string id_args(const std::string& id) { return R"({"member_id":")" + id + "\"}"; }

  std::vector<std::string> ids;
  Identity dave = identity_for_testing("dave");
};

TEST_F(MemberActions, RegisterAMemberWhoHasToAck) {
  auto args = cert_args(dave.certificate);
  args["encryption_pub_key"] = rsa_key().pem();
  args["member_data"] = Object{{"team", "x"}};
  args["recovery_role"] = "Participant";
  accepted("set_member", text(args));
  const auto& member = state.members.at(dave.id);
  EXPECT_EQ(member.status, MemberStatus::accepted);
  EXPECT_EQ(codec::json::write(member.data), R"({"team":"x"})");
  EXPECT_EQ(*member.encryption_key, rsa_key());
  EXPECT_EQ(proceedings.state_digests.at(dave.id), at.signed_root);
  EXPECT_TRUE(duties().empty()) << "it holds a share once it acks";
  expect_unknown_arg("set_member", args);
}

TEST_F(MemberActions, RegisterAMemberWithoutAShareOrData) {
  auto args = cert_args(dave.certificate);
  args["encryption_pub_key"] = nullptr;  // as scripts write it
  args["recovery_role"] = "NonParticipant";
  accepted("set_member", text(args));
  EXPECT_FALSE(state.members.at(dave.id).is_recovery_member());
  EXPECT_TRUE(state.members.at(dave.id).data.is_null());
}

TEST_F(MemberActions, RefuseAMemberWhoCouldNotDoItsPart) {
  EXPECT_EQ(refused("set_member"), "cert is not text");
  EXPECT_NE(refused("set_member", R"({"cert":"no PEM"})").find("cert: "), std::string::npos);
  const auto with = [&](const char* name, const codec::json::Value& value) {
    auto args = cert_args(dave.certificate);
    args[name] = value;
    return text(args);
  };
  const auto ec = dave.certificate.public_key().pem();
  EXPECT_EQ(refused("set_member", with("encryption_pub_key", ec.c_str())),
            "encryption_pub_key is no RSA key of 2048 to 4096 bits");
  EXPECT_EQ(refused("set_member", with("encryption_pub_key", 1)), "encryption_pub_key is not text");
  EXPECT_EQ(refused("set_member", with("member_data", "x")), "member_data is not an object");
  EXPECT_EQ(refused("set_member", with("recovery_role", "Owner")),
            "recovery_role: Owner would open the service alone; no member here does");
  EXPECT_EQ(refused("set_member", with("recovery_role", "Participant")),
            "recovery_role: Participant without an encryption_pub_key");
  EXPECT_EQ(refused("set_member", with("recovery_role", "participant")),
            "recovery_role is neither Participant nor NonParticipant");
  const auto edwards = identity_for_testing("e", crypto::KeyKind::ed25519);
  EXPECT_EQ(refused("set_member", text(cert_args(edwards.certificate))),
            "cert: its key is none of P-256, P-384, P-521: the member could sign nothing");
}

TEST_F(MemberActions, RefuseACertificateThatIsOverOutsideDev) {
  at.time = dave.certificate.not_after();
  accepted("set_user", text(cert_args(dave.certificate)));
  at.time += std::chrono::milliseconds(1);
  EXPECT_NE(refused("set_member", text(cert_args(dave.certificate))).find("was valid until"),
            std::string::npos);
  EXPECT_NE(refused("set_user", text(cert_args(dave.certificate))).find("was valid until"),
            std::string::npos);
  state.settings.dev = true;
  accepted("set_member", text(cert_args(dave.certificate)));
}

TEST_F(MemberActions, DemoteAMemberThatIsSetAgainAndRekey) {
  auto args = cert_args(state.members.at(ids[0]).certificate);
  args["encryption_pub_key"] = rsa_key().pem();
  accepted("set_member", text(args));
  EXPECT_EQ(state.members.at(ids[0]).status, MemberStatus::accepted);
  EXPECT_EQ(duties(), std::vector{DutyKind::rekey});
  // A second one would leave fewer than the threshold.
  args = cert_args(state.members.at(ids[1]).certificate);
  EXPECT_EQ(refused("set_member", text(args)),
            "recovery threshold: 2 shares are needed and 1 active members would hold one");
}

TEST_F(MemberActions, HaveNoMoreSharesThanADealHolds) {
  for (std::size_t i = ids.size(); i < ledger::kSharesMax; ++i) {
    add_member("m" + std::to_string(i), true);
  }
  auto args = cert_args(dave.certificate);
  accepted("set_member", text(args));
  args["encryption_pub_key"] = rsa_key().pem();
  EXPECT_EQ(refused("set_member", text(args)),
            "encryption_pub_key: 40 members hold recovery shares, and no more can");
  accepted("remove_member", id_args(ids[0]));
  accepted("set_member", text(args));
}

TEST_F(MemberActions, RemoveAMemberAndItsPartInRecovery) {
  proceedings.state_digests[ids[0]] = Digest{1};
  accepted("remove_member", id_args(ids[0]));
  EXPECT_EQ(state.members.count(ids[0]), 0U);
  EXPECT_EQ(proceedings.state_digests.count(ids[0]), 0U);
  EXPECT_EQ(duties(), std::vector{DutyKind::rekey});
  EXPECT_EQ(refused("remove_member", id_args(ids[1])),
            "recovery threshold: 2 shares are needed and 1 active members would hold one");
  expect_unknown_arg("remove_member", {{"member_id", ids[0]}});
}

TEST_F(MemberActions, RekeyForNobodyWhoHeldNoShare) {
  const auto plain = add_member("plain");
  accepted("remove_member", id_args(plain));
  auto& waiting = state.members.at(ids[0]);
  waiting.status = MemberStatus::accepted;
  accepted("remove_member", id_args(ids[0]));
  EXPECT_TRUE(duties().empty());
}

TEST_F(MemberActions, RemoveNobodyWhoIsNoMember) {
  const auto before = state.digest();
  accepted("remove_member", id_args(std::string(64, '0')));
  EXPECT_EQ(state.digest(), before);
  EXPECT_EQ(refused("remove_member", id_args("00")), "member_id is not 64 hex digits");
  EXPECT_EQ(refused("remove_member"), "member_id is not 64 hex digits");
}

TEST_F(MemberActions, LeaveSomebodyWhoCanVote) {
  state.recovery_threshold = 0;
  ASSERT_TRUE(
      apply({action("remove_member", id_args(ids[0])), action("remove_member", id_args(ids[1]))}));
  EXPECT_NE(refused("remove_member", id_args(ids[2])).find("could never pass"), std::string::npos);
}

TEST_F(MemberActions, JudgeThresholdAndMembersOfAProposalTogether) {
  const auto leave = action("remove_member", id_args(ids[0]));
  state.recovery_threshold = 3;
  const auto lower = action("set_recovery_threshold", R"({"recovery_threshold":2})");
  EXPECT_FALSE(apply({leave}));
  EXPECT_TRUE(apply({leave, lower}));
  EXPECT_EQ(state.recovery_threshold, 2U);
}

TEST_F(MemberActions, MendAStateThatWasBrokenBefore) {
  state.recovery_threshold = 9;
  accepted("set_member", text(cert_args(dave.certificate)));
  EXPECT_EQ(state.recovery_threshold, 9U);
}

TEST_F(MemberActions, SetAndReplaceDataOfMembers) {
  const auto args = [](const std::string& id, const char* data) {
    return R"({"member_id":")" + id + R"(","member_data":)" + data + "}";
  };
  accepted("set_member_data", args(ids[0], R"({"role":"legal"})"));
  EXPECT_EQ(codec::json::write(state.members.at(ids[0]).data), R"({"role":"legal"})");
  EXPECT_EQ(state.members.at(ids[0]).status, MemberStatus::active);
  EXPECT_EQ(refused("set_member_data", args(ids[0], "null")), "member_data is not an object");
  const std::string nobody(64, '0');
  EXPECT_EQ(refused("set_member_data", args(nobody, "{}")), "member_id: no member " + nobody);
  expect_unknown_arg("set_member_data", {{"member_id", ids[0]}, {"member_data", Object()}});
}

TEST_F(MemberActions, RefuseDataThatTakesTheLastOfARoleAway) {
  const auto set = [&](const char* role) {
    return R"({"member_id":")" + ids[0] + R"(","member_data":{"role":")" + role + "\"}}";
  };
  accepted("set_member_data", set("legal"));
  state.constitution =
      *Constitution::from_json(*codec::json::parse_object(R"({"default":{"roles":["legal"]}})"));
  EXPECT_NE(refused("set_member_data", set("none")).find("no active member with a vote has the"),
            std::string::npos);
}

TEST_F(MemberActions, RegisterChangeAndRemoveUsers) {
  auto args = cert_args(dave.certificate);
  args["user_data"] = Object{{"a", 1}};
  accepted("set_user", text(args));
  EXPECT_EQ(codec::json::write(state.users.at(dave.id).data), R"({"a":1})");
  expect_unknown_arg("set_user", args);

  accepted("set_user_data", R"({"user_id":")" + dave.id + "\"}");
  EXPECT_TRUE(state.users.at(dave.id).data.is_null());
  const std::string nobody(64, '0');
  EXPECT_EQ(refused("set_user_data", R"({"user_id":")" + nobody + "\"}"),
            "user_id: no user " + nobody);
  expect_unknown_arg("set_user_data", {{"user_id", dave.id}});

  state.settings.proposers = {dave.id};
  accepted("remove_user", R"({"user_id":")" + dave.id + "\"}");
  EXPECT_TRUE(state.users.empty());
  EXPECT_TRUE(state.settings.proposers.empty()) << "a proposer by an old vote";
  accepted("remove_user", R"({"user_id":")" + dave.id + "\"}");
  EXPECT_EQ(refused("remove_user", R"({"user_id":1})"), "user_id is not 64 hex digits");
  expect_unknown_arg("remove_user", {{"user_id", dave.id}});
}

TEST_F(MemberActions, SetAThresholdThatMembersCanReach) {
  accepted("set_recovery_threshold", R"({"recovery_threshold":3})");
  EXPECT_EQ(duties(), std::vector{DutyKind::deal_shares});
  EXPECT_EQ(refused("set_recovery_threshold", R"({"recovery_threshold":4})"),
            "recovery threshold: 4 shares are needed and 3 active members would hold one");
  for (const auto* wrong : {"0", "255", "-1", "\"2\"", "2.5", "null"}) {
    EXPECT_EQ(
        refused("set_recovery_threshold", R"({"recovery_threshold":)" + std::string(wrong) + "}"),
        "recovery_threshold is not an integer from 1 to 254");
  }
  const auto* one = R"({"recovery_threshold":1})";
  EXPECT_EQ(refused("set_recovery_threshold", one),
            "recovery_threshold: one share alone would open the service");
  state.settings.dev = true;
  accepted("set_recovery_threshold", one);
  expect_unknown_arg("set_recovery_threshold", {{"recovery_threshold", 2}});
}

TEST_F(MemberActions, DealNothingAnewForTheSameThreshold) {
  accepted("set_recovery_threshold", R"({"recovery_threshold":2})");
  EXPECT_TRUE(duties().empty());
}

TEST_F(MemberActions, DealNothingBeforeTheServiceIsOpen) {
  state.opening = true;
  accepted("set_recovery_threshold", R"({"recovery_threshold":9})");
  accepted("remove_member", id_args(ids[0]));
  EXPECT_TRUE(duties().empty());
  EXPECT_EQ(refused("transition_service_to_open"),
            "recovery threshold: 9 shares are needed and 2 active members would hold one");
  accepted("set_recovery_threshold", R"({"recovery_threshold":2})");
  accepted("transition_service_to_open");
  EXPECT_EQ(duties(), std::vector{DutyKind::deal_shares});
}

TEST_F(MemberActions, DealAndRekeyWhenAsked) {
  accepted("trigger_recovery_shares_refresh");
  EXPECT_EQ(duties(), std::vector{DutyKind::deal_shares});
  accepted("trigger_ledger_rekey");
  EXPECT_EQ(duties(), (std::vector{DutyKind::deal_shares, DutyKind::rekey}));
  expect_unknown_arg("trigger_ledger_rekey", {});
  expect_unknown_arg("trigger_recovery_shares_refresh", {});
  state.recovery_threshold = 0;
  EXPECT_EQ(refused("trigger_recovery_shares_refresh"),
            "no recovery threshold is set, so no shares are dealt");
}

}  // namespace
}  // namespace vitrine::governance
