// A state, its proceedings and what actions may look at, for tests of actions.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/hex.h"
#include "governance/actions.h"
#include "governance/identities_for_testing.h"

namespace vitrine::governance {

class ActionTest : public testing::Test {
 protected:
  static constexpr std::uint64_t kSeqno = 77;

  ActionTest() {
    state.settings = Settings::safe_defaults();
    facts.service_certificate = &service.certificate;
    facts.knows_key = [](std::string_view kid) { return kid == "known"; };
    at.id = {2, kSeqno};
    at.time = from_unix_seconds(kNowForTesting);
    at.signed_root = Digest{7};
    at.facts = &facts;
  }
  ActionTest(const ActionTest&) = delete;
  ActionTest& operator=(const ActionTest&) = delete;
  ~ActionTest() override = default;

  // An active member, with an encryption key where it takes part in recovery.
  std::string add_member(const std::string& name, bool recovers = false) {
    auto person = identity_for_testing(name, crypto::KeyKind::ec_p256);
    Member member{std::move(person.certificate), MemberStatus::active, nullptr};
    if (recovers) member.encryption_key.emplace(rsa_key());
    state.members.insert_or_assign(person.id, std::move(member));
    return person.id;
  }
  static const crypto::PublicKey& rsa_key() {
    static const auto key = crypto::PrivateKey::generate(crypto::KeyKind::rsa, 2048);
    return key->public_key();
  }
  static std::string quoted_json(const std::string& text) {
    return codec::json::write(codec::json::Value(text));
  }

  static Action action(std::string name, std::string_view args = "{}") {
    const auto json = codec::json::parse_object(args);
    EXPECT_TRUE(json) << args;
    return {std::move(name), json.value_or(codec::json::Object())};
  }
  Status apply(const std::vector<Action>& actions) {
    Change change{state, proceedings, proposer, at};
    return apply_all(change, actions);
  }
  void accepted(std::string name, std::string_view args = "{}") {
    const std::string what = name;
    const auto status = apply({action(std::move(name), args)});
    EXPECT_TRUE(status) << what << ": " << (status ? "" : status.error().message);
  }
  // Why, without the action's name in front; nothing may have changed.
  std::string refused(const std::string& name, std::string_view args = "{}") {
    const auto before = state.digest();
    const auto duties = proceedings.duties.size();
    const auto status = apply({action(name, args)});
    EXPECT_FALSE(status) << name << " " << args;
    EXPECT_EQ(state.digest(), before);
    EXPECT_EQ(proceedings.duties.size(), duties);
    if (status) return "";
    const auto& message = status.error().message;
    return message.starts_with(name + ": ") ? message.substr(name.size() + 2) : message;
  }
  std::vector<DutyKind> duties() const {
    std::vector<DutyKind> kinds;
    for (const auto& duty : proceedings.duties) {
      EXPECT_EQ(duty.cause, kSeqno);
      kinds.push_back(duty.kind);
    }
    return kinds;
  }
  void expect_unknown_arg(const std::string& name, codec::json::Object args) {
    args["no_such"] = 1;
    EXPECT_EQ(refused(name, codec::json::write(args)), "args: unknown member \"no_such\"");
  }

  Identity service = identity_for_testing("service");
  Facts facts;
  State state;
  Proceedings proceedings;
  std::string proposer = std::string(64, 'a');
  Moment at;
};

}  // namespace vitrine::governance
