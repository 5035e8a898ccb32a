// The key schedule of RFC 9180 5.1 and the context it gives. Internal to crypto; seen by its tests.
#pragma once

#include "crypto/hpke.h"

namespace vitrine::crypto::hpke {

// What the schedule computes, as RFC 9180 names it. Export-only: no key, no base_nonce.
struct KeySchedule {
  Bytes key_schedule_context;
  SecretBytes secret, key, base_nonce, exporter_secret;
};
// malformed: a psk without id or the reverse, psk under 32 bytes, an input over 64 KiB.
Result<KeySchedule> key_schedule(const Suite& suite, ByteView shared_secret, ByteView info,
                                 const Psk& psk);

class Context {
 public:
  // `sequence` other than 0 is for tests.
  Context(const Suite& suite, KeySchedule schedule, std::uint64_t sequence = 0);

  Result<Bytes> seal(ByteView aad, ByteView plaintext);
  Result<SecretBytes> open(ByteView aad, ByteView ciphertext);
  Result<SecretBytes> export_secret(ByteView exporter_context, std::size_t size) const;
  const KeySchedule& schedule() const { return schedule_; }
  std::uint64_t sequence() const { return sequence_; }

 private:
  Status check_usable() const;
  SecretBytes nonce() const;

  Suite suite_;
  KeySchedule schedule_;
  std::uint64_t sequence_;
};

}  // namespace vitrine::crypto::hpke
