// Project Wycheproof (C2SP): known answers and known attacks.
#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "base/base64.h"
#include "crypto/aead.h"
#include "crypto/curve.h"
#include "crypto/diffie_hellman.h"
#include "crypto/hash.h"
#include "crypto/jwk.h"
#include "crypto/key.h"
#include "crypto/vectors_for_testing.h"

namespace vitrine::crypto {
namespace {

using codec::json::Object;
using vectors::bytes;
using vectors::integer;
using vectors::text;

// Calls `check` with group and test, and fails unless the file has as many tests as it says and as
// we counted on.
void for_each(const std::string& file, std::int64_t expected,
              const std::function<void(const Object&, const Object&)>& check) {
  const Object root = vectors::read("wycheproof/" + file);
  EXPECT_EQ(integer(root, "numberOfTests"), expected);
  std::int64_t seen = 0;
  const auto* const groups = codec::json::array_of(root, "testGroups");
  ASSERT_NE(groups, nullptr);
  for (const auto& group : *groups) {
    for (const auto& test : *codec::json::array_of(group.get_object(), "tests")) {
      SCOPED_TRACE(file + " tcId " + std::to_string(integer(test.get_object(), "tcId")) + ": " +
                   text(test.get_object(), "comment"));
      check(group.get_object(), test.get_object());
      ++seen;
    }
  }
  EXPECT_EQ(seen, expected);
}

bool is_valid(const Object& test) { return text(test, "result") == "valid"; }

bool has_flag(const Object& test, std::string_view flag) {
  for (const auto& found : *codec::json::array_of(test, "flags")) {
    if (codec::json::text_view(found.get_string()) == flag) return true;
  }
  return false;
}

void check_signatures(const std::string& file, std::int64_t expected,
                      SignatureAlgorithm algorithm) {
  int valid = 0;
  for_each(file, expected, [&](const Object& group, const Object& test) {
    const auto key = PublicKey::from_spki(bytes(group, "publicKeyDer"));
    ASSERT_TRUE(key.has_value()) << key.error().message;
    EXPECT_EQ(key->spki(), bytes(group, "publicKeyDer"));
    const auto verified = key->verify(algorithm, bytes(test, "msg"), bytes(test, "sig"));
    EXPECT_NE(text(test, "result"), "acceptable");
    EXPECT_EQ(verified.has_value(), is_valid(test)) << (verified ? "" : verified.error().message);
    valid += is_valid(test) ? 1 : 0;
  });
  EXPECT_GT(valid, 0);
}

TEST(Wycheproof, EcdsaP256Der) {
  check_signatures("ecdsa_secp256r1_sha256_test.json", 100, SignatureAlgorithm::ecdsa_sha256_der);
}
TEST(Wycheproof, EcdsaP384Der) {
  check_signatures("ecdsa_secp384r1_sha384_test.json", 99, SignatureAlgorithm::ecdsa_sha384_der);
}
TEST(Wycheproof, EcdsaP256Raw) {
  check_signatures("ecdsa_secp256r1_sha256_p1363_test.json", 73,
                   SignatureAlgorithm::ecdsa_sha256_raw);
}
TEST(Wycheproof, EcdsaP384Raw) {
  check_signatures("ecdsa_secp384r1_sha384_p1363_test.json", 71,
                   SignatureAlgorithm::ecdsa_sha384_raw);
}
TEST(Wycheproof, Ed25519) {
  check_signatures("ed25519_test.json", 52, SignatureAlgorithm::ed25519);
}
TEST(Wycheproof, RsaPss2048) {
  check_signatures("rsa_pss_2048_sha384_mgf1_48_test.json", 22, SignatureAlgorithm::rsa_pss_sha384);
}
TEST(Wycheproof, RsaPss4096) {
  check_signatures("rsa_pss_4096_sha384_mgf1_48_test.json", 22, SignatureAlgorithm::rsa_pss_sha384);
}

TEST(Wycheproof, JwkOfEverySignatureGroupIsTheKeyOfItsDer) {
  int compared = 0;
  for (const std::string file :
       {"ecdsa_secp256r1_sha256_p1363_test.json", "ecdsa_secp384r1_sha384_p1363_test.json",
        "rsa_pss_2048_sha384_mgf1_48_test.json", "rsa_pss_4096_sha384_mgf1_48_test.json"}) {
    const Object root = vectors::read("wycheproof/" + file);
    for (const auto& entry : *codec::json::array_of(root, "testGroups")) {
      const Object& group = entry.get_object();
      const Object* const jwk = codec::json::object_of(group, "publicKeyJwk");
      if (jwk == nullptr) continue;
      const auto key = jwk_from_json(*jwk);
      ASSERT_TRUE(key.has_value()) << key.error().message;
      EXPECT_EQ(key->key.spki(), bytes(group, "publicKeyDer"));
      ++compared;
    }
  }
  EXPECT_GT(compared, 50);
}

TEST(Wycheproof, RsaOaep2048) {
  int valid = 0;
  for_each("rsa_oaep_2048_sha256_mgf1sha256_test.json", 20,
           [&](const Object& group, const Object& test) {
             const auto key = PrivateKey::from_pkcs8(bytes(group, "privateKeyPkcs8"));
             ASSERT_TRUE(key.has_value()) << key.error().message;
             const auto opened = key->oaep_decrypt(bytes(test, "ct"));
             // Ours has the empty label only: a ciphertext with another one must not open.
             const bool expected = is_valid(test) && bytes(test, "label").empty();
             ASSERT_EQ(opened.has_value(), expected);
             if (!expected) return;
             EXPECT_EQ(to_bytes(opened->reveal()), bytes(test, "msg"));
             ++valid;
           });
  EXPECT_EQ(valid, 5);
}

TEST(Wycheproof, AesGcm) {
  int valid = 0, refused = 0;
  for_each("aes_gcm_test.json", 125, [&](const Object& group, const Object& test) {
    // Other nonce sizes and AES-192 can't be expressed with our interface.
    if (integer(group, "ivSize") != 96 || integer(group, "keySize") == 192) return;
    EXPECT_EQ(integer(group, "tagSize"), 128);
    const Aead aead = integer(group, "keySize") == 128 ? Aead::aes128_gcm : Aead::aes256_gcm;
    const Bytes key = bytes(test, "key"), nonce = bytes(test, "iv"), aad = bytes(test, "aad");
    Bytes sealed = bytes(test, "ct");
    append(sealed, bytes(test, "tag"));
    const auto opened = aead_open(aead, key, nonce, aad, sealed);
    ASSERT_EQ(opened.has_value(), is_valid(test));
    if (!opened) {
      EXPECT_EQ(opened.error().message, "decryption failed");
      ++refused;
      return;
    }
    EXPECT_EQ(to_bytes(opened->reveal()), bytes(test, "msg"));
    EXPECT_EQ(aead_seal(aead, key, nonce, aad, bytes(test, "msg")), sealed);
    ++valid;
  });
  EXPECT_GT(valid, 20);
  EXPECT_GT(refused, 10);
}

void check_hkdf(const std::string& file, std::int64_t expected, Hash hash) {
  int valid = 0;
  for_each(file, expected, [&](const Object&, const Object& test) {
    const auto size = static_cast<std::size_t>(integer(test, "size"));
    // The only invalid ones ask for more than 255 blocks, where we assert.
    ASSERT_EQ(is_valid(test), size <= 255 * hash_size(hash));
    if (!is_valid(test)) return;
    EXPECT_EQ(
        to_bytes(hkdf(hash, bytes(test, "salt"), bytes(test, "ikm"), bytes(test, "info"), size)
                     .reveal()),
        bytes(test, "okm"));
    ++valid;
  });
  EXPECT_GT(valid, 20);
}

TEST(Wycheproof, HkdfSha256) { check_hkdf("hkdf_sha256_test.json", 28, Hash::sha256); }
TEST(Wycheproof, HkdfSha384) { check_hkdf("hkdf_sha384_test.json", 26, Hash::sha384); }

TEST(Wycheproof, X25519) {
  int zero = 0, computed = 0;
  for_each("x25519_test.json", 74, [&](const Object&, const Object& test) {
    const Bytes own = bytes(test, "private");
    const auto own_public = diffie_hellman_public_of(KeyKind::x25519, own);
    ASSERT_TRUE(own_public.has_value());
    const auto shared = diffie_hellman(KeyKind::x25519, own, *own_public, bytes(test, "public"));
    EXPECT_NE(text(test, "result"), "invalid");
    if (has_flag(test, "ZeroSharedSecret")) {
      ASSERT_FALSE(shared.has_value());
      EXPECT_EQ(shared.error().code, Code::denied);
      ++zero;
      return;
    }
    ASSERT_TRUE(shared.has_value()) << shared.error().message;
    EXPECT_EQ(to_bytes(shared->reveal()), bytes(test, "shared"));
    ++computed;
  });
  EXPECT_GT(zero, 0);
  EXPECT_GT(computed, 50);
}

void check_ecdh(const std::string& file, std::int64_t expected, KeyKind kind) {
  const std::size_t width = curve_of(kind).field_bytes;
  int computed = 0, refused = 0;
  for_each(file, expected, [&](const Object&, const Object& test) {
    // Private keys are integers in the file; ours have the field's width.
    Bytes scalar = bytes(test, "private");
    while (scalar.size() > width && scalar.front() == 0) scalar.erase(scalar.begin());
    scalar.insert(scalar.begin(), width - scalar.size(), 0);
    const auto own_public = diffie_hellman_public_of(kind, scalar);
    ASSERT_TRUE(own_public.has_value());
    const Bytes other = bytes(test, "public");
    const auto shared = diffie_hellman(kind, scalar, *own_public, other);
    const bool uncompressed = !other.empty() && other.front() == 0x04;
    if (!uncompressed || text(test, "result") == "invalid") {
      EXPECT_FALSE(shared.has_value());
      ++refused;
      return;
    }
    ASSERT_TRUE(shared.has_value()) << shared.error().message;
    EXPECT_EQ(to_bytes(shared->reveal()), bytes(test, "shared"));
    ++computed;
  });
  EXPECT_GT(computed, 10);
  EXPECT_GT(refused, 3);
}

TEST(Wycheproof, EcdhP256) { check_ecdh("ecdh_secp256r1_ecpoint_test.json", 48, KeyKind::ec_p256); }
TEST(Wycheproof, EcdhP384) { check_ecdh("ecdh_secp384r1_ecpoint_test.json", 43, KeyKind::ec_p384); }

}  // namespace
}  // namespace vitrine::crypto
