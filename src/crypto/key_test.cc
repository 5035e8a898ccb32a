#include "crypto/key.h"

#include <gtest/gtest.h>

#include "base/hex.h"
#include "codec/pem.h"
#include "crypto/curve.h"
#include "crypto/der_writer.h"
#include "crypto/spki.h"

namespace vitrine::crypto {
namespace {

const PrivateKey& rsa_2048() {
  static const PrivateKey key = *PrivateKey::generate(KeyKind::rsa, 2048);
  return key;
}

PrivateKey made(KeyKind kind) {
  return kind == KeyKind::rsa ? rsa_2048() : *PrivateKey::generate(kind);
}

constexpr KeyKind kAllKinds[] = {KeyKind::rsa,     KeyKind::ec_p256, KeyKind::ec_p384,
                                 KeyKind::ec_p521, KeyKind::ed25519, KeyKind::x25519};
const ByteView kMessage = as_bytes("every answer is in the ledger");

std::vector<SignatureAlgorithm> algorithms_of(KeyKind kind) {
  using enum SignatureAlgorithm;
  switch (kind) {
    case KeyKind::rsa:
      return {rsa_pkcs1_sha256, rsa_pkcs1_sha384, rsa_pkcs1_sha512,
              rsa_pss_sha256,   rsa_pss_sha384,   rsa_pss_sha512};
    case KeyKind::ed25519:
      return {SignatureAlgorithm::ed25519};
    case KeyKind::x25519:
      return {};
    default:
      return {ecdsa_sha256_der, ecdsa_sha384_der, ecdsa_sha512_der,
              ecdsa_sha256_raw, ecdsa_sha384_raw, ecdsa_sha512_raw};
  }
}

template <class T>
std::string refusal(const Result<T>& result) {
  return result ? "accepted"
                : std::string(name_of(result.error().code)) + ": " + result.error().message;
}

TEST(Key, VerifiesWhatItSignedWithEveryAlgorithmOfItsKind) {
  int verified = 0;
  for (const KeyKind kind : kAllKinds) {
    const PrivateKey key = made(kind);
    for (const SignatureAlgorithm algorithm : algorithms_of(kind)) {
      SCOPED_TRACE(static_cast<int>(algorithm));
      auto signature = key.sign(algorithm, kMessage);
      ASSERT_TRUE(signature.has_value()) << signature.error().message;
      EXPECT_TRUE(key.public_key().verify(algorithm, kMessage, *signature).has_value());
      EXPECT_EQ(refusal(key.public_key().verify(algorithm, as_bytes("another"), *signature)),
                "denied: signature does not verify");
      EXPECT_FALSE(
          key.public_key()
              .verify(algorithm, kMessage, ByteView(*signature).first(signature->size() - 1))
              .has_value());
      signature->push_back(0);
      EXPECT_FALSE(key.public_key().verify(algorithm, kMessage, *signature).has_value());
      ++verified;
    }
  }
  EXPECT_EQ(verified, 6 + 3 * 6 + 1);
}

TEST(Key, RefusesAnAlgorithmOfAnotherKind) {
  const Bytes signature(256, 1);
  for (const KeyKind kind : kAllKinds) {
    const PrivateKey key = made(kind);
    const auto other = kind == KeyKind::rsa ? SignatureAlgorithm::ecdsa_sha256_der
                                            : SignatureAlgorithm::rsa_pkcs1_sha256;
    EXPECT_EQ(refusal(key.public_key().verify(other, kMessage, signature)),
              "malformed: signature algorithm does not fit the key");
    EXPECT_EQ(refusal(key.sign(other, kMessage)),
              "internal: signing: algorithm does not fit the key");
  }
}

TEST(Key, ASignatureOfOnePaddingIsNoneOfTheOther) {
  const auto pss = rsa_2048().sign(SignatureAlgorithm::rsa_pss_sha256, kMessage);
  EXPECT_EQ(
      refusal(rsa_2048().public_key().verify(SignatureAlgorithm::rsa_pkcs1_sha256, kMessage, *pss)),
      "denied: signature does not verify");
  EXPECT_EQ(
      refusal(rsa_2048().public_key().verify(SignatureAlgorithm::rsa_pss_sha384, kMessage, *pss)),
      "denied: signature does not verify");
}

TEST(Key, RefusesRawSignaturesOutOfRange) {
  const PrivateKey key = made(KeyKind::ec_p256);
  const auto verify = [&](const Bytes& signature) {
    return refusal(
        key.public_key().verify(SignatureAlgorithm::ecdsa_sha256_raw, kMessage, signature));
  };
  const Bytes good = *key.sign(SignatureAlgorithm::ecdsa_sha256_raw, kMessage);
  const Bytes order = *from_hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
  EXPECT_EQ(verify(good), "accepted");
  for (const std::size_t half : {0U, 32U}) {
    Bytes zero = good, too_big = good, largest = good;
    std::fill_n(zero.begin() + static_cast<long>(half), 32, Byte{0});
    std::copy(order.begin(), order.end(), too_big.begin() + static_cast<long>(half));
    std::copy(order.begin(), order.end(), largest.begin() + static_cast<long>(half));
    --largest[half + 31];
    EXPECT_EQ(verify(zero), "malformed: ECDSA signature: r or s out of range");
    EXPECT_EQ(verify(too_big), "malformed: ECDSA signature: r or s out of range");
    EXPECT_EQ(verify(largest), "denied: signature does not verify");
  }
  EXPECT_EQ(verify(Bytes(63, 1)), "malformed: ECDSA signature: 63 bytes where r || s has 64");
}

TEST(Key, VerifiesAPrehashedValueOfAnyHashSize) {
  const PrivateKey key = made(KeyKind::ec_p384);
  const Digest root = sha256(kMessage);  // SHA-256 under P-384, as CCF's receipts have it
  const auto signature = key.sign_prehashed(root);
  ASSERT_TRUE(signature.has_value());
  EXPECT_TRUE(key.public_key().verify_prehashed(root, *signature).has_value());
  EXPECT_TRUE(key.public_key()
                  .verify(SignatureAlgorithm::ecdsa_sha256_der, kMessage, *signature)
                  .has_value());
  EXPECT_EQ(refusal(key.public_key().verify_prehashed(sha256(root), *signature)),
            "denied: signature does not verify");
  EXPECT_EQ(refusal(rsa_2048().public_key().verify_prehashed(root, *signature)),
            "malformed: signature algorithm does not fit the key");
  EXPECT_EQ(refusal(rsa_2048().sign_prehashed(root)),
            "internal: signing: algorithm does not fit the key");
}

TEST(Key, PublicFormsAreReadBack) {
  for (const KeyKind kind : kAllKinds) {
    const PublicKey key = made(kind).public_key();
    EXPECT_EQ(key.kind(), kind);
    const auto from_spki = PublicKey::from_spki(key.spki());
    ASSERT_TRUE(from_spki.has_value()) << from_spki.error().message;
    EXPECT_EQ(*from_spki, key);
    EXPECT_EQ(from_spki->spki_sha256(), sha256(key.spki()));
    const auto from_pem = PublicKey::from_pem(key.pem());
    ASSERT_TRUE(from_pem.has_value()) << from_pem.error().message;
    EXPECT_EQ(*from_pem, key);
  }
}

TEST(Key, NumbersAreReadBack) {
  const PublicKey& rsa = rsa_2048().public_key();
  EXPECT_EQ(*PublicKey::from_rsa(rsa.rsa_modulus(), rsa.rsa_exponent()), rsa);
  EXPECT_EQ(rsa.bits(), 2048U);
  for (const KeyKind kind : {KeyKind::ec_p256, KeyKind::ec_p384, KeyKind::ec_p521}) {
    const PublicKey key = made(kind).public_key();
    const Bytes point = key.ec_point();
    const std::size_t width = curve_of(kind).field_bytes;
    const ByteView x = ByteView(point).subspan(1, width), y = ByteView(point).last(width);
    EXPECT_EQ(*PublicKey::from_ec(kind, x, y), key);
    EXPECT_EQ(refusal(PublicKey::from_ec(kind, x.subspan(1), y)),
              std::string("malformed: public key: a coordinate of ") + curve_of(kind).name +
                  " has " + std::to_string(width) + " bytes");
  }
}

TEST(Key, RefusesTrailingBytesAndEveryTruncation) {
  for (const KeyKind kind : {KeyKind::rsa, KeyKind::ec_p256, KeyKind::ed25519}) {
    Bytes spki = made(kind).public_key().spki();
    for (std::size_t size = 0; size < spki.size(); ++size) {
      EXPECT_FALSE(PublicKey::from_spki(ByteView(spki).first(size)).has_value()) << size;
    }
    spki.push_back(0);
    EXPECT_EQ(refusal(PublicKey::from_spki(spki)),
              "malformed: SubjectPublicKeyInfo: DER: 1 bytes left over");
  }
}

TEST(Key, RefusesPointsOffTheCurveAndOtherForms) {
  const PublicKey key = made(KeyKind::ec_p256).public_key();
  const Bytes point = key.ec_point();
  const auto spki_with = [](Bytes changed) {
    return refusal(
        PublicKey::from_spki(write_spki({KeyKind::ec_p256, {}, {}, std::move(changed)})));
  };
  EXPECT_EQ(spki_with(point), "accepted");
  Bytes off = point;
  off.back() ^= 1;
  EXPECT_EQ(spki_with(off), "malformed: public key: not a point of P-256");
  Bytes hybrid = point;
  hybrid[0] = static_cast<Byte>(0x06 | (point.back() & 1));
  EXPECT_EQ(spki_with(hybrid),
            "malformed: SubjectPublicKeyInfo: public key: not an uncompressed point of P-256");
  Bytes compressed(point.begin(), point.begin() + 33);
  compressed[0] = static_cast<Byte>(0x02 | (point.back() & 1));
  EXPECT_EQ(spki_with(compressed),
            "malformed: SubjectPublicKeyInfo: public key: not an uncompressed point of P-256");
  EXPECT_EQ(spki_with({0x00}),
            "malformed: SubjectPublicKeyInfo: public key: not an uncompressed point of P-256");
}

TEST(Key, BoundsRsaModulusAndExponent) {
  const auto with = [](std::size_t bits, const Bytes& exponent) {
    Bytes modulus(bits / 8, 0xff);
    return refusal(PublicKey::from_rsa(modulus, exponent));
  };
  const Bytes f4 = {1, 0, 1};
  EXPECT_EQ(with(2048, f4), "accepted");
  EXPECT_EQ(with(4096, f4), "accepted");
  for (const std::size_t bits : {2040U, 4104U, 8192U, 16384U}) {
    EXPECT_EQ(with(bits, f4), "malformed: public key: RSA of " + std::to_string(bits) +
                                  " bits; accepted are 2048 to 4096");
  }
  EXPECT_EQ(with(2048, {3}), "accepted");
  EXPECT_EQ(with(4096, {0xff, 0xff, 0xff, 0xff}), "accepted");
  for (const Bytes& wrong :
       {Bytes{}, Bytes{0}, Bytes{1}, Bytes{2}, Bytes{1, 0, 0}, Bytes{1, 0, 0, 0, 1}}) {
    EXPECT_EQ(with(2048, wrong),
              "malformed: public key: RSA exponent is even, below 3 or of 2^32 and more");
  }
  Bytes even(256, 0xff);
  even.back() = 0xfe;
  EXPECT_EQ(refusal(PublicKey::from_rsa(even, f4)), "malformed: public key: RSA modulus is even");
}

// The reader of the encoding refuses: it knows no libcrypto, so nothing was computed by then.
TEST(Spki, RefusesOddRsaKeysAsItReadsThem) {
  const auto read = [](std::size_t bits, const Bytes& exponent) {
    const Bytes der = write_spki({KeyKind::rsa, Bytes(bits / 8, 0xff), exponent, {}});
    const auto parts = parse_spki(der);
    return parts ? std::string("accepted") : parts.error().message;
  };
  EXPECT_EQ(read(4096, {1, 0, 1}), "accepted");
  EXPECT_EQ(read(4096, {0xff, 0xff, 0xff, 0xff}), "accepted");
  EXPECT_EQ(read(16384, {1, 0, 1}), "public key: RSA of 16384 bits; accepted are 2048 to 4096");
  EXPECT_EQ(read(400'000, {1, 0, 1}), "public key: RSA of 400000 bits; accepted are 2048 to 4096");
  for (const Bytes& exponent : {Bytes{1}, Bytes{2}, Bytes{1, 0, 0}, Bytes{1, 0, 0, 0, 1}}) {
    EXPECT_EQ(read(2048, exponent),
              "public key: RSA exponent is even, below 3 or of 2^32 and more");
  }
}

// RFC 5480 2.1.1: explicit parameters must not be used; with them the curve would be the sender's.
TEST(Spki, RefusesACurveOfTheSendersOwn) {
  const PrivateKey key = made(KeyKind::ec_p256);
  const Bytes point = key.public_key().ec_point();
  const auto spki_of = [&](ByteView curve) {
    Bytes bits = {0};
    append(bits, point);
    return der_element(
        0x30, {der_element(0x30, {der_element(0x06, {kOidEc}), curve}), der_element(0x03, {bits})});
  };
  EXPECT_EQ(refusal(PublicKey::from_spki(spki_of(der_element(0x06, {kOidP256})))), "accepted");
  const Byte one[] = {1};
  const Bytes explicit_curve = der_element(0x30, {der_element(0x02, {one})});
  EXPECT_EQ(refusal(PublicKey::from_spki(spki_of(explicit_curve))),
            "malformed: SubjectPublicKeyInfo: DER: tag 06 wanted, 30 found");
  const Bytes implicit_curve = der_element(0x05, {});
  EXPECT_EQ(refusal(PublicKey::from_spki(spki_of(implicit_curve))),
            "malformed: SubjectPublicKeyInfo: DER: tag 06 wanted, 05 found");
  const Byte secp256k1[] = {0x2b, 0x81, 0x04, 0x00, 0x0a};
  EXPECT_EQ(refusal(PublicKey::from_spki(spki_of(der_element(0x06, {secp256k1})))),
            "malformed: SubjectPublicKeyInfo: public key: curve is none of P-256, P-384, P-521");
}

TEST(Key, RefusesOtherAlgorithmsAndParameters) {
  // The first arc pair of rsaEncryption changed, and its NULL dropped.
  Bytes spki = rsa_2048().public_key().spki();
  const Bytes null = {0x05, 0x00};
  const auto at = std::search(spki.begin(), spki.end(), null.begin(), null.end());
  ASSERT_NE(at, spki.end());
  Bytes no_null = spki;
  *(no_null.begin() + (at - spki.begin())) = 0x04;
  EXPECT_EQ(refusal(PublicKey::from_spki(no_null)),
            "malformed: SubjectPublicKeyInfo: DER: tag 05 wanted, 04 found");
  Bytes other = spki;
  *(other.begin() + (at - spki.begin()) - 1) = 0x0a;  // id-RSASSA-PSS
  EXPECT_EQ(refusal(PublicKey::from_spki(other)),
            "malformed: SubjectPublicKeyInfo: public key: algorithm is none of RSA, EC, Ed25519, "
            "X25519");
}

TEST(Key, PrivateFormsAreReadBack) {
  for (const KeyKind kind : kAllKinds) {
    const PrivateKey key = made(kind);
    const SecretBytes der = key.pkcs8();
    const auto from_der = PrivateKey::from_pkcs8(der.reveal());
    ASSERT_TRUE(from_der.has_value()) << from_der.error().message;
    EXPECT_EQ(from_der->public_key(), key.public_key());
    EXPECT_TRUE(same(from_der->pkcs8().reveal(), der.reveal()));
    const SecretBytes pem = key.pem();
    EXPECT_EQ(as_text(pem.reveal()), codec::pem::encode("PRIVATE KEY", der.reveal()));
    const auto from_pem = PrivateKey::from_pem(as_text(pem.reveal()));
    ASSERT_TRUE(from_pem.has_value()) << from_pem.error().message;
    EXPECT_EQ(from_pem->public_key(), key.public_key());
  }
}

TEST(Key, RefusesEveryTruncationOfAPrivateKey) {
  for (const KeyKind kind : {KeyKind::rsa, KeyKind::ec_p384, KeyKind::ed25519}) {
    const SecretBytes der = made(kind).pkcs8();
    for (std::size_t size = 0; size < der.size(); ++size) {
      EXPECT_FALSE(PrivateKey::from_pkcs8(der.reveal().first(size)).has_value()) << size;
    }
  }
}

TEST(Key, RefusesAPrivateKeyWithTheOtherHalfOfAnother) {
  const SecretBytes one = made(KeyKind::ec_p256).pkcs8(), two = made(KeyKind::ec_p256).pkcs8();
  Bytes mixed = to_bytes(one.reveal().first(one.size() - 65));
  append(mixed, two.reveal().last(65));
  EXPECT_EQ(refusal(PrivateKey::from_pkcs8(mixed)),
            "malformed: private key: the public half in it is another key's");
  Bytes rsa = to_bytes(rsa_2048().pkcs8().reveal());
  const Bytes modulus = rsa_2048().public_key().rsa_modulus();
  const auto at = std::search(rsa.begin(), rsa.end(), modulus.begin(), modulus.end());
  ASSERT_NE(at, rsa.end());
  at[255] ^= 2;  // still odd
  EXPECT_EQ(refusal(PrivateKey::from_pkcs8(rsa)),
            "malformed: private key: the numbers of the RSA key do not belong together");
}

TEST(Key, RefusesPemThatIsNoSinglePrivateKey) {
  const SecretBytes pem = made(KeyKind::ec_p256).pem();
  const std::string text(as_text(pem.reveal()));
  EXPECT_EQ(refusal(PrivateKey::from_pem("")), "malformed: private key: not PEM");
  EXPECT_EQ(refusal(PrivateKey::from_pem("x" + text)), "malformed: private key: not PEM");
  EXPECT_EQ(refusal(PrivateKey::from_pem(text + text)),
            "malformed: private key: more than one PEM block");
  EXPECT_EQ(refusal(PrivateKey::from_pem(made(KeyKind::ec_p256).public_key().pem())),
            "malformed: private key: the PEM block is no unencrypted private key");
  EXPECT_EQ(refusal(PrivateKey::from_pem(std::string(70'000, 'A'))),
            "malformed: private key: not PEM");
}

TEST(Key, GeneratesRsaOfAcceptedSizesOnly) {
  EXPECT_EQ(refusal(PrivateKey::generate(KeyKind::rsa, 1024)),
            "malformed: private key: RSA has 2048 to 4096 bits");
  EXPECT_EQ(refusal(PrivateKey::generate(KeyKind::rsa, 16384)),
            "malformed: private key: RSA has 2048 to 4096 bits");
}

TEST(Oaep, OpensWhatWasWrappedUpToItsLimit) {
  const PublicKey& key = rsa_2048().public_key();
  for (const std::size_t size : {0U, 1U, 101U, 190U}) {
    const Bytes plaintext(size, 0x5a);
    const auto wrapped = key.oaep_encrypt(plaintext);
    ASSERT_TRUE(wrapped.has_value()) << wrapped.error().message;
    EXPECT_EQ(wrapped->size(), 256U);
    const auto opened = rsa_2048().oaep_decrypt(*wrapped);
    ASSERT_TRUE(opened.has_value());
    EXPECT_EQ(to_bytes(opened->reveal()), plaintext);
  }
  EXPECT_EQ(refusal(key.oaep_encrypt(Bytes(191))),
            "malformed: RSA-OAEP: a key of 2048 bits wraps at most 190 bytes, not 191");
}

TEST(Oaep, RefusesAChangedCiphertextAndOtherKeys) {
  auto wrapped = *rsa_2048().public_key().oaep_encrypt(kMessage);
  wrapped.back() ^= 1;
  EXPECT_EQ(refusal(rsa_2048().oaep_decrypt(wrapped)), "denied: RSA-OAEP: decryption failed");
  EXPECT_EQ(refusal(rsa_2048().oaep_decrypt(Bytes(255))), "denied: RSA-OAEP: decryption failed");
  EXPECT_EQ(refusal(made(KeyKind::ec_p256).public_key().oaep_encrypt(kMessage)),
            "malformed: RSA-OAEP: the key is not RSA");
  EXPECT_EQ(refusal(made(KeyKind::ec_p256).oaep_decrypt(wrapped)),
            "malformed: RSA-OAEP: the key is not RSA");
}

}  // namespace
}  // namespace vitrine::crypto
