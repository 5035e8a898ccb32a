#include "service/gov_request.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/log.h"

namespace vitrine::service {
namespace {

using governance::Refused;

constexpr std::array<std::string_view, 4> kIds = {"proposalId", "memberId", "userId", "nodeId"};

struct Answer {
  int status;
  std::string_view code;
};

Answer answer_to(Refused why) {
  switch (why) {
    case Refused::undecodable:
    case Refused::invalid_input:
      return {400, "InvalidInput"};
    case Refused::unauthorized:
      return {401, "InvalidAuthenticationInfo"};
    case Refused::invalid_created_at:
      return {400, "InvalidCreatedAt"};
    case Refused::replay:
      return {400, "ProposalReplay"};
    case Refused::too_old:
      return {400, "ProposalCreatedTooLongAgo"};
    case Refused::not_validated:
      return {400, "ProposalFailedToValidate"};
    case Refused::too_many:
      return {400, "TooManyOpenProposals"};
    case Refused::unknown_proposal:
      return {404, "ProposalNotFound"};
    case Refused::not_open:
      return {400, "ProposalNotOpen"};
    case Refused::already_voted:
      return {400, "VoteAlreadyExists"};
    case Refused::not_proposer:
    case Refused::no_digest:
      return {403, "AuthorizationFailed"};
    case Refused::digest_mismatch:
      return {400, "StateDigestMismatch"};
    case Refused::not_now:
      return {503, "ServiceUnavailable"};
    case Refused::failed:
      break;
  }
  return {500, "InternalError"};
}

// Signers of no standing: the classic form tells them so, where the other says 401.
bool is_about_standing(std::string_view message) { return message.starts_with("Signer is not "); }

std::string message_of(const governance::Refusal& refusal) {
  const std::string_view opening =
      refusal.why == Refused::not_validated ? "Proposal failed to validate: " : "";
  const std::string hint = refusal.error.hint.empty() ? "" : "; " + refusal.error.hint;
  return std::string(opening) + refusal.error.message + hint;
}

net::Response later(std::string_view message) {
  net::Response response = framework_error(503, "ServiceUnavailable", message);
  add_header(response, "retry-after", "1");
  return response;
}

net::Response refused_proposal(Refused why, const SignedBy& wanted, const std::string& message) {
  if (why == Refused::undecodable) return signature_refused(wanted.signers, message);
  const Answer answer = answer_to(why);
  net::Response response = why == Refused::not_validated
                               ? framework_error(answer.status, answer.code, message)
                               : failure(answer.status);
  add_reason(response, message);
  return response;
}

// What the path names and the request was not signed for; empty: all of it fits.
std::string_view mismatch(const Exchange& exchange, const governance::SignedRequest& request) {
  const std::string_view proposal = exchange.parameter("proposalId");
  if (!proposal.empty() && request.proposal_id != proposal)
    return "Authenticated proposal id does not match URL";
  const std::string_view member = exchange.parameter("memberId");
  if (!member.empty() && request.signer != member)
    return "Authenticated member id does not match URL";
  return {};
}

}  // namespace

std::optional<net::Response> check_target(const Exchange& exchange, GovForm form) {
  if (form == GovForm::of_2024) {
    if (auto refusal = check_api_version(exchange.target)) return refusal;
  }
  for (const auto& [name, value] : exchange.parameters) {
    if (std::find(kIds.begin(), kIds.end(), name) == kIds.end()) continue;
    if (auto refusal = check_id(name, value)) return refusal;
  }
  return {};
}

std::optional<net::Response> screen_signed(Exchange& exchange, const SignedBy& wanted) {
  if (auto refusal = check_cose_content(exchange.request, wanted.signers)) return refusal;
  const auto verified = core::verify_request(*exchange.view, as_bytes(exchange.request.body),
                                             wanted.type, wanted.signers);
  if (verified) return {};
  return refused(exchange, verified.error(), wanted);
}

tl::expected<core::Governed, net::Response> govern(Exchange& exchange, const SignedBy& wanted,
                                                   const Governing& governing) {
  if (auto refusal = check_cose_content(exchange.request, wanted.signers))
    return tl::unexpected<net::Response>(*std::move(refusal));
  std::string_view wrong_path;
  const core::Precheck precheck =
      [&](const governance::SignedRequest& request) -> tl::expected<void, governance::Refusal> {
    exchange.note.signer = request.signer;
    wrong_path = mismatch(exchange, request);
    if (wrong_path.empty()) return {};
    return tl::unexpected<governance::Refusal>(governance::Refusal{
        Refused::invalid_input, {Code::malformed, std::string(wrong_path), {}}});
  };
  auto governed = governing(exchange.core, as_bytes(exchange.request.body), precheck);
  if (governed) {
    exchange.note.signer = governed->signer;
    log::info("governance request accepted",
              {{"signer", governed->signer}, {"transaction", ledger::to_text(governed->id)}});
    return *std::move(governed);
  }
  if (wrong_path.empty())
    return tl::unexpected<net::Response>(refused(exchange, governed.error(), wanted));
  exchange.note.reason = wrong_path;
  return tl::unexpected<net::Response>(framework_error(400, "InvalidResourceName", wrong_path));
}

net::Response refused(Exchange& exchange, const governance::Refusal& refusal,
                      const SignedBy& wanted) {
  const std::string message = message_of(refusal);
  exchange.note.reason = message;
  log::info("governance request refused", {{"reason", message}});
  const bool unavailable =
      refusal.why == Refused::failed && refusal.error.code == Code::unavailable;
  if (unavailable || refusal.why == Refused::not_now) return later(message);
  if (refusal.why == Refused::unauthorized) {
    if (wanted.form == GovForm::classic && is_about_standing(message))
      return framework_error(403, "AuthorizationFailed", message);
    return signature_refused(wanted.signers, message);
  }
  if (wanted.form == GovForm::of_application) return refused_proposal(refusal.why, wanted, message);
  const Answer answer = answer_to(refusal.why);
  return framework_error(answer.status, answer.code, message);
}

const governance::Proposal* named_proposal(const Exchange& exchange) {
  return exchange.view->state.proceedings->find(exchange.parameter("proposalId"));
}

net::Response no_proposal(const Exchange& exchange, int status) {
  return framework_error(
      status, "ProposalNotFound",
      fmt::format("Could not find proposal {}.", exchange.parameter("proposalId")));
}

net::Response no_vote(const Exchange& exchange) {
  return framework_error(
      404, "VoteNotFound",
      fmt::format("Member m[{}] has not voted for proposal {}.", exchange.parameter("memberId"),
                  exchange.parameter("proposalId")));
}

net::Response no_state_digest(std::string_view member_id) {
  return framework_error(404, "ResourceNotFound",
                         fmt::format("No state digest is recorded for member m[{}].", member_id));
}

}  // namespace vitrine::service
