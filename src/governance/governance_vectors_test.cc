// The peers' proposals, signed and plain, and what their service answered (vectors/kms).
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "base/hex.h"
#include "governance/actions.h"
#include "governance/ballot.h"
#include "governance/signed_request.h"
#include "policy/policies_for_testing.h"

namespace vitrine::governance {
namespace {

using policy::json_for_testing;

std::string read_file(const std::string& name) {
  std::ifstream file(std::string(std::getenv("VITRINE_VECTORS")) + "/kms/" + name);
  EXPECT_TRUE(file.good()) << name;
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

codec::json::Object read_json(const std::string& name) { return json_for_testing(read_file(name)); }

std::string text_in(const codec::json::Value& value, const char* name) {
  return std::string(codec::json::text_view(value.at(name).as_string()));
}

State dev_state() {
  State state;
  state.settings = Settings::dev_defaults();
  return state;
}

Result<SignedRequest> verify_proposal(const State& state, ByteView bytes) {
  return verify_signed_request(state, bytes, MessageType::proposal, Signers::proposers);
}

TEST(ProposalVectors, VerifyTheSignedProposalAndItsIds) {
  const auto vector = read_json("derived/cose-proposal.json");
  const auto certificate = crypto::Certificate::from_pem(text_in(vector, "user_cert"));
  ASSERT_TRUE(certificate);
  State state = dev_state();  // the certificate is younger than created_at
  state.users.emplace(identity_of(*certificate), User{*certificate, {}});
  EXPECT_EQ(identity_of(*certificate), text_in(vector, "user_id"));

  const auto bytes = *from_hex(text_in(vector, "cose_hex"));
  const auto envelope = verify_proposal(state, bytes);
  ASSERT_TRUE(envelope) << envelope.error().message;
  EXPECT_EQ(envelope->signer, text_in(vector, "user_id"));
  EXPECT_EQ(envelope->created_at, vector.at("created_at").as_int64());
  const auto actions = actions_from_json(json_for_testing(as_text(envelope->message.payload)));
  ASSERT_TRUE(actions);
  ASSERT_EQ(actions->size(), 1U);
  EXPECT_EQ(app_proposal_id(actions->at(0)), text_in(vector, "app_proposal_id"));

  for (const std::size_t at : {std::size_t{20}, bytes.size() / 2, bytes.size() - 1}) {
    auto changed = bytes;
    changed[at] ^= 1;
    EXPECT_FALSE(verify_proposal(state, changed)) << at;
  }
}

// Replays the captured proposals on a development state: same acceptance, same ids.
TEST(ProposalVectors, JudgeTheCapturedProposalsAsThePeersDid) {
  const auto captures = read_json("captures/ispirt-on-ccf7.json");
  auto state = dev_state();
  for (const auto& each : captures.at("exchanges").as_array()) {
    if (text_in(each, "name") != "auth user") continue;
    const auto body = json_for_testing(text_in(each.at("response"), "body"));
    const auto certificate = crypto::Certificate::from_pem(text_in(body.at("auth"), "cert"));
    ASSERT_TRUE(certificate);
    state.users.emplace(identity_of(*certificate), User{*certificate, {}});
  }
  ASSERT_EQ(state.users.size(), 1U);

  int accepted = 0, refused = 0;
  for (const auto& each : captures.at("exchanges").as_array()) {
    const auto& request = each.at("request").as_object();
    const auto name = text_in(each, "name");
    if (request.if_contains("body_hex") == nullptr || name == "proposal content type") continue;
    const auto status = each.at("response").at("status").as_int64();
    const auto envelope = verify_proposal(state, *from_hex(text_in(request, "body_hex")));
    if (name == "proposal not cose") {
      EXPECT_EQ(envelope.error().code, Code::malformed);  // we say 401, they 500
      ++refused;
      continue;
    }
    if (name == "proposal by member") {
      EXPECT_EQ(envelope.error().message, "Signer is not a known user");
      ++refused;
      continue;
    }
    if (name == "proposal without created_at") {  // accepted there: a fault (12.2 #6)
      EXPECT_EQ(envelope.error().message, "Missing ccf.gov.msg.created_at in protected header");
      ++refused;
      continue;
    }
    ASSERT_TRUE(envelope) << name << ": " << envelope.error().message;
    const auto actions = actions_from_json(json_for_testing(as_text(envelope->message.payload)));
    ASSERT_TRUE(actions) << name;
    const auto applied = apply_all(state, *actions);
    EXPECT_EQ(applied.has_value(), status == 200) << name;
    if (status == 200) {
      ++accepted;
      const auto answer = codec::json::parse(text_in(each.at("response"), "body"));
      ASSERT_TRUE(answer);
      for (std::size_t i = 0; i < actions->size(); ++i) {
        EXPECT_EQ(app_proposal_id(actions->at(i)),
                  text_in(answer->as_array().at(i), "proposal_id"));
      }
    } else {
      ++refused;
      EXPECT_EQ(applied.error().code, status == 404 ? Code::not_found : Code::malformed) << name;
    }
  }
  EXPECT_GE(accepted, 6);
  EXPECT_GE(refused, 5);
}

TEST(BallotVectors, TakeTheBallotThatEveryScriptSends) {
  const auto ballot = read_ballot(read_file("proposals/vote_accept.json"));
  ASSERT_TRUE(ballot) << ballot.error().message;
  EXPECT_TRUE(ballot->in_favour);
}

TEST(ProposalVectors, ApplyThePeersSampleProposals) {
  for (const auto* name :
       {"policies/key-release-policy-add-ispirt.json", "policies/key-rotation-policy-ispirt.json",
        "policies/key-rotation-policy-ms.json", "policies/settings-policy-ispirt.json",
        "policies/settings-policy-ms.json", "proposals/set_key_release_policy_add.json",
        "proposals/set_key_rotation_policy.json",
        "jwt/set_jwt_demo_validation_policy_proposal.json",
        "jwt/set_jwt_ms_validation_policy_proposal.json"}) {
    auto state = dev_state();
    const auto actions = actions_from_json(read_json(name));
    ASSERT_TRUE(actions) << name;
    ASSERT_EQ(actions->size(), 1U);
    EXPECT_TRUE(is_app_action(actions->at(0).name));
    const auto status = apply_all(state, *actions);
    EXPECT_TRUE(status) << name << ": " << status.error().message;
    const auto read = State::from_json(state.to_json());
    ASSERT_TRUE(read) << name;
    EXPECT_EQ(read->digest(), state.digest());
  }
}

TEST(ProposalVectors, RefuseThePeersUnboundPolicyOutsideDev) {
  State state;
  state.settings = Settings::safe_defaults();
  const auto actions = actions_from_json(read_json("proposals/set_key_release_policy_add.json"));
  ASSERT_TRUE(actions);
  EXPECT_FALSE(apply_all(state, *actions));
}

TEST(ProposalVectors, SetAnIssuerThatIsRefreshed) {
  auto state = dev_state();
  const auto actions = actions_from_json(read_json("jwt/set_jwt_ms_issuer_proposal.json"));
  ASSERT_TRUE(actions);
  const auto status = apply_all(state, *actions);
  ASSERT_TRUE(status) << status.error().message;
  ASSERT_EQ(state.issuers.size(), 1U);
  const auto& issuer = state.issuers.begin()->second;
  EXPECT_TRUE(issuer.auto_refresh);
  EXPECT_EQ(state.ca_cert_bundles.count(issuer.ca_cert_bundle_name), 1U);
}

TEST(ProposalVectors, ReadWhatThePeersMembersVoteOn) {
  for (const auto* name :
       {"jwt/set_jwt_ms_issuer_proposal.json", "maa/set_jwt_maa_validation_policy_proposal.json",
        "proposals/remove_node.json", "proposals/set_ca_cert_bundle.json",
        "proposals/set_constitution-ms.json", "proposals/set_js_app.json",
        "proposals/set_key_release_policy_remove.json",
        "proposals/transition_node_to_trusted.json"}) {
    const auto actions = actions_of(codec::json::write(read_json(name)), nullptr);
    EXPECT_TRUE(actions) << name << ": " << (actions ? "" : actions.error().message);
  }
}

// Issuers with fetched keys, CA bundles and validation policies in one proposal.
TEST(ProposalVectors, ApplyAProposalOfElevenActions) {
  auto state = dev_state();
  const auto actions =
      actions_from_json(read_json("maa/set_jwt_maa_validation_policy_proposal.json"));
  ASSERT_TRUE(actions);
  EXPECT_EQ(actions->size(), 11U);
  const auto status = apply_all(state, *actions);
  ASSERT_TRUE(status) << status.error().message;
  const auto read = State::from_json(state.to_json());
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->digest(), state.digest());
}

TEST(ProposalVectors, LeaveWhatTheMembersVoteToThem) {
  for (const auto* name :
       {"proposals/remove_node.json", "proposals/set_js_app.json",
        "proposals/transition_node_to_trusted.json", "proposals/set_constitution-ms.json"}) {
    auto state = dev_state();
    const auto actions = actions_from_json(read_json(name));
    ASSERT_TRUE(actions) << name;
    const auto status = apply_all(state, *actions);
    ASSERT_FALSE(status) << name;
    EXPECT_EQ(status.error().code, Code::not_found) << name;
  }
}

}  // namespace
}  // namespace vitrine::governance
