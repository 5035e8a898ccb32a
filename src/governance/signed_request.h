// Signed governance requests: COSE_Sign1 with CCF's protected header (ccf.md 2). Type, kid and
// created_at are judged before the signature. Pure.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "crypto/cose.h"

namespace vitrine::governance {

struct State;

enum class MessageType { proposal, ballot, withdrawal, state_digest, ack, recovery_share };
std::string_view name_of(MessageType type);  // as ccf.gov.msg.type says it

enum class Signers {
  members,         // any status
  active_members,  // as active_member_cose_sign1
  proposers,       // users that POST /app/proposals takes proposals from: in dev every user, else
                   // those of settings.proposers; the type need not be there
};

struct SignedRequest {
  crypto::CoseSign1 message;
  std::string signer;           // member or user id
  std::int64_t created_at = 0;  // seconds, 0 to kCreatedAtMax
  // Header ccf.gov.msg.proposal_id. Whether it has to be there, and the same as in a path, is
  // judged by whoever knows the path: CCF has an error of its own for it.
  std::optional<std::string> proposal_id;
  Digest signature_sha256;  // proposal ids and the replay window use it
  Digest identity;          // equal for two requests if and only if one signing made both
};

inline constexpr std::int64_t kCreatedAtMax = 9'999'999'999;  // ten digits (ccf.md 2)

// malformed: not a tagged COSE_Sign1 or a header that cannot be read (400): an absent alg, kid or
// created_at, labels that stand twice, indefinite lengths, integers out of range. denied: the
// algorithm, type, signer or signature; the message is the detail text of the contract's 401.
// `before_signature`, where there is one, sees the request once all but its signature was judged;
// its error refuses.
using BeforeSignature = std::function<Status(const SignedRequest&)>;
Result<SignedRequest> verify_signed_request(const State& state, ByteView bytes, MessageType type,
                                            Signers signers,
                                            const BeforeSignature& before_signature = {});
// Whether a request was malformed for its created_at, which CCF calls InvalidCreatedAt.
bool is_invalid_created_at(const Error& error);

}  // namespace vitrine::governance
