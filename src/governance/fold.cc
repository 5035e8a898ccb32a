#include "governance/fold.h"

#include <algorithm>

#include "base/hex.h"
#include "codec/json.h"
#include "governance/app_proposals.h"
#include "governance/custody.h"
#include "governance/issuer_discovery.h"
#include "ledger/entries.h"

namespace vitrine::governance {
namespace {

using ledger::Kind;

tl::unexpected<Refusal> refuse(Refused why, Error error) {
  return tl::unexpected<Refusal>(Refusal{why, std::move(error)});
}

struct RequestKind {
  Kind kind;
  MessageType type;
  Signers signers;
};
constexpr RequestKind kRequestKinds[] = {
    {Kind::proposal_submitted, MessageType::proposal, Signers::active_members},
    {Kind::ballot_cast, MessageType::ballot, Signers::active_members},
    {Kind::proposal_withdrawn, MessageType::withdrawal, Signers::active_members},
    {Kind::state_digest_updated, MessageType::state_digest, Signers::members},
    {Kind::member_acked, MessageType::ack, Signers::members},
};

const RequestKind* request_kind(Kind kind) {
  const auto* found = std::find_if(std::begin(kRequestKinds), std::end(kRequestKinds),
                                   [&](const RequestKind& each) { return each.kind == kind; });
  return found == std::end(kRequestKinds) ? nullptr : found;
}

Status status_of(const Outcome<Submitted>& outcome) {
  if (!outcome) return tl::unexpected<Error>(outcome.error().error);
  if (!outcome->changed) return conflict("the request says what was said before");
  return {};
}

Status fold_request(Folded& folded, const RequestKind& kind, const ledger::Leaf& leaf,
                    ByteView blob, const Moment& at, const Digest& genesis_hash) {
  VITRINE_TRY(const auto entry, ledger::decode_governance_request(kind.kind, leaf.public_part));
  VITRINE_TRY(const ByteView envelope, ledger::bytes_of(entry.envelope, blob));
  const Signers signers = entry.by_user ? Signers::proposers : kind.signers;
  VITRINE_TRY(const auto verified,
              verify_signed_request(*folded.state, envelope, kind.type, signers));
  if (verified.signer != entry.signer) return malformed("the entry names another signer");
  const Request request{envelope, verified};
  switch (kind.kind) {
    case Kind::proposal_submitted:
      return status_of(submit_proposal(folded, request, at, genesis_hash));
    case Kind::ballot_cast:
      return status_of(submit_ballot(folded, request, at));
    case Kind::proposal_withdrawn:
      return status_of(withdraw_proposal(folded, request));
    case Kind::state_digest_updated:
      update_state_digest(folded, request, at);
      return {};
    default:
      if (const auto acked = acknowledge(folded, request, at); !acked)
        return tl::unexpected<Error>(acked.error().error);
      return {};
  }
}

Status fold_governance_set(Folded& folded, const ledger::Leaf& leaf, ByteView blob) {
  if (folded.state != nullptr)
    return malformed("governance_set: only genesis sets the governance state as a whole");
  VITRINE_TRY(const auto entry, ledger::decode_governance_set(leaf.public_part));
  VITRINE_CHECK(ledger::check_blob(entry.state, blob));
  VITRINE_TRY(const auto json, codec::json::parse_object(as_text(blob)));
  VITRINE_TRY(auto state, State::from_json(json));
  auto proceedings = std::make_shared<Proceedings>();
  if (can_deal(state)) proceedings->demand({DutyKind::deal_shares, leaf.id.seqno, {}, 0});
  folded.state = std::make_shared<const State>(std::move(state));
  folded.proceedings = std::move(proceedings);
  return {};
}

Status fold_issuer_keys(Folded& folded, const ledger::Leaf& leaf, ByteView blob) {
  VITRINE_TRY(const auto entry, ledger::decode_issuer_keys_refreshed(leaf.public_part));
  VITRINE_CHECK(ledger::check_blob(entry.jwks, blob));
  // None that says another issuer, and at most as many as an issuer may have.
  VITRINE_TRY(auto keys, keys_in(as_text(blob), entry.issuer));
  auto state = std::make_shared<State>(*folded.state);
  const auto issuer = state->issuers.find(entry.issuer);
  if (issuer == state->issuers.end() || !issuer->second.auto_refresh)
    return conflict("issuer_keys_refreshed: no such issuer whose keys are refreshed");
  issuer->second.keys = std::move(keys);
  folded.state = std::move(state);
  return {};
}

}  // namespace

void note_node(Folded& folded, const std::string& node_id, const crypto::Certificate& certificate) {
  auto proceedings = std::make_shared<Proceedings>(*folded.proceedings);
  proceedings->nodes.clear();
  proceedings->nodes[node_id] = {"Trusted", certificate.der()};
  folded.proceedings = std::move(proceedings);
}

void note_done(Folded& folded, DutyKind kind) {
  if (folded.proceedings->due(kind) == nullptr) return;
  auto proceedings = std::make_shared<Proceedings>(*folded.proceedings);
  proceedings->discharge(kind);
  folded.proceedings = std::move(proceedings);
}

Digest update_state_digest(Folded& folded, const Request& request, const Moment& at) {
  auto proceedings = std::make_shared<Proceedings>(*folded.proceedings);
  proceedings->state_digests[request.verified.signer] = at.signed_root;
  folded.proceedings = std::move(proceedings);
  return at.signed_root;
}

Outcome<void> acknowledge(Folded& folded, const Request& request, const Moment& at) {
  const std::string& signer = request.verified.signer;
  const auto kept = folded.proceedings->state_digests.find(signer);
  if (kept == folded.proceedings->state_digests.end()) {
    return refuse(Refused::no_digest, {Code::denied, "ack: no state digest was asked for",
                                       "update the state digest first"});
  }
  const auto body = codec::json::parse_object(as_text(request.verified.message.payload));
  if (!body) return refuse(Refused::invalid_input, body.error());
  auto text = codec::json::text_of(*body, "stateDigest");
  if (!text) text = codec::json::text_of(*body, "state_digest");  // the classic API (ccf.md 4)
  if (!text)
    return refuse(Refused::invalid_input, {Code::malformed, "ack: stateDigest is not a text", {}});
  const auto digest = digest_from_hex(*text);
  if (!digest || *digest != kept->second) {
    return refuse(Refused::digest_mismatch,
                  {Code::denied, "ack: this is not the state digest that the member was given",
                   "update the state digest, and sign what it answers"});
  }
  const auto member = folded.state->members.find(signer);
  if (member == folded.state->members.end())
    return refuse(Refused::unauthorized, {Code::denied, "Signer is not a known member", {}});
  if (member->second.status == MemberStatus::active) return {};
  auto state = std::make_shared<State>(*folded.state);
  Member& acked = state->members.find(signer)->second;
  acked.status = MemberStatus::active;
  if (acked.is_recovery_member() && state->recovery_threshold > 0) {
    auto proceedings = std::make_shared<Proceedings>(*folded.proceedings);
    proceedings->demand({DutyKind::deal_shares, at.id.seqno, {}, 0});
    folded.proceedings = std::move(proceedings);
  }
  folded.state = std::move(state);
  return {};
}

bool is_governance_entry(Kind kind) {
  return kind == Kind::governance_set || kind == Kind::proposal_accepted ||
         (kind >= Kind::proposal_submitted && kind <= Kind::issuer_keys_refreshed);
}

Status fold_entry(Folded& folded, const ledger::Leaf& leaf, ByteView blob, const Moment& at,
                  const Digest& genesis_hash) {
  if (leaf.kind == Kind::governance_set) return fold_governance_set(folded, leaf, blob);
  if (folded.state == nullptr)
    return malformed("a governance entry before genesis set the governance state");
  if (const auto* kind = request_kind(leaf.kind))
    return fold_request(folded, *kind, leaf, blob, at, genesis_hash);
  switch (leaf.kind) {
    case Kind::proposal_accepted:
      return fold_app_proposal(folded, leaf, blob);
    case Kind::proposal_applied: {
      VITRINE_TRY(const auto entry, ledger::decode_proposal_applied(leaf.public_part));
      return apply_waited(folded, entry.proposal_id, at);
    }
    case Kind::issuer_keys_refreshed:
      return fold_issuer_keys(folded, leaf, blob);
    default:
      return malformed("no governance entry");
  }
}

}  // namespace vitrine::governance
