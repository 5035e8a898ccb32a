#include "service/gov_recovery.h"

#include <string>

#include "base/base64.h"
#include "base/hex.h"
#include "codec/json.h"
#include "crypto/hash.h"
#include "service/authentication.h"
#include "service/exchange.h"
#include "service/gov_checks.h"
#include "service/path_pattern.h"
#include "service/router.h"

namespace vitrine::service {

net::Response encrypted_share_answer(const core::State& state, std::string_view member,
                                     bool classic) {
  if (auto refusal = check_id("memberId", member)) return *std::move(refusal);
  const auto& deal = state.recovery.deal;
  if (deal != nullptr) {
    for (const auto& share : deal->entry.shares) {
      if (share.member != member) continue;
      codec::json::Object body;
      if (!classic) body["memberId"] = member;
      body[classic ? "encrypted_share" : "encryptedShare"] = to_base64(share.encrypted);
      body["deal"] = deal->seqno;  // ours: what a statement names
      net::Response response;
      add_header(response, "content-type", "application/json");
      response.body = codec::json::write(body);
      return response;
    }
  }
  return framework_error(404, "ResourceNotFound",
                         "No recovery share is dealt to member " + std::string(member) + ".");
}

net::Response share_refused(const Error& error) {
  switch (error.code) {
    case Code::malformed:
      return framework_error(400, "InvalidInput", error.message);
    case Code::conflict:
      return framework_error(403, "NodeAlreadyRecovering", error.message);
    case Code::denied: {
      // Once the signer is known the message names the member; before that the signature failed.
      const bool signer_known = error.message.starts_with("member ");
      return signer_known ? framework_error(403, "AuthorizationFailed", error.message)
                          : signature_refused(governance::Signers::active_members, error.message);
    }
    default:
      return framework_error(500, "InternalError", error.message);
  }
}

namespace {

constexpr std::string_view kShare = "/gov/recovery/encrypted-shares/{memberId}";
constexpr std::string_view kClassicShare = "/gov/encrypted_recovery_share/{memberId}";

std::string_view member_in(std::string_view pattern, std::string_view path) {
  const auto found = match_path(pattern, path);
  return found ? found->front().second : std::string_view();
}

net::Response get_encrypted_share(Exchange& exchange) {
  if (auto refused = check_api_version(exchange.target)) return *std::move(refused);
  return encrypted_share_answer(exchange.view->state, member_in(kShare, exchange.path), false);
}

net::Response get_classic_encrypted_share(Exchange& exchange) {
  return encrypted_share_answer(exchange.view->state, member_in(kClassicShare, exchange.path),
                                true);
}

// Over mTLS: the caller's own.
net::Response get_own_share(Exchange& exchange) {
  const Bytes& certificate = exchange.request.client_certificate;
  if (certificate.empty())
    return unauthorized({{governance::AuthPolicy::member_cert, "No caller member certificate"}});
  return encrypted_share_answer(exchange.view->state, to_hex(crypto::sha256(certificate)), true);
}

net::Response post_recover(Exchange&) {
  return framework_error(403, "ServiceNotWaitingForRecoveryShares",
                         "Service is not waiting for recovery shares.");
}

}  // namespace

void add_recovery_routes(Router& router) {
  using enum Budget;
  router.add({"GET", std::string(kShare), open, "", get_encrypted_share});
  router.add({"GET", std::string(kClassicShare), open, "", get_classic_encrypted_share});
  router.add({"GET", "/gov/recovery_share", open, "", get_own_share});
  router.add({"POST", "/gov/recovery_share", open, "", post_recover});
  router.add({"POST", "/gov/recovery/members/{memberId}:recover", open, "", post_recover});
}

}  // namespace vitrine::service
