// What governance entries do to the governance state and its proceedings: the one code for a node
// that appends, a start that replays, and an auditor. It verifies what it folds, signatures
// included. Pure.
#pragma once

#include <memory>

#include "base/result.h"
#include "governance/actions.h"
#include "governance/proceedings.h"
#include "governance/signed_request.h"
#include "governance/state.h"
#include "ledger/leaf.h"

namespace vitrine::governance {

struct Folded {
  std::shared_ptr<const State> state;              // null before genesis set it
  std::shared_ptr<const Proceedings> proceedings;  // null before
};

// Why a governance request is refused, so that each API can answer in its own words.
enum class Refused {
  undecodable,   // no COSE_Sign1, or a header that cannot be read
  unauthorized,  // signer, type or signature; the message is CCF's detail text
  invalid_created_at,
  replay,         // this very request was accepted before
  too_old,        // created_at is below the median of the recent ones
  invalid_input,  // the payload has not the shape
  not_validated,  // a proposal's actions: unknown, malformed, or never able to apply
  too_many,       // open proposals
  unknown_proposal,
  not_open,
  already_voted,  // differently
  not_proposer,   // withdrawal by another member
  no_digest,      // ack before a state digest was asked for
  digest_mismatch,
  not_now,  // the service is in a state that does not take this request
  failed,   // the ledger refused it; see the error
};
struct Refusal {
  Refused why = Refused::failed;
  Error error;
};
template <class T>
using Outcome = tl::expected<T, Refusal>;

// A proposal as it is after a request, also where nothing changed (a ballot sent again), which
// `changed` tells: such a request is no entry.
struct Submitted {
  std::shared_ptr<const Proposal> proposal;
  bool changed = true;
};
struct Request {
  ByteView envelope;
  const SignedRequest& verified;
};
// Each takes what one signed request does; `folded` is altered on success alone.
Outcome<Submitted> submit_proposal(Folded& folded, const Request& request, const Moment& at,
                                   const Digest& genesis_hash);
Outcome<Submitted> submit_ballot(Folded& folded, const Request& request, const Moment& at);
Outcome<Submitted> withdraw_proposal(Folded& folded, const Request& request);
Digest update_state_digest(Folded& folded, const Request& request, const Moment& at);
Outcome<void> acknowledge(Folded& folded, const Request& request, const Moment& at);
// The waiting time of a proposal is over: it applies, if the votes still suffice. conflict: it is
// not open, or its time has not come.
Status apply_waited(Folded& folded, const std::string& proposal_id, const Moment& at);
// Ids of open proposals whose waiting time is over at `now`.
std::vector<std::string> due_proposals(const Proceedings& proceedings, Time now);
// replay or too_old: this proposal's created_at or signature against the recent ones (ccf.md 2).
// Cheap, so a node asks before it verifies the signature.
Outcome<void> check_recent(const Proceedings& proceedings, std::int64_t created_at,
                           ByteView signature, const Digest& identity);
// A node began with this certificate; one process writes, so it is the only one that is trusted.
void note_node(Folded& folded, const std::string& node_id, const crypto::Certificate& certificate);
// An entry did what a vote had demanded, if one had.
void note_done(Folded& folded, DutyKind kind);

// Whether this kind is folded here.
bool is_governance_entry(ledger::Kind kind);
// Folds a stored or a new entry of those kinds. `genesis_hash` is zero while the first entry itself
// is folded. malformed, denied or conflict: this state does not allow the entry, and why.
Status fold_entry(Folded& folded, const ledger::Leaf& leaf, ByteView blob, const Moment& at,
                  const Digest& genesis_hash);

}  // namespace vitrine::governance
