// Handing the service's secrets to the next version of the program (DESIGN.md 4, decision 8; the
// join of ccf.md 11 is the model; docs/design/2026-11-30-hand-off.md). The new program asks for a
// challenge, shows evidence that binds its keys to it, and gets the secrets sealed to one of them,
// once the join policy has let it in and the ledger says so.
#pragma once

#include <map>

#include "base/mutex.h"
#include "core/core.h"
#include "crypto/kem.h"
#include "governance/settings.h"

namespace vitrine::core {

inline constexpr std::size_t kHandOffChallengeBytes = 32;
inline constexpr std::size_t kHandOffKeyBytes = 32;  // X25519

struct HandOffRequest {
  Bytes challenge;
  crypto::PublicKey node_key;  // EC P-256: that of the node which the new program will be
  Bytes hpke_key;              // 32 bytes, X25519: what the secrets are sealed to
  attestation::SnpEvidence evidence;
};

struct HandedOff {
  Bytes enc;
  Bytes ciphertext;
  ledger::TransactionId id;  // of the entry secrets_handed_off
};

// SHA-512("vitrine hand-off v1" ‖ 0x00 ‖ genesis hash ‖ SHA-256 of the node key's SPKI ‖ HPKE key ‖
// challenge).
ReportData hand_off_report_data(const Digest& genesis_hash, const crypto::PublicKey& node_key,
                                ByteView hpke_key, ByteView challenge);

// denied: a challenge that this process did not give within kChallengeLife, or that was used; a
// frozen service; evidence that does not verify, binds other keys, or is of somebody whom the join
// policy does not let in. unavailable: unconfirmed, or too soon after the last. conflict: the
// policy moved meanwhile.
class HandOffChallenges;
Result<HandedOff> hand_off(Core& core, HandOffChallenges& challenges,
                           const HandOffRequest& request);

// What the other side opens with the private half of the HPKE key.
struct Received {
  ServiceSecrets secrets;         // with the node key given
  governance::Settings settings;  // in force when they were sealed
};
struct HandOffKeys {
  crypto::PrivateKey node_key;
  crypto::KemKeyPair hpke;
};
Result<HandOffKeys> make_hand_off_keys();
// denied: sealed to other keys, or changed. malformed: not such a plaintext.
Result<Received> open_handed_off(const HandedOff& handed_off, const HandOffKeys& keys,
                                 const ReportData& report_data);

// The challenges of a process: no state is kept of those it gave, only of those that were used.
class HandOffChallenges {
 public:
  static constexpr std::chrono::seconds kChallengeLife{60};
  static constexpr std::chrono::seconds kInterval{2};  // between two hand-offs

  explicit HandOffChallenges(Random& random);
  Bytes give(Time now);
  // denied: not given by this process, or too long ago. Cheap.
  Status check(ByteView challenge, Time now) const;
  // denied: used before. unavailable: too soon after the last.
  Status use(ByteView challenge, Time now);

 private:
  Bytes tag_of(ByteView head) const;

  Random& random_;
  SecretBytes key_;
  Mutex mutex_;
  std::map<Bytes, Time> used_ VITRINE_GUARDED_BY(mutex_);
};

}  // namespace vitrine::core
