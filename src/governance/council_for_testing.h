// Three members, their signed requests, and the fold that takes them, for tests.
#pragma once

#include <string>
#include <vector>

#include "governance/fold.h"
#include "governance/identities_for_testing.h"
#include "ledger/entries.h"

namespace vitrine::governance {

class Council {
 public:
  static constexpr std::int64_t kNow = kNowForTesting;

  explicit Council(std::size_t size = 3) {
    State state;
    state.settings = Settings::safe_defaults();
    for (std::size_t i = 0; i < size; ++i) {
      people_.push_back(identity_for_testing("member" + std::to_string(i)));
      state.members.emplace(people_[i].id, Member{people_[i].certificate, MemberStatus::active,
                                                  nullptr, std::nullopt});
    }
    folded = {std::make_shared<const State>(std::move(state)),
              std::make_shared<const Proceedings>()};
  }

  const Identity& person(std::size_t index) const { return people_[index]; }
  const std::string& id(std::size_t index) const { return people_[index].id; }
  // Alters the state itself, as no request could.
  template <class Alter>
  void alter(Alter change) {
    auto state = std::make_shared<State>(*folded.state);
    change(*state);
    folded.state = std::move(state);
  }

  Bytes request(std::size_t signer, MessageType type, std::string_view payload,
                const std::string& proposal_id = {}, std::int64_t created_at = kNow) const {
    return request_by(people_[signer], type, payload, proposal_id, created_at);
  }
  static Bytes request_by(const Identity& signer, MessageType type, std::string_view payload,
                          const std::string& proposal_id, std::int64_t created_at) {
    using codec::cbor::Value;
    std::vector<Value::Entry> header = {
        {Value::uint(1), Value::integer(-35)},
        {Value::uint(4), Value::bytes(as_bytes(signer.id))},
        {Value::text("ccf.gov.msg.type"), Value::text(name_of(type))},
        {Value::text("ccf.gov.msg.created_at"), Value::integer(created_at)}};
    if (!proposal_id.empty())
      header.emplace_back(Value::text("ccf.gov.msg.proposal_id"), Value::text(proposal_id));
    auto bytes = crypto::sign_cose_sign1(Value::map(std::move(header)), Value::map({}),
                                         as_bytes(payload), signer.key);
    VITRINE_ASSERT(bytes.has_value());
    return *std::move(bytes);
  }

  // Folds an entry as a node, a start and an auditor do.
  Status fold(ledger::Kind kind, const std::string& signer, const Bytes& envelope) {
    ledger::Leaf leaf;
    leaf.kind = kind;
    leaf.public_part =
        ledger::encode(ledger::GovernanceRequest{signer, ledger::envelope_of(envelope), false});
    return fold_leaf(leaf, envelope.size() > ledger::kEnvelopeInlineBytesMax ? envelope : Bytes{});
  }
  Status fold_leaf(ledger::Leaf leaf, const Bytes& blob = {}) {
    leaf.id = {2, ++seqno_};
    leaf.time = now;
    return fold_entry(folded, leaf, blob, {leaf.id, now, root, nullptr}, genesis_hash);
  }

  Status propose(std::size_t signer, std::string_view document, std::int64_t created_at = kNow) {
    const Bytes envelope = request(signer, MessageType::proposal, document, {}, created_at);
    last_signature = crypto::parse_cose_sign1(envelope, crypto::CoseTag::required)->signature;
    return fold(ledger::Kind::proposal_submitted, id(signer), envelope);
  }
  Status vote(std::size_t signer, const std::string& proposal_id, bool in_favour) {
    codec::json::Object ballot;
    ballot["ballot"] = constant_vote(in_favour);
    return fold(ledger::Kind::ballot_cast, id(signer),
                request(signer, MessageType::ballot, codec::json::write(ballot), proposal_id));
  }
  Status withdraw(std::size_t signer, const std::string& proposal_id) {
    return fold(ledger::Kind::proposal_withdrawn, id(signer),
                request(signer, MessageType::withdrawal, {}, proposal_id));
  }
  Status apply(const std::string& proposal_id) {
    ledger::Leaf leaf;
    leaf.kind = ledger::Kind::proposal_applied;
    leaf.public_part = ledger::encode(ledger::ProposalApplied{proposal_id});
    return fold_leaf(leaf);
  }

  // The only open proposal, else that of the newest entry.
  std::string newest() const {
    std::string found;
    std::uint64_t at = 0;
    for (const auto& [id, proposal] : folded.proceedings->proposals) {
      if (proposal->submitted.seqno >= at) {
        at = proposal->submitted.seqno;
        found = id;
      }
    }
    return found;
  }
  const Proposal& proposal(const std::string& proposal_id) const {
    return *folded.proceedings->find(proposal_id);
  }

  Folded folded;
  Time now = from_unix_seconds(kNow);
  Digest root{{1, 2, 3}};
  Digest genesis_hash{{9, 9, 9}};
  Bytes last_signature;

 private:
  std::vector<Identity> people_;
  std::uint64_t seqno_ = 10;
};

}  // namespace vitrine::governance
