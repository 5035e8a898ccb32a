// Recovery members for tests, and what they do with their shares.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>

#include "core/dealing.h"
#include "core/govern.h"
#include "core/service_for_testing.h"
#include "governance/council_for_testing.h"
#include "governance/recovery_request.h"
#include "ledger/recovery_share.h"

namespace vitrine::core {

struct RecoveryMember {
  governance::Identity identity;
  crypto::PrivateKey encryption_key;
};

// Three of them, by id ascending: the order of a deal.
inline const std::vector<RecoveryMember>& recovery_members_for_testing() {
  static const std::vector<RecoveryMember> members = [] {
    std::vector<RecoveryMember> made;
    for (const char* name : {"alice", "bob", "carol"}) {
      made.push_back({governance::identity_for_testing(name),
                      *crypto::PrivateKey::generate(crypto::KeyKind::rsa, 2048)});
    }
    std::sort(made.begin(), made.end(),
              [](const auto& a, const auto& b) { return a.identity.id < b.identity.id; });
    return made;
  }();
  return members;
}

// Two of three open the service.
inline void add_recovery_members(governance::State& governance, std::size_t count = 3,
                                 std::uint32_t threshold = 2) {
  for (std::size_t i = 0; i < count; ++i) {
    const RecoveryMember& member = recovery_members_for_testing()[i];
    governance.members.emplace(
        member.identity.id,
        governance::Member{member.identity.certificate, governance::MemberStatus::active, nullptr,
                           member.encryption_key.public_key()});
  }
  governance.recovery_threshold = threshold;
}

// Proposes by the first member and votes by the first two.
inline governance::Outcome<Governed> decide(Core& core, std::string_view document) {
  using governance::Council;
  using governance::MessageType;
  const auto& members = recovery_members_for_testing();
  const std::int64_t now = to_unix_seconds(core.now());
  auto outcome = submit_proposal(
      core, Council::request_by(members[0].identity, MessageType::proposal, document, {}, now));
  codec::json::Object ballot;
  ballot["ballot"] = governance::constant_vote(true);
  for (std::size_t i = 0; i < 2 && outcome; ++i) {
    const std::string id = outcome->submitted.proposal->id;
    outcome = submit_ballot(core,
                            Council::request_by(members[i].identity, MessageType::ballot,
                                                codec::json::write(ballot), id, now),
                            {});
  }
  return outcome;
}

inline std::string document_of(std::string_view action, std::string_view args = "{}") {
  return R"({"actions":[{"name":")" + std::string(action) + R"(","args":)" + std::string(args) +
         "}]}";
}

// The share that the newest deal holds for the member, in the clear: 66 bytes.
inline SecretBytes share_of(const governance::Deal& deal, const RecoveryMember& member) {
  for (const auto& share : deal.entry.shares) {
    if (share.member == member.identity.id)
      return *member.encryption_key.oaep_decrypt(share.encrypted);
  }
  ADD_FAILURE() << "no share is dealt to the member";
  return {};
}

}  // namespace vitrine::core
