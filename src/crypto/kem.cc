#include "crypto/kem.h"

#include "base/assert.h"
#include "crypto/diffie_hellman.h"
#include "crypto/hpke_labels.h"

namespace vitrine::crypto {
namespace {

struct Row {
  Kem kem;
  KeyKind kind;
  Hash hash;
  KemSizes sizes;
};

// RFC 9180 7.1.
constexpr Row kRows[] = {
    {Kem::p256_sha256, KeyKind::ec_p256, Hash::sha256, {32, 65, 65, 32}},
    {Kem::p384_sha384, KeyKind::ec_p384, Hash::sha384, {48, 97, 97, 48}},
    {Kem::x25519_sha256, KeyKind::x25519, Hash::sha256, {32, 32, 32, 32}},
};

const Row& row_of(Kem kem) {
  for (const Row& row : kRows) {
    if (row.kem == kem) return row;
  }
  VITRINE_ASSERT(!"a Kem outside the table");
  return kRows[0];
}

Bytes suite_id_of(Kem kem) {
  Bytes id = to_bytes("KEM");
  append_u16(id, static_cast<std::size_t>(kem));
  return id;
}

SecretBytes extract_and_expand(const Row& row, ByteView dh, ByteView enc, ByteView public_key) {
  const Bytes suite_id = suite_id_of(row.kem);
  Bytes kem_context = to_bytes(enc);
  append(kem_context, public_key);
  const SecretBytes eae_prk = labeled_extract(row.hash, suite_id, {}, "eae_prk", dh);
  return labeled_expand(row.hash, suite_id, eae_prk.reveal(), "shared_secret", kem_context,
                        row.sizes.secret);
}

Result<Encapsulation> encap_with(const Row& row, ByteView public_key,
                                 const DiffieHellmanPair& own) {
  VITRINE_TRY(const auto dh,
              diffie_hellman(row.kind, own.private_key.reveal(), own.public_key, public_key));
  return Encapsulation{extract_and_expand(row, dh.reveal(), own.public_key, public_key),
                       own.public_key};
}

// Counter 0 fails with probability 2^-32 on P-256, and about never on P-384.
Result<SecretBytes> derive_scalar(const Row& row, ByteView suite_id, ByteView dkp_prk) {
  for (unsigned counter = 0; counter < 256; ++counter) {
    const Byte info = static_cast<Byte>(counter);
    SecretBytes candidate = labeled_expand(row.hash, suite_id, dkp_prk, "candidate",
                                           ByteView(&info, 1), row.sizes.private_key);
    if (kem_accepts_scalar(row.kem, candidate.reveal())) return candidate;
  }
  return internal("KEM: no key pair can be derived from this input");
}

}  // namespace

KemSizes kem_sizes(Kem kem) { return row_of(kem).sizes; }

Result<Kem> kem_from_id(std::uint16_t id) {
  for (const Row& row : kRows) {
    if (static_cast<std::uint16_t>(row.kem) == id) return row.kem;
  }
  return malformed("KEM " + std::to_string(id) + " is not supported");
}

bool kem_accepts_scalar(Kem kem, ByteView candidate) {
  const Row& row = row_of(kem);
  VITRINE_ASSERT(row.kind != KeyKind::x25519);
  return is_private_scalar(row.kind, candidate);
}

Result<KemKeyPair> kem_generate(Kem kem) {
  VITRINE_TRY(auto pair, diffie_hellman_generate(row_of(kem).kind));
  return KemKeyPair{std::move(pair.public_key), std::move(pair.private_key)};
}

Result<KemKeyPair> kem_derive_key_pair(Kem kem, ByteView ikm) {
  const Row& row = row_of(kem);
  if (ikm.size() < row.sizes.private_key) {
    return malformed("KEM: input of " + std::to_string(ikm.size()) +
                     " bytes is too short for a key");
  }
  const Bytes suite_id = suite_id_of(kem);
  const SecretBytes dkp_prk = labeled_extract(row.hash, suite_id, {}, "dkp_prk", ikm);
  KemKeyPair pair;
  if (row.kind == KeyKind::x25519) {
    pair.private_key = labeled_expand(row.hash, suite_id, dkp_prk.reveal(), "sk", {}, 32);
  } else {
    VITRINE_TRY(pair.private_key, derive_scalar(row, suite_id, dkp_prk.reveal()));
  }
  VITRINE_TRY(pair.public_key, kem_public_of(kem, pair.private_key.reveal()));
  return pair;
}

Result<Bytes> kem_public_of(Kem kem, ByteView private_key) {
  return diffie_hellman_public_of(row_of(kem).kind, private_key);
}

Result<Encapsulation> kem_encap(Kem kem, ByteView public_key) {
  const Row& row = row_of(kem);
  VITRINE_TRY(const auto ephemeral, diffie_hellman_generate(row.kind));
  return encap_with(row, public_key, ephemeral);
}

Result<Encapsulation> kem_encap_for_testing(Kem kem, ByteView public_key,
                                            ByteView ephemeral_private_key) {
  const Row& row = row_of(kem);
  VITRINE_TRY(auto own_public, kem_public_of(kem, ephemeral_private_key));
  return encap_with(row, public_key,
                    {std::move(own_public), SecretBytes::copy_of(ephemeral_private_key)});
}

Result<SecretBytes> kem_decap(Kem kem, ByteView enc, ByteView private_key, ByteView public_key) {
  const Row& row = row_of(kem);
  if (private_key.size() != row.sizes.private_key || public_key.size() != row.sizes.public_key ||
      (row.kind != KeyKind::x25519 && !is_private_scalar(row.kind, private_key))) {
    return malformed("KEM: not a key pair of this KEM");
  }
  const auto dh = diffie_hellman(row.kind, private_key, public_key, enc);
  if (!dh) return denied("decryption failed");
  return extract_and_expand(row, dh->reveal(), enc, public_key);
}

}  // namespace vitrine::crypto
