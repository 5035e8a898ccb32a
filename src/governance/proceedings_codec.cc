// Proceedings in a snapshot (docs/formats/snapshot.md). Arrays of fixed length; what is read back
// was sealed by the node itself, so it is checked for shape alone.
#include <algorithm>

#include "base/hex.h"
#include "codec/cbor_items.h"
#include "governance/proceedings.h"

namespace vitrine::governance {
namespace {

using codec::cbor::Items;
using codec::cbor::Type;
using codec::cbor::Value;

Value time_value(Time at) { return Value::integer(to_unix_ms(at)); }

template <class Container, class Encode>
Value array_of(const Container& container, Encode encode) {
  std::vector<Value> items;
  for (const auto& item : container) items.push_back(encode(item));
  return Value::array(std::move(items));
}

Value to_cbor(const Proposal& of) {
  return Value::array(
      {Value::text(of.id), Value::text(of.proposer), Value::boolean(of.by_user),
       Value::uint(static_cast<std::uint64_t>(of.state)), Value::uint(of.submitted.view),
       Value::uint(of.submitted.seqno), Value::bytes(of.document),
       array_of(of.targets, [](const Digest& digest) { return Value::bytes(digest); }),
       array_of(of.ballots,
                [](const auto& ballot) {
                  return Value::array({Value::text(ballot.first),
                                       Value::boolean(ballot.second.in_favour),
                                       Value::text(ballot.second.script)});
                }),
       of.takes_effect ? time_value(*of.takes_effect) : Value(),
       array_of(of.final_votes,
                [](const auto& vote) {
                  return Value::array({Value::text(vote.first), Value::boolean(vote.second)});
                }),
       Value::text(of.failure)});
}

Result<bool> read_bool(Items& items) {
  const Value& value = items.next();
  if (!value.is(Type::boolean)) return malformed("proceedings: not true or false");
  return value.as_bool();
}

Result<std::string> read_text(Items& items) {
  VITRINE_TRY(const std::string_view text, items.text());
  return std::string(text);
}

// Calls `read(item)` for each item of an array.
template <class Read>
Status for_each(const Value& value, std::string_view what, Read read) {
  if (!value.is(Type::array)) return malformed(std::string(what) + ": not an array");
  for (const Value& item : value.items()) VITRINE_CHECK(read(item));
  return {};
}

Status read_ballots(const Value& value, Proposal& proposal) {
  return for_each(value, "ballots", [&](const Value& item) -> Status {
    Items items(item, "ballot", 3);
    VITRINE_TRY(auto member, read_text(items));
    Ballot ballot;
    VITRINE_TRY(ballot.in_favour, read_bool(items));
    VITRINE_TRY(ballot.script, read_text(items));
    proposal.ballots.emplace(std::move(member), std::move(ballot));
    return {};
  });
}

Status read_votes(const Value& value, Proposal& proposal) {
  return for_each(value, "votes", [&](const Value& item) -> Status {
    Items items(item, "vote", 2);
    VITRINE_TRY(auto member, read_text(items));
    VITRINE_TRY(const bool in_favour, read_bool(items));
    proposal.final_votes.emplace(std::move(member), in_favour);
    return {};
  });
}

Result<std::shared_ptr<const Proposal>> read_proposal(const Value& value) {
  Items items(value, "proposal", 12);
  auto proposal = std::make_shared<Proposal>();
  VITRINE_TRY(proposal->id, read_text(items));
  VITRINE_TRY(proposal->proposer, read_text(items));
  VITRINE_TRY(proposal->by_user, read_bool(items));
  VITRINE_TRY(const std::uint64_t state, items.uint());
  if (state > static_cast<std::uint64_t>(ProposalState::dropped))
    return malformed("proposal: unknown state");
  proposal->state = static_cast<ProposalState>(state);
  VITRINE_TRY(proposal->submitted.view, items.uint());
  VITRINE_TRY(proposal->submitted.seqno, items.uint());
  VITRINE_TRY(const ByteView document, items.bytes());
  proposal->document = to_bytes(document);
  VITRINE_CHECK(for_each(items.next(), "targets", [&](const Value& item) -> Status {
    VITRINE_TRY(const Digest digest, item.to_digest());
    proposal->targets.push_back(digest);
    return {};
  }));
  VITRINE_CHECK(read_ballots(items.next(), *proposal));
  if (items.next_is(Type::null)) {
    items.next();
  } else {
    VITRINE_TRY(const std::int64_t ms, items.integer());
    proposal->takes_effect = from_unix_ms(ms);
  }
  VITRINE_CHECK(read_votes(items.next(), *proposal));
  VITRINE_TRY(proposal->failure, read_text(items));
  return proposal;
}

// Packed, as there may be ten thousand: created_at in eight bytes, three digests.
constexpr std::size_t kRecentBytes = 8 + 3 * 32;

Value packed(const std::vector<RecentProposal>& recent) {
  Bytes bytes;
  for (const RecentProposal& one : recent) {
    const auto created_at = static_cast<std::uint64_t>(one.created_at);
    for (int shift = 56; shift >= 0; shift -= 8)
      bytes.push_back(static_cast<Byte>(created_at >> shift));
    append(bytes, one.signature_sha256);
    append(bytes, one.identity);
    append(bytes, *digest_from_hex(one.proposal_id));
  }
  return Value::bytes(bytes);
}

Digest digest_at(ByteView bytes, std::size_t at) {
  Digest digest;
  const ByteView part = bytes.subspan(at, sizeof(Digest));
  std::copy(part.begin(), part.end(), digest.bytes.begin());
  return digest;
}

Result<std::vector<RecentProposal>> unpack_recent(ByteView bytes) {
  if (bytes.size() % kRecentBytes != 0) return malformed("recent proposals: cut short");
  std::vector<RecentProposal> recent;
  for (std::size_t at = 0; at < bytes.size(); at += kRecentBytes) {
    RecentProposal one;
    std::uint64_t created_at = 0;
    for (std::size_t i = 0; i < 8; ++i) created_at = created_at << 8 | bytes[at + i];
    one.created_at = static_cast<std::int64_t>(created_at);
    one.signature_sha256 = digest_at(bytes, at + 8);
    one.identity = digest_at(bytes, at + 40);
    one.proposal_id = to_hex(digest_at(bytes, at + 72));
    recent.push_back(std::move(one));
  }
  return recent;
}

Value to_cbor(const AppProposals& of) {
  return Value::array(
      {array_of(
           of.kept,
           [](const auto& kept) {
             return Value::array({Value::integer(kept.created_at), Value::bytes(kept.envelope)});
           }),
       Value::integer(of.newest_created_at),
       array_of(of.at_newest, [](const Digest& identity) { return Value::bytes(identity); })});
}

Result<AppProposals> read_app(const Value& value) {
  Items items(value, "app proposals", 3);
  AppProposals app;
  VITRINE_CHECK(for_each(items.next(), "app proposals", [&](const Value& item) -> Status {
    Items kept(item, "app proposal", 2);
    VITRINE_TRY(const std::int64_t created_at, kept.integer());
    VITRINE_TRY(const ByteView envelope, kept.bytes());
    app.kept.push_back({created_at, to_bytes(envelope)});
    return {};
  }));
  VITRINE_TRY(app.newest_created_at, items.integer());
  VITRINE_CHECK(for_each(items.next(), "app proposals", [&](const Value& item) -> Status {
    VITRINE_TRY(const Digest identity, item.to_digest());
    app.at_newest.push_back(identity);
    return {};
  }));
  return app;
}

Value to_cbor(const Duty& of) {
  return Value::array({Value::uint(static_cast<std::uint64_t>(of.kind)), Value::uint(of.cause),
                       time_value(of.valid_from), Value::uint(of.days)});
}

Result<Duty> read_duty(const Value& value) {
  Items items(value, "duty", 4);
  Duty duty;
  VITRINE_TRY(const std::uint64_t kind, items.uint());
  if (kind < 1 || kind > static_cast<std::uint64_t>(DutyKind::make_key))
    return malformed("duty: unknown kind");
  duty.kind = static_cast<DutyKind>(kind);
  VITRINE_TRY(duty.cause, items.uint());
  VITRINE_TRY(const std::int64_t from, items.integer());
  duty.valid_from = from_unix_ms(from);
  VITRINE_TRY(const std::uint64_t days, items.uint());
  duty.days = static_cast<std::uint32_t>(days);
  return duty;
}

Status read_nodes(const Value& value, Proceedings& proceedings) {
  return for_each(value, "nodes", [&](const Value& item) -> Status {
    Items node(item, "node", 3);
    VITRINE_TRY(auto id, read_text(node));
    NodeRecord record;
    VITRINE_TRY(record.status, read_text(node));
    VITRINE_TRY(const ByteView certificate, node.bytes());
    record.certificate = to_bytes(certificate);
    proceedings.nodes.emplace(std::move(id), std::move(record));
    return {};
  });
}

}  // namespace

Value Proceedings::to_cbor() const {
  return Value::array(
      // Packed one by one: the reader bounds the items of one input.
      {array_of(proposals,
                [](const auto& one) {
                  return Value::bytes(codec::cbor::encode(governance::to_cbor(*one.second)));
                }),
       array_of(state_digests,
                [](const auto& one) {
                  return Value::array({Value::text(one.first), Value::bytes(one.second)});
                }),
       packed(recent), governance::to_cbor(app),
       array_of(duties, [](const Duty& one) { return governance::to_cbor(one); }),
       array_of(nodes, [](const auto& one) {
         return Value::array({Value::text(one.first), Value::text(one.second.status),
                              Value::bytes(one.second.certificate)});
       })});
}

Result<Proceedings> Proceedings::from_cbor(const Value& whole) {
  Items items(whole, "proceedings", 6);
  Proceedings proceedings;
  VITRINE_CHECK(for_each(items.next(), "proposals", [&](const Value& item) -> Status {
    VITRINE_TRY(const ByteView bytes, item.to_bytes());
    VITRINE_TRY(const Value value,
                codec::cbor::decode(bytes, codec::cbor::Strictness::deterministic));
    VITRINE_TRY(auto proposal, read_proposal(value));
    proceedings.proposals.emplace(proposal->id, proposal);
    return {};
  }));
  VITRINE_CHECK(for_each(items.next(), "state digests", [&](const Value& item) -> Status {
    Items digest(item, "state digest", 2);
    VITRINE_TRY(auto member, read_text(digest));
    VITRINE_TRY(proceedings.state_digests[member], digest.digest());
    return {};
  }));
  VITRINE_TRY(const ByteView recent, items.bytes());
  VITRINE_TRY(proceedings.recent, unpack_recent(recent));
  VITRINE_TRY(proceedings.app, read_app(items.next()));
  VITRINE_CHECK(for_each(items.next(), "duties", [&](const Value& item) -> Status {
    VITRINE_TRY(const Duty duty, read_duty(item));
    proceedings.duties.push_back(duty);
    return {};
  }));
  VITRINE_CHECK(read_nodes(items.next(), proceedings));
  return proceedings;
}

}  // namespace vitrine::governance
