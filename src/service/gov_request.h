// What the endpoints of governance have in common: the version they are asked in, ids in their
// paths, signed requests, and one place that says what a refusal is answered with (ccf.md 2 to 6).
#pragma once

#include <functional>
#include <string_view>

#include "core/govern.h"
#include "service/exchange.h"
#include "service/gov_checks.h"

namespace vitrine::service {

enum class GovForm {
  of_2024,         // api-version=2024-07-01
  classic,         // before it, no api-version
  of_application,  // /app/proposals: an empty body where the service decides (kms-api.md 1.3)
};

// Refuses what does not ask for a served api-version, in the form of 2024-07-01 (400
// MissingApiVersionParameter, UnsupportedApiVersionValue), and a path that names a proposal,
// member, user or node by anything but 64 hex digits (400 InvalidResourceName).
std::optional<net::Response> check_target(const Exchange& exchange, GovForm form);

// What an endpoint wants to be signed, by whom, and in which form it answers.
struct SignedBy {
  GovForm form = GovForm::of_2024;
  governance::MessageType type = governance::MessageType::proposal;
  governance::Signers signers = governance::Signers::active_members;
};
inline constexpr SignedBy kSignedProposal = {};
inline constexpr SignedBy kSignedBallot = {GovForm::of_2024, governance::MessageType::ballot};
inline constexpr SignedBy kSignedWithdrawal = {GovForm::of_2024,
                                               governance::MessageType::withdrawal};
// A member that is not active yet has to be able to become it.
inline constexpr SignedBy kSignedStateDigest = {
    GovForm::of_2024, governance::MessageType::state_digest, governance::Signers::members};
inline constexpr SignedBy kSignedAck = {GovForm::of_2024, governance::MessageType::ack,
                                        governance::Signers::members};
constexpr SignedBy classic(SignedBy wanted) {
  wanted.form = GovForm::classic;
  return wanted;
}
// Whether the classic form is asked for a recorded digest by a TLS certificate, without a
// signature.
bool asks_by_certificate(const Exchange& exchange);

// For a route's `screen`: refuses whatever does not verify as this endpoint wants it.
std::optional<net::Response> screen_signed(Exchange& exchange, const SignedBy& wanted);

using Governing = std::function<governance::Outcome<core::Governed>(core::Core&, ByteView envelope,
                                                                    const core::Precheck&)>;
// Has `governing` do what the body, a signed request, asks for. The member and the proposal that
// the path names have to be those that the request was signed by and for (400 InvalidResourceName).
// The error is the answer.
tl::expected<core::Governed, net::Response> govern(Exchange& exchange, const SignedBy& wanted,
                                                   const Governing& governing);

// The answer to what governance refused.
net::Response refused(Exchange& exchange, const governance::Refusal& refusal,
                      const SignedBy& wanted);

// The proposal that the path names; nullptr: there is none.
const governance::Proposal* named_proposal(const Exchange& exchange);
net::Response no_proposal(const Exchange& exchange, int status = 404);
net::Response no_vote(const Exchange& exchange);
net::Response no_state_digest(std::string_view member_id);

}  // namespace vitrine::service
