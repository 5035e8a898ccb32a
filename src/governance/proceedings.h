// How the governance state comes to change: open proposals and their ballots, state digests,
// replay protection, and the duties that votes laid upon the node
// (docs/design/2026-11-24-governance.md). Folded with the state, but no part of its digest. Values;
// pure.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "codec/cbor.h"
#include "codec/json.h"
#include "governance/ballot.h"
#include "ledger/leaf.h"

namespace vitrine::governance {

enum class ProposalState { open, accepted, withdrawn, rejected, failed, dropped };
std::string_view name_of(ProposalState state);  // "Open"

struct Proposal {
  std::string id;        // 64 hex digits
  std::string proposer;  // member id; user id of one from /app/proposals
  bool by_user = false;
  ProposalState state = ProposalState::open;
  ledger::TransactionId submitted;
  Bytes document;                           // as signed
  std::vector<Digest> targets;              // target_digest() of each action when it was submitted
  std::map<std::string, Ballot> ballots;    // by member id
  std::optional<Time> takes_effect;         // open: the votes suffice, its waiting time runs
  std::map<std::string, bool> final_votes;  // once decided
  std::string failure;                      // failed, dropped: why
};

// The newest signed requests of kind proposal (ccf.md 2, replay protection).
struct RecentProposal {
  std::int64_t created_at = 0;
  Digest signature_sha256;
  Digest identity;
  std::string proposal_id;
};

// Envelopes that POST /app/proposals applied at once (kms-api.md 2.9, 2.10, 12.2 #6).
struct AppProposals {
  struct Kept {
    std::int64_t created_at = 0;
    Bytes envelope;
  };
  std::deque<Kept> kept;               // the five newest by (created_at, arrival), oldest first
  std::int64_t newest_created_at = 0;  // nothing older is accepted
  std::vector<Digest>
      at_newest;  // identities of all accepted envelopes of that second: none is accepted twice
};

// What votes demand of the node and only the node can do, as it holds the secrets. Done by an entry
// that names the cause.
enum class DutyKind {
  rekey = 1,               // kind 18
  deal_shares = 2,         // kind 17
  renew_service_cert = 3,  // kind 19
  renew_node_cert = 4,     // kind 19
  rotate_service_key = 5,  // kind 20
  rotate_log_key = 6,      // kind 21
  make_key = 7,            // kind 6, after a key was marked compromised
};
std::string_view name_of(DutyKind kind);
struct Duty {
  DutyKind kind = DutyKind::rekey;
  std::uint64_t cause = 0;  // sequence number of the entry that laid it upon the node
  // Of renewals: when the certificate begins and for how many days. Zero: now, and the default.
  Time valid_from;
  std::uint32_t days = 0;
};

struct NodeRecord {
  std::string status = "Trusted";  // "Pending", "Trusted", "Retired"
  Bytes certificate;               // DER
};

struct Proceedings {
  // The open ones and the one that was decided last (ccf.md 3).
  std::map<std::string, std::shared_ptr<const Proposal>, std::less<>> proposals;
  std::map<std::string, Digest, std::less<>> state_digests;  // by member id; hex is what is signed
  std::vector<RecentProposal> recent;  // by (created_at, signature), ascending
  AppProposals app;
  std::vector<Duty> duties;  // in the order they are to be done
  std::map<std::string, NodeRecord, std::less<>> nodes;
  const Proposal* find(std::string_view proposal_id) const;
  // Adds the duty; of two of one kind the later counts, in the place of the earlier.
  void demand(Duty duty);
  const Duty* due(DutyKind kind) const;
  // What an entry did: takes the duty off. False: nobody had demanded it.
  bool discharge(DutyKind kind);

  codec::cbor::Value to_cbor() const;  // docs/formats/snapshot.md
  static Result<Proceedings> from_cbor(const codec::cbor::Value& value);
};

inline constexpr std::size_t kOpenProposalsMax = 100;
inline constexpr std::size_t kOpenProposalsPerProposerMax = 20;

}  // namespace vitrine::governance
