#include "governance/authenticate.h"

#include "base/assert.h"
#include "base/hex.h"
#include "crypto/hash.h"

namespace vitrine::governance {
namespace {

Result<Caller> known_caller(const State& state, AuthPolicy policy, std::string id,
                            const crypto::Certificate& certificate, const codec::json::Value& data,
                            Time now) {
  VITRINE_CHECK(check_certificate_dates(state, certificate, now,
                                        policy == AuthPolicy::user_cert ? "User" : "Member"));
  Caller caller;
  caller.policy = policy;
  caller.id = std::move(id);
  caller.data = data;
  caller.certificate_pem = certificate.pem();
  return caller;
}

IdentityVerdict verdict(IdentityCheck outcome, Error error) { return {outcome, std::move(error)}; }

IdentityVerdict check_token(const State& state, const Caller& caller) {
  if (caller.issuer.empty()) {
    return verdict(IdentityCheck::bad_request, {Code::malformed, "JWT has no issuer", {}});
  }
  const auto found = state.jwt_validation_policies.find(caller.issuer);
  if (found == state.jwt_validation_policies.end()) {
    return verdict(IdentityCheck::no_policy,
                   {Code::denied, "no JWT validation policy for issuer " + caller.issuer,
                    "propose set_jwt_validation_policy"});
  }
  const auto status = policy::evaluate_jwt(found->second, caller.jwt_payload, state.jwt_rules());
  if (!status) return verdict(IdentityCheck::unauthorized, status.error());
  return {};
}

}  // namespace

Status check_certificate_dates(const State& state, const crypto::Certificate& certificate, Time at,
                               std::string_view whose) {
  if (state.settings.dev) return {};
  if (const auto dates = crypto::check_dates(certificate, at); !dates) {
    return denied(std::string(whose) + " certificate is not valid now: " + dates.error().message);
  }
  return {};
}

Result<Caller> authenticate_certificate(const State& state, AuthPolicy policy, ByteView der,
                                        Time now) {
  VITRINE_ASSERT(policy == AuthPolicy::user_cert || policy == AuthPolicy::member_cert);
  const bool is_user = policy == AuthPolicy::user_cert;
  const std::string whose = is_user ? "user" : "member";
  if (der.empty()) return denied("No caller " + whose + " certificate");
  auto id = to_hex(crypto::sha256(der));
  if (is_user) {
    if (const auto user = state.users.find(id); user != state.users.end()) {
      return known_caller(state, policy, std::move(id), user->second.certificate, user->second.data,
                          now);
    }
  } else if (const auto member = state.members.find(id); member != state.members.end()) {
    return known_caller(state, policy, std::move(id), member->second.certificate,
                        member->second.data, now);
  }
  return denied("Could not find matching " + whose + " certificate");
}

IdentityVerdict check_identity(const State& state, const Caller& caller) {
  switch (caller.policy) {
    case AuthPolicy::member_cert: {
      const auto member = state.members.find(caller.id);
      if (member == state.members.end() || member->second.status != MemberStatus::active) {
        return verdict(IdentityCheck::bad_request,
                       {Code::denied, "member " + caller.id + " is not active", {}});
      }
      return {};
    }
    case AuthPolicy::user_cert:
    case AuthPolicy::user_cose_sign1:
      if (state.users.find(caller.id) == state.users.end()) {
        return verdict(caller.policy == AuthPolicy::user_cert ? IdentityCheck::bad_request
                                                              : IdentityCheck::unauthorized,
                       {Code::denied, "user " + caller.id + " is not registered", {}});
      }
      return {};
    case AuthPolicy::jwt:
      return check_token(state, caller);
  }
  VITRINE_ASSERT(false);
}

}  // namespace vitrine::governance
