// Bearer tokens (kms-api.md 1.4, attestation.md 1.3). What a token says chooses among the stored
// keys; the key and its algorithm always come from the governance state.
#include <algorithm>

#include "base/limits.h"
#include "crypto/hash.h"
#include "crypto/jws.h"
#include "governance/authenticate.h"

namespace vitrine::governance {
namespace {

using codec::json::Object;

constexpr std::size_t kShownBytesMax = 128;

std::string shown(std::string_view text) { return std::string(text.substr(0, kShownBytesMax)); }

Result<std::string_view> bearer_token(std::optional<std::string_view> authorization) {
  if (!authorization) return denied("Missing authorization header");
  constexpr std::string_view kScheme = "bearer ";
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  if (authorization->size() < kScheme.size() ||
      !std::equal(kScheme.begin(), kScheme.end(), authorization->begin(),
                  [&](char a, char b) { return a == lower(b); })) {
    return denied("Authorization header does not have Bearer scheme");
  }
  return authorization->substr(kScheme.size());
}

Result<crypto::UnverifiedJws> split(std::string_view token) {
  if (std::count(token.begin(), token.end(), '.') != 2) {
    return denied("Malformed JWT: must contain exactly 3 parts");
  }
  auto parsed = crypto::parse_jws(token);
  if (!parsed) return denied("Malformed JWT: " + parsed.error().message);
  return parsed;
}

// exp and iss have to be there, nbf may be (decisions.md, Wire).
Status check_members(const crypto::UnverifiedJws& token) {
  if (token.algorithm.empty()) return denied("JWT header is missing required field: alg");
  if (token.kid.empty()) return denied("JWT header is missing required field: kid");
  for (const std::string_view name : {"exp", "iss"}) {
    if (codec::json::find(token.payload, name) == nullptr) {
      return denied("JWT payload is missing required field: " + std::string(name));
    }
  }
  if (!codec::json::text_of(token.payload, "iss")) {
    return denied("JWT payload field iss is not text");
  }
  for (const std::string_view name : {"exp", "nbf", "iat"}) {
    if (codec::json::find(token.payload, name) != nullptr &&
        !codec::json::integer_of(token.payload, name)) {
      return denied("JWT payload field " + std::string(name) + " is not an integer");
    }
  }
  return {};
}

// All of it is integers of the token, so the sums are done where they cannot overflow.
Status check_times(const Object& payload, std::chrono::seconds skew, Time now) {
  const auto seconds = to_unix_seconds(now);
  const auto expires = *codec::json::integer_of(payload, "exp");
  if (seconds - skew.count() > expires) {
    return denied("Current time " + std::to_string(seconds) +
                  " is after token's Expiration Time (exp) claim " + std::to_string(expires));
  }
  const auto begins = codec::json::integer_of(payload, "nbf");
  if (begins && seconds + skew.count() < *begins) {
    return denied("Current time " + std::to_string(seconds) +
                  " is before token's Not Before (nbf) claim " + std::to_string(*begins));
  }
  const auto issued = codec::json::integer_of(payload, "iat");
  if (issued && seconds + skew.count() < *issued) {  // attestation.md 1.3
    return denied("Current time " + std::to_string(seconds) +
                  " is before token's Issued At (iat) claim " + std::to_string(*issued));
  }
  return {};
}

// The issuer whose key signed the token.
Result<std::string> verify_with_stored_keys(const State& state, const crypto::UnverifiedJws& token,
                                            std::string_view issuer, std::string_view tenant) {
  bool kid_known = false, fitting = false;
  std::string misfit;
  for (const auto& [name, stored] : state.issuers) {
    for (const auto& key : stored.keys) {
      if (key.kid != token.kid) continue;
      kid_known = true;
      if (!issuer_fits(name, issuer, tenant)) {
        misfit = name;
        continue;
      }
      fitting = true;
      if (crypto::name_of(key.algorithm) != token.algorithm) continue;
      if (crypto::verify_jws(token, key)) return name;
    }
  }
  if (!kid_known) return denied("JWT signing key not found for kid " + shown(token.kid));
  if (!fitting) {
    return denied("Kid " + shown(token.kid) + " failed issuer constraint validation " + misfit);
  }
  return denied("Signature verification failed");
}

Result<Caller> authenticate_token(const State& state, std::string_view text, Time now) {
  VITRINE_TRY(auto token, split(text));
  VITRINE_CHECK(check_members(token));
  // Cheap refusals first: an expired token costs no signature.
  VITRINE_CHECK(check_times(token.payload, state.settings.clock_skew, now));
  const auto issuer = *codec::json::text_of(token.payload, "iss");
  const auto tenant = codec::json::text_of(token.payload, "tid").value_or("");
  Caller caller;
  VITRINE_TRY(caller.key_issuer, verify_with_stored_keys(state, token, issuer, tenant));
  caller.policy = AuthPolicy::jwt;
  caller.id = std::string(codec::json::text_of(token.payload, "sub").value_or(""));
  caller.issuer = std::string(issuer);
  caller.jwt_header = std::move(token.header);
  caller.jwt_payload = std::move(token.payload);
  return caller;
}

bool is_tenant(std::string_view text) {
  constexpr std::size_t kGuidSize = 36;
  return text.size() == kGuidSize &&
         text.find_first_not_of("0123456789abcdefABCDEF-") == std::string_view::npos;
}

}  // namespace

bool issuer_fits(std::string_view stored, std::string_view issuer, std::string_view tenant) {
  if (stored == issuer) return true;
  constexpr std::string_view kHost = "https://login.microsoftonline.com/", kVersion = "/v2.0";
  if (!is_tenant(tenant) || !stored.starts_with(kHost) || !stored.ends_with(kVersion) ||
      stored.size() <= kHost.size() + kVersion.size()) {
    return false;
  }
  const auto name = stored.substr(kHost.size(), stored.size() - kHost.size() - kVersion.size());
  if (name != "common" && name != tenant) return false;
  const std::string of_tenant(tenant);
  return issuer == "https://sts.windows.net/" + of_tenant + "/" ||
         issuer == std::string(kHost) + of_tenant + std::string(kVersion);
}

Result<Caller> authenticate_jwt(const State& state, std::optional<std::string_view> authorization,
                                Time now) {
  VITRINE_TRY(const auto token, bearer_token(authorization));
  return authenticate_token(state, token, now);
}

Result<std::shared_ptr<const Caller>> TokenCache::authenticate(
    const State& state, const Digest& governance_digest,
    std::optional<std::string_view> authorization, Time now) {
  if (auto known = recall(state, governance_digest, authorization, now)) return *std::move(known);
  VITRINE_TRY(const auto token, bearer_token(authorization));
  VITRINE_TRY(auto caller, authenticate_token(state, token, now));
  auto shared = std::make_shared<const Caller>(std::move(caller));
  insert({crypto::sha256(as_bytes(token)), governance_digest}, shared);
  return shared;
}

std::optional<Result<std::shared_ptr<const Caller>>> TokenCache::recall(
    const State& state, const Digest& governance_digest,
    std::optional<std::string_view> authorization, Time now) {
  using Recalled = Result<std::shared_ptr<const Caller>>;
  const auto token = bearer_token(authorization);
  if (!token) return Recalled(tl::unexpected<Error>(token.error()));
  if (token->size() > limits::kTokenBytesMax) return Recalled(denied("Malformed JWT: too large"));
  auto known = find({crypto::sha256(as_bytes(*token)), governance_digest});
  if (known == nullptr) return std::nullopt;
  const Status times = check_times(known->jwt_payload, state.settings.clock_skew, now);
  if (!times) return Recalled(tl::unexpected<Error>(times.error()));
  return Recalled(std::move(known));
}

std::size_t TokenCache::size() const {
  const Lock lock(mutex_);
  return entries_.size();
}

std::shared_ptr<const Caller> TokenCache::find(const Key& key) {
  const Lock lock(mutex_);
  const auto found = index_.find(key);
  if (found == index_.end()) return nullptr;
  entries_.splice(entries_.begin(), entries_, found->second);
  return found->second->caller;
}

void TokenCache::insert(const Key& key, std::shared_ptr<const Caller> caller) {
  const Lock lock(mutex_);
  if (entries_max_ == 0 || index_.count(key) != 0) return;
  if (entries_.size() == entries_max_) {
    index_.erase(entries_.back().key);
    entries_.pop_back();
  }
  entries_.push_front({key, std::move(caller)});
  index_.emplace(key, entries_.begin());
}

}  // namespace vitrine::governance
