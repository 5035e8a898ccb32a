#include "crypto/p384/verifier.h"

#include "crypto/p384/ecdsa.h"

namespace vitrine::crypto::p384 {

// What is known of a key; replaced, not changed. Two threads may count the same signature once or
// make the same table twice: no harm is done.
struct Verifier::Known {
  unsigned verified = 0;
  std::shared_ptr<const Table> table;
};

Verifier::Verifier(std::size_t keys_max) : keys_(keys_max) {}
Verifier::~Verifier() = default;

#if VITRINE_P384_FAST

Status Verifier::verify(const PublicKey& key, ByteView message, ByteView signature) {
  if (key.kind() != KeyKind::ec_p384) return malformed("signature algorithm does not fit the key");
  if (signature.size() != kSignatureBytes) {
    return malformed("ECDSA signature: " + std::to_string(signature.size()) +
                     " bytes where r || s has " + std::to_string(kSignatureBytes));
  }
  if (!is_in_range(signature)) return malformed("ECDSA signature: r or s out of range");

  const Bytes hash = digest(Hash::sha384, message);
  const auto known = keys_.find(key.spki_sha256());
  if (known != nullptr && known->table != nullptr) {
    if (!p384::verify(*known->table, hash, signature)) return denied("signature does not verify");
    return {};
  }
  const auto point = point_from(key.ec_point());
  if (!point || !p384::verify(*point, hash, signature)) return denied("signature does not verify");
  remember(key, known.get());
  return {};
}

void Verifier::remember(const PublicKey& key, const Known* known) {
  auto now = std::make_shared<Known>();
  now->verified = known == nullptr ? 1 : known->verified + 1;
  if (now->verified >= kVerifiedBeforeTable) {
    now->table = std::make_shared<const Table>(*point_from(key.ec_point()), Table::kKeyWindowBits);
  }
  keys_.insert(key.spki_sha256(), std::move(now));
}

#else  // the reference: the same answers from libcrypto

Status Verifier::verify(const PublicKey& key, ByteView message, ByteView signature) {
  if (key.kind() != KeyKind::ec_p384) return malformed("signature algorithm does not fit the key");
  return key.verify(SignatureAlgorithm::ecdsa_sha384_raw, message, signature);
}

#endif

bool Verifier::has_table_for_testing(const PublicKey& key) {
  const auto known = keys_.find(key.spki_sha256());
  return known != nullptr && known->table != nullptr;
}

}  // namespace vitrine::crypto::p384
