// What a recovery member signs when it gives its share to a waiting node (DESIGN.md 4, decision 8;
// docs/formats/recovery.md): the content of a COSE request of type `recovery_share`. Shared by the
// member's program, which makes it, the node, which opens it, and auditors, who read it. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "base/result.h"
#include "base/secret.h"
#include "ledger/leaf.h"

namespace vitrine::governance {

inline constexpr std::size_t kRecoveryStatementBytesMax = 8192;

struct RecoveryStatement {
  Digest service;          // genesis hash
  Digest node;             // SHA-256 of the waiting node's key, SubjectPublicKeyInfo in DER
  Digest evidence;         // SHA-256 of the node's evidence, the report, as the member checked it
  std::uint64_t deal = 0;  // sequence number of the shares_dealt entry
  std::uint64_t head_size = 0;  // of the newest head of this log that the member knows; 0: of none
  Digest head_root;             // its RFC 9162 root; zero bytes at size 0
  Bytes enc;                    // HPKE: the share, sealed to the node's recovery key
  Bytes sealed_share;

  std::string to_json() const;
  // malformed: names the member.
  static Result<RecoveryStatement> from_json(std::string_view text);
};

// Puts `share` (ledger/recovery_share.h), sealed to `recovery_key` (X25519, 32 bytes), into a
// statement whose other members are set already. malformed: the key is none.
Status seal_share(RecoveryStatement& statement, ByteView recovery_key, ByteView share);
// denied: not sealed to this key, or not with this statement.
Result<SecretBytes> open_share(const RecoveryStatement& statement, ByteView recovery_private_key,
                               ByteView recovery_key);

// What the evidence of a waiting node binds, all 64 bytes of its report data: SHA-256 of the node
// key's SubjectPublicKeyInfo, as in CCF, and SHA-256 of the recovery key.
std::array<Byte, 64> recovery_report_data(ByteView node_spki, ByteView recovery_key);

// CCF's plaintext form, {"share": base64} (ccf.md 2). malformed: another shape, or not base64.
bool is_plaintext_share(std::string_view text);
Result<SecretBytes> plaintext_share_from_json(std::string_view text);

}  // namespace vitrine::governance
