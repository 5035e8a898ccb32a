// Who is calling: certificates and bearer tokens judged against a governance state
// (kms-api.md 1.4). Pure; TokenCache alone remembers, and is safe from any thread. The message of a
// denied error is the detail text of the contract's 401.
#pragma once

#include <cstddef>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/mutex.h"
#include "base/result.h"
#include "governance/state.h"

namespace vitrine::governance {

struct Caller {
  AuthPolicy policy = AuthPolicy::jwt;
  std::string id;               // hex id of the certificate, or the token's `sub` (may be empty)
  codec::json::Value data;      // of the user or member at registration
  std::string certificate_pem;  // user_cert, member_cert
  std::string key_issuer;       // jwt: the issuer the key is stored under
  std::string issuer;           // jwt: the token's `iss`
  codec::json::Object jwt_header, jwt_payload;
};

// `der` is the TLS client certificate, empty if there was none; `policy` is user_cert or
// member_cert. Dates are checked outside dev. denied: as the contract says it.
Result<Caller> authenticate_certificate(const State& state, AuthPolicy policy, ByteView der,
                                        Time now);

// `authorization` is the header's value, nullopt if there was none. Keys are candidates by kid, and
// of those only the ones stored for an issuer that fits `iss` (12.2 #7).
Result<Caller> authenticate_jwt(const State& state, std::optional<std::string_view> authorization,
                                Time now);

// A key stored for `stored` may sign tokens of `issuer`: the two are equal, or they are the v2 and
// v1 names of one Entra tenant, which `tenant` (the token's `tid`) has to name as well.
bool issuer_fits(std::string_view stored, std::string_view issuer, std::string_view tenant);

// Outside dev, denied: `certificate` is not valid at `at`. `whose` opens the message.
Status check_certificate_dates(const State& state, const crypto::Certificate& certificate, Time at,
                               std::string_view whose);

enum class IdentityCheck {
  ok,
  bad_request,   // 400: a member that is not Active, a certificate no longer registered
  unauthorized,  // 401: the token's claims are not what the issuer's policy says
  no_policy,     // 500: no JWT validation policy for the token's issuer
};
struct IdentityVerdict {
  IdentityCheck outcome = IdentityCheck::ok;
  Error error;  // why, unless ok
};
// The service's own second look at an authenticated caller.
IdentityVerdict check_identity(const State& state, const Caller& caller);

// Remembers tokens that verified, by their SHA-256 and the governance state they verified under: a
// change of any key, issuer or setting forgets them. Times are checked anew each time. Bounded; the
// least recently used goes first.
class TokenCache {
 public:
  explicit TokenCache(std::size_t entries_max = 1024) : entries_max_(entries_max) {}

  // As authenticate_jwt. `governance_digest` is state.digest(), which the caller has at hand.
  Result<std::shared_ptr<const Caller>> authenticate(const State& state,
                                                     const Digest& governance_digest,
                                                     std::optional<std::string_view> authorization,
                                                     Time now);
  // What authenticate() would say of a token that is remembered, or of a header that holds none;
  // nullopt where it would have to read a token and verify a signature.
  std::optional<Result<std::shared_ptr<const Caller>>> recall(
      const State& state, const Digest& governance_digest,
      std::optional<std::string_view> authorization, Time now);
  std::size_t size() const;

 private:
  struct Key {
    Digest token;
    Digest governance;
    auto operator<=>(const Key&) const = default;
  };
  struct Entry {
    Key key;
    std::shared_ptr<const Caller> caller;
  };
  std::shared_ptr<const Caller> find(const Key& key);
  void insert(const Key& key, std::shared_ptr<const Caller> caller);

  const std::size_t entries_max_;
  mutable Mutex mutex_;
  std::list<Entry> entries_ VITRINE_GUARDED_BY(mutex_);  // the most recently used first
  std::map<Key, std::list<Entry>::iterator> index_ VITRINE_GUARDED_BY(mutex_);
};

}  // namespace vitrine::governance
