#include "core/govern.h"

#include "base/log.h"
#include "core/duties.h"
#include "core/fold.h"
#include "ledger/entries.h"

namespace vitrine::core {
namespace {

using governance::Folded;
using governance::MessageType;
using governance::Moment;
using governance::Outcome;
using governance::Refusal;
using governance::Refused;
using governance::Request;
using governance::SignedRequest;
using governance::Signers;

constexpr std::chrono::minutes kCreatedAtTolerance{10};  // decisions.md, Wire

struct Kind {
  ledger::Kind entry;
  MessageType type;
  Signers signers;
};

tl::unexpected<Refusal> refuse(Refused why, Error error) {
  return tl::unexpected<Refusal>(Refusal{why, std::move(error)});
}

Refused why_not_verified(const Error& error) {
  if (error.code != Code::malformed) return Refused::unauthorized;
  return governance::is_invalid_created_at(error) ? Refused::invalid_created_at
                                                  : Refused::undecodable;
}

// What the request does, tried on a copy of the newest state; the fold does the same again with the
// signature verified anew.
using Act = std::function<Outcome<Governed>(Folded&, const Request&, const Moment&,
                                            const Digest& genesis_hash)>;

Outcome<Governed> submit(Core& core, ByteView envelope, const Kind& kind, const Precheck& check,
                         const Act& act) {
  if (const Status confirmed = core.check_confirmed(); !confirmed)
    return refuse(Refused::failed, confirmed.error());
  const auto view = core.view();
  const auto verified = verify_request(*view, envelope, kind.type, kind.signers);
  if (!verified) return tl::unexpected<Refusal>(verified.error());
  if (check) {
    if (const auto checked = check(*verified); !checked)
      return tl::unexpected<Refusal>(checked.error());
  }
  const ledger::GovernanceRequest entry{verified->signer, ledger::envelope_of(envelope),
                                        kind.signers == Signers::proposers};
  const Bytes blob =
      std::holds_alternative<ledger::BlobRef>(entry.envelope) ? to_bytes(envelope) : Bytes{};

  Outcome<Governed> outcome = refuse(Refused::failed, {});
  const auto appended = core.append([&](const State& newest, Time now) -> Result<Draft> {
    const governance::Facts facts = facts_of(newest);
    const Moment at{{newest.view, newest.size + 1}, now, newest.signed_root, &facts};
    Folded folded{newest.governance, newest.proceedings};
    outcome = act(folded, {envelope, *verified}, at, newest.service->genesis_hash);
    if (!outcome) return tl::unexpected<Error>(outcome.error().error);
    if (!outcome->submitted.changed) return conflict("governance: nothing changes");
    return Draft{kind.entry, ledger::encode(entry), {}, {}, blob};
  });
  if (!outcome) {
    if (!appended && outcome.error().error.message.empty())
      return refuse(Refused::failed, appended.error());
    return outcome;
  }
  outcome->signer = verified->signer;
  if (appended) {
    outcome->id = appended->id;
    // What fails is said in the log and stays due.
    static_cast<void>(discharge_duties(core));
  } else if (!outcome->submitted.changed) {
    outcome->id = core.view()->state.last_id();
  } else {
    // Accepted here, yet the fold refused it: the signer was removed meanwhile, or the disk fails.
    const bool signer_gone = appended.error().code == Code::denied;
    return refuse(signer_gone ? Refused::unauthorized : Refused::failed, appended.error());
  }
  return outcome;
}

Outcome<Governed> governed(Outcome<governance::Submitted> submitted) {
  if (!submitted) return tl::unexpected<Refusal>(std::move(submitted).error());
  Governed result;
  result.submitted = *std::move(submitted);
  return result;
}

Outcome<Governed> propose(Core& core, ByteView envelope, Signers signers, const Precheck& check) {
  return submit(
      core, envelope, {ledger::Kind::proposal_submitted, MessageType::proposal, signers}, check,
      [](Folded& folded, const Request& request, const Moment& at, const Digest& genesis_hash) {
        return governed(governance::submit_proposal(folded, request, at, genesis_hash));
      });
}

// What users may propose: the policies (kms-api.md 2.9).
Outcome<void> check_app_actions(std::string_view document) {
  const auto actions = governance::actions_of(document, nullptr);
  if (!actions) return refuse(Refused::not_validated, actions.error());
  for (const governance::Action& action : *actions) {
    if (governance::is_app_action(action.name)) continue;
    return refuse(Refused::not_validated,
                  {Code::malformed, action.name + ": only members propose this", {}});
  }
  return {};
}

}  // namespace

Outcome<SignedRequest> verify_request(const View& view, ByteView envelope, MessageType type,
                                      Signers signers) {
  std::optional<Refusal> replayed;
  const auto before_signature = [&](const SignedRequest& read) -> Status {
    if (type != MessageType::proposal) return {};
    const auto recent = governance::check_recent(*view.state.proceedings, read.created_at,
                                                 read.message.signature, read.identity);
    if (recent) return {};
    replayed = recent.error();
    return tl::unexpected<Error>(recent.error().error);
  };
  auto verified = governance::verify_signed_request(*view.state.governance, envelope, type, signers,
                                                    before_signature);
  if (replayed) return tl::unexpected<Refusal>(*std::move(replayed));
  if (!verified) return refuse(why_not_verified(verified.error()), verified.error());
  return *std::move(verified);
}

Outcome<Governed> submit_proposal(Core& core, ByteView envelope) {
  return propose(core, envelope, Signers::active_members, {});
}

Outcome<Governed> submit_app_proposal(Core& core, ByteView envelope) {
  return propose(
      core, envelope, Signers::proposers, [&core](const SignedRequest& request) -> Outcome<void> {
        const auto age = core.now() - from_unix_seconds(request.created_at);
        if (age > kCreatedAtTolerance || age < -kCreatedAtTolerance) {
          return refuse(Refused::invalid_created_at,
                        {Code::denied, "proposal: created_at is not within 10 minutes of now", {}});
        }
        return check_app_actions(as_text(request.message.payload));
      });
}

Outcome<Governed> submit_ballot(Core& core, ByteView envelope, const Precheck& check) {
  return submit(core, envelope,
                {ledger::Kind::ballot_cast, MessageType::ballot, Signers::active_members}, check,
                [](Folded& folded, const Request& request, const Moment& at, const Digest&) {
                  return governed(governance::submit_ballot(folded, request, at));
                });
}

Outcome<Governed> withdraw_proposal(Core& core, ByteView envelope, const Precheck& check) {
  return submit(
      core, envelope,
      {ledger::Kind::proposal_withdrawn, MessageType::withdrawal, Signers::active_members}, check,
      [](Folded& folded, const Request& request, const Moment&, const Digest&) {
        return governed(governance::withdraw_proposal(folded, request));
      });
}

Outcome<Governed> update_state_digest(Core& core, ByteView envelope, const Precheck& check) {
  return submit(core, envelope,
                {ledger::Kind::state_digest_updated, MessageType::state_digest, Signers::members},
                check, [](Folded& folded, const Request& request, const Moment& at, const Digest&) {
                  Governed result;
                  result.state_digest = governance::update_state_digest(folded, request, at);
                  return Outcome<Governed>(std::move(result));
                });
}

Outcome<Governed> acknowledge(Core& core, ByteView envelope, const Precheck& check) {
  return submit(core, envelope, {ledger::Kind::member_acked, MessageType::ack, Signers::members},
                check,
                [](Folded& folded, const Request& request, const Moment& at,
                   const Digest&) -> Outcome<Governed> {
                  const auto acked = governance::acknowledge(folded, request, at);
                  if (!acked) return tl::unexpected<Refusal>(acked.error());
                  return Governed{};
                });
}

Status apply_due_proposals(Core& core) {
  if (!core.confirmed()) return {};
  const auto view = core.view();
  for (const std::string& id : governance::due_proposals(*view->state.proceedings, core.now())) {
    const auto appended = core.append([&](const State&, Time) -> Result<Draft> {
      return Draft{
          ledger::Kind::proposal_applied, ledger::encode(ledger::ProposalApplied{id}), {}, {}, {}};
    });
    // A veto or a withdrawal may have come between.
    if (!appended && appended.error().code != Code::conflict)
      return tl::unexpected<Error>(appended.error());
    if (!appended) continue;
    const auto* proposal = appended->view->state.proceedings->find(id);
    log::info("proposal took effect",
              {{"proposal", id},
               {"state", proposal == nullptr ? "" : std::string(name_of(proposal->state))},
               {"transaction", ledger::to_text(appended->id)}});
  }
  return {};
}

}  // namespace vitrine::core
