// The one worked example that docs/formats prints: fixed secrets, fixed bytes. Its inputs are runs
// of counting bytes so that it can be made again by hand.
#pragma once

#include <array>

#include "base/bytes.h"
#include "base/random.h"
#include "base/secret.h"
#include "crypto/hash.h"
#include "ledger/entries.h"
#include "ledger/leaf.h"
#include "ledger/seal.h"

namespace vitrine::ledger::golden {

// first, first + 1, …
template <std::size_t N>
std::array<Byte, N> counting(unsigned first) {
  std::array<Byte, N> bytes;
  for (std::size_t i = 0; i < N; ++i) bytes[i] = static_cast<Byte>(first + i);
  return bytes;
}
inline Digest digest(unsigned first) { return {counting<32>(first)}; }

class FixedRandom final : public Random {
 public:
  explicit FixedRandom(unsigned first) : first_(first) {}
  void fill(std::span<Byte> out) override {
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<Byte>(first_ + i);
  }

 private:
  unsigned first_;
};

inline const ServiceId kService = counting<32>(0x20);
inline const TransactionId kId{2, 14};

inline LedgerSecrets secrets() {
  LedgerSecrets made;
  made.add(1, SecretBytes::copy_of(counting<32>(0x00)));
  return made;
}

inline KeyCreated key_created() {
  KeyCreated entry;
  entry.public_key = to_bytes(counting<32>(0x60));
  entry.number = 1;
  entry.kid = "kid-of-this-example_1";
  entry.id = 11;
  entry.created = from_unix_ms(1'795'526'400'000);
  return entry;
}

inline SealedPart sealed_part() {
  FixedRandom salt(0x40);
  return seal(secrets(), kService, Kind::key_created, key_created().public_key, counting<32>(0x80),
              salt);
}

inline std::string evidence() { return commit_evidence(counting<32>(0x00), kService, kId); }

inline Leaf leaf() {
  Leaf made;
  made.id = kId;
  made.time = key_created().created;
  made.kind = Kind::key_created;
  made.public_part = encode(key_created());
  made.sealed = sealed_part().commitment;
  made.claims_digest = digest(0x90);
  made.evidence_digest = crypto::sha256(as_bytes(evidence()));
  made.previous = Roots{13, digest(0xa0), digest(0xb0)};
  made.governance = {12, digest(0xc0)};
  return made;
}

inline BatchTagInput batch() {
  BatchTagInput input;
  input.before = {13, digest(0xa0), digest(0xb0)};
  input.after = {14, digest(0xd0), digest(0xe0)};
  input.node_id = std::string(64, 'a');
  input.boot_id = counting<16>(0xf0);
  return input;
}

}  // namespace vitrine::ledger::golden
