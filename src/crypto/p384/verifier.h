// Verifies signatures under P-384 keys that sign often, as the chips whose reports ask for keys do:
// ECDSA with SHA-384, r || s. Says exactly what PublicKey::verify says, about seven times as fast.
//
// What it remembers makes later signatures cheaper, never accepted: a table depends on nothing but
// the key whose hash it is kept under. Give it only keys that are already trusted (of a certificate
// whose chain verified): then a stranger cannot make it build tables or forget them, since a key
// gets an entry by a valid signature and a table by kVerifiedBeforeTable of them.
//
// VARIABLE TIME: public data only, which is all it takes. Safe from any thread.
#pragma once

#include <memory>

#include "base/recently_used.h"
#include "crypto/key.h"

namespace vitrine::crypto::p384 {

class Table;

class Verifier {
 public:
  // At 118 KB each, 30 MB at most.
  static constexpr std::size_t kKeysMax = 256;
  // A table costs what it saves in six verifications.
  static constexpr unsigned kVerifiedBeforeTable = 8;

  explicit Verifier(std::size_t keys_max = kKeysMax);
  ~Verifier();

  // denied: the signature does not verify. malformed: not a P-384 key, wrong length, r or s out of
  // range.
  Status verify(const PublicKey& key, ByteView message, ByteView signature);

  std::size_t keys_for_testing() { return keys_.size(); }
  bool has_table_for_testing(const PublicKey& key);

 private:
  struct Known;
  void remember(const PublicKey& key, const Known* known);
  RecentlyUsed<Known> keys_;  // by hash of SubjectPublicKeyInfo
};

}  // namespace vitrine::crypto::p384
