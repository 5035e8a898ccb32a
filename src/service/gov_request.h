// What the endpoints of governance have in common: the version they are asked in, ids in their
// paths, signed requests, and one place that says what a refusal is answered with (ccf.md 2 to 6).
#pragma once

#include <functional>
#include <string_view>

#include "core/govern.h"
#include "service/exchange.h"

namespace vitrine::service {

enum class GovForm {
  of_2024,         // api-version=2024-07-01
  classic,         // before it, no api-version
  of_application,  // /app/proposals: an empty body where the service decides (kms-api.md 1.3)
};

// A route's function that first asks for a served api-version (400 MissingApiVersionParameter,
// UnsupportedApiVersionValue) and for 64 hex digits wherever the path names a proposal, member,
// user or node (400 InvalidResourceName).
std::function<net::Response(Exchange&)> of_2024(net::Response (*run)(Exchange&));
// The same without the version.
std::function<net::Response(Exchange&)> of_classic(net::Response (*run)(Exchange&));

// Who signs, and in which form the answer is given.
struct SignedBy {
  GovForm form = GovForm::of_2024;
  std::string_view auth_policy;  // as a 401 names it
};
inline constexpr std::string_view kMemberSigned = "member_cose_sign1";
inline constexpr std::string_view kActiveMemberSigned = "active_member_cose_sign1";

using Governing = std::function<governance::Outcome<core::Governed>(core::Core&, ByteView envelope,
                                                                    const core::Precheck&)>;
// Has `governing` do what the body, a signed request, asks for. The member and the proposal that
// the path names have to be those that the request was signed by and for (400 InvalidResourceName).
// The error is the answer.
tl::expected<core::Governed, net::Response> govern(Exchange& exchange, const SignedBy& signed_by,
                                                   const Governing& governing);

// The answer to what governance refused.
net::Response refused(Exchange& exchange, const governance::Refusal& refusal,
                      const SignedBy& signed_by);
// 401 in CCF's shape: one policy was tried, and `message` says why it does not fit.
net::Response signature_refused(std::string_view auth_policy, std::string_view message);

// The proposal that the path names; nullptr: there is none.
const governance::Proposal* named_proposal(const Exchange& exchange);
net::Response no_proposal(const Exchange& exchange, int status = 404);
net::Response no_vote(const Exchange& exchange);
net::Response no_state_digest(std::string_view member_id);

}  // namespace vitrine::service
