// Requests of members who give their recovery shares, as a waiting node and, in the blob of
// service_recovered, everyone after it reads them (docs/formats/recovery.md). Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "governance/recovery_statement.h"
#include "governance/state.h"

namespace vitrine::governance {

// Which node the shares are for, and of which deal they are.
struct RecoveryTarget {
  const Digest& service;  // genesis hash
  const Digest& node;     // SHA-256 of its key, SubjectPublicKeyInfo
  std::uint64_t deal = 0;
};

struct GivenShare {
  std::string member;
  // None: it came in CCF's plaintext form.
  std::optional<RecoveryStatement> statement;
  // What is kept of it: the signed envelope; nothing of the plaintext form, which holds the share.
  Bytes envelope;
};

// The signer is an active member and the envelope's type recovery_share; a statement is of this
// target. denied, malformed: why not, with the member's id once it is known.
struct RecoveryRequest {
  GivenShare given;
  SecretBytes plaintext_share;  // of the plaintext form alone
};
Result<RecoveryRequest> read_recovery_request(const State& governance, ByteView envelope,
                                              const RecoveryTarget& target);

// The blob of service_recovered: members' ids ascending.
Bytes write_given_shares(const std::vector<GivenShare>& shares);
// Each checked as a request is; all of one evidence.
Result<std::vector<GivenShare>> read_given_shares(const State& governance, ByteView blob,
                                                  const RecoveryTarget& target);

}  // namespace vitrine::governance
