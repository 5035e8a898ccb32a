// Verification against libcrypto's: the two may never differ.
#include "crypto/p384/ecdsa.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "crypto/diffie_hellman.h"
#include "crypto/key.h"
#include "crypto/openssl/ecdsa_signature.h"
#include "crypto/p384/numbers_for_testing.h"
#include "crypto/p384/scalar.h"

namespace vitrine::crypto::p384 {
namespace {

struct Case {
  Bytes key;  // 04 || x || y
  Bytes digest, signature;
};

// libcrypto's verdict. It takes DER; values that DER of ours cannot carry are refused before it.
bool reference(const Case& c) {
  const auto key = PublicKey::from_ec(KeyKind::ec_p384, ByteView(c.key).subspan(1, 48),
                                      ByteView(c.key).subspan(49));
  EXPECT_TRUE(key.has_value());
  const auto der = openssl::ecdsa_der_from_raw(KeyKind::ec_p384, c.signature);
  return der && key->verify_prehashed(c.digest, *der).has_value();
}

// What both of ours say, which is also libcrypto's word.
bool verdict(const Case& c) {
  const auto point = point_from(c.key);
  EXPECT_TRUE(point.has_value());
  const bool fresh = verify(*point, c.digest, c.signature);
  EXPECT_EQ(fresh, reference(c));
  EXPECT_EQ(fresh, verify(Table(*point, Table::kKeyWindowBits), c.digest, c.signature));
  return fresh;
}

Bytes public_of(const Number& scalar) {
  return *diffie_hellman_public_of(KeyKind::ec_p384, bytes_of(scalar));
}

// A signature by private key d over a digest that is chosen to fit: R = u1 * G + u2 * Q, r = x(R),
// s = r / u2, e = u1 * s. So any pair of scalars can be put into a verification.
Case with_scalars(const Number& d, const Number& u1, const Number& u2) {
  const Number k = add_modulo(u1, product(u2, d), kOrder);
  const Number r = reduce_modulo_order(number_from(ByteView(public_of(k)).subspan(1, 48)));
  const Number s = Reciprocal(u2).times(r);
  return {public_of(d), bytes_of(product(u1, s)), signature_of(r, s)};
}

std::vector<Number> edge_scalars() {
  std::vector<Number> out;
  for (const Limb small : {1, 2, 3, 15, 16, 17, 31, 32, 33, 64, 65}) {
    out.push_back(small_number(small));
    out.push_back(order_minus(small));
  }
  return out;
}

TEST(P384Ecdsa, AgreesOnSignaturesOfEveryDigestAndOnDamagedOnes) {
  SystemRandom random;
  int accepted = 0, refused = 0;
  for (int i = 0; i < 40; ++i) {
    const auto key = *PrivateKey::generate(KeyKind::ec_p384);
    const Table table(*point_from(key.public_key().ec_point()), Table::kKeyWindowBits);
    for (int j = 0; j < 4; ++j) {
      Case c{key.public_key().ec_point(), to_bytes(random_array<48>(random)), {}};
      c.signature = *openssl::ecdsa_raw_from_der(KeyKind::ec_p384, *key.sign_prehashed(c.digest));
      const auto agree = [&](const Case& now) {
        const bool fresh = verify(*point_from(now.key), now.digest, now.signature);
        EXPECT_EQ(fresh, verify(table, now.digest, now.signature));
        EXPECT_EQ(fresh, reference(now));
        (fresh ? accepted : refused) += 1;
      };
      agree(c);
      for (int damage = 0; damage < 6; ++damage) {
        const auto [where, bit] = random_array<2>(random);
        Case changed = c;
        Bytes& bytes = damage < 4 ? changed.signature : changed.digest;
        bytes[where % bytes.size()] ^= static_cast<Byte>(1 << (bit % 8));
        agree(changed);
      }
    }
  }
  EXPECT_EQ(accepted, 40 * 4);
  EXPECT_EQ(refused, 40 * 4 * 6);
}

TEST(P384Ecdsa, AgreesUnderKeysWithAChangedBit) {
  const auto key = *PrivateKey::generate(KeyKind::ec_p384);
  const Bytes digest(48, 7);
  const Bytes signature =
      *openssl::ecdsa_raw_from_der(KeyKind::ec_p384, *key.sign_prehashed(digest));
  for (std::size_t bit = 0; bit < 97 * 8; ++bit) {
    Bytes changed = key.public_key().ec_point();
    changed[bit / 8] ^= static_cast<Byte>(1 << (bit % 8));
    EXPECT_FALSE(point_from(changed).has_value()) << bit;
    EXPECT_FALSE(PublicKey::from_ec(KeyKind::ec_p384, ByteView(changed).subspan(1, 48),
                                    ByteView(changed).subspan(49))
                     .has_value() &&
                 changed[0] == 4);
  }
  // The other point with the same x: the negative key.
  Bytes negative = key.public_key().ec_point();
  const Number y = number_from(ByteView(negative).subspan(49));
  const Bytes minus_y = bytes_of(subtract_modulo({}, y, kPrime));
  std::copy(minus_y.begin(), minus_y.end(), negative.begin() + 49);
  EXPECT_FALSE(verdict({negative, digest, signature}));
}

TEST(P384Ecdsa, AgreesForTinyAndHugeKeysAndScalars) {
  for (const Number& d : {small_number(1), small_number(2), order_minus(1), order_minus(2)}) {
    const auto scalars = edge_scalars();
    for (std::size_t i = 0; i < scalars.size(); ++i) {
      const Number& u1 = scalars[i];
      const Number& u2 = scalars[(i * 7 + 3) % scalars.size()];
      if (is_zero(add_modulo(u1, product(u2, d), kOrder))) continue;
      Case c = with_scalars(d, u1, u2);
      EXPECT_TRUE(verdict(c));
      c.digest[47] ^= 1;
      EXPECT_FALSE(verdict(c));
    }
  }
}

TEST(P384Ecdsa, DoublesWhereBothTermsAreTheSamePoint) {
  // u1 * G = u2 * Q.
  for (const Number& d : {small_number(1), small_number(9), order_minus(1), random_scalar()}) {
    const Number u2 = random_scalar();
    EXPECT_TRUE(verdict(with_scalars(d, product(u2, d), u2)));
  }
}

TEST(P384Ecdsa, RefusesWhereTheTermsCancel) {
  // u1 * G = -u2 * Q: the sum is infinity, which has no x.
  for (const Number& d : {small_number(1), small_number(9), order_minus(1), random_scalar()}) {
    for (const Number& r : {small_number(1), random_scalar()}) {
      for (const Number& s : {small_number(1), random_scalar()}) {
        const Number e = subtract_modulo({}, product(r, d), kOrder);
        EXPECT_FALSE(verdict({public_of(d), bytes_of(e), signature_of(r, s)}));
      }
    }
  }
}

TEST(P384Ecdsa, TakesTheGeneratorAwayWhereTheDigestIsZero) {
  const Number d = random_scalar();
  const Case c = with_scalars(d, {}, random_scalar());
  EXPECT_TRUE(all_zero(c.digest));
  EXPECT_TRUE(verdict(c));
  EXPECT_TRUE(verdict({c.key, bytes_of(kOrder), c.signature}));  // the same modulo n
  EXPECT_TRUE(verdict({c.key, {}, c.signature}));
}

TEST(P384Ecdsa, AcceptsAnXThatIsAboveTheOrder) {
  // R with x = n + t for a small t, which signers meet once in 2^190: r is t. The key that makes it
  // so is Q = (s * R - e * G) / r.
  int found = 0;
  for (Limb t = 1; found < 4; ++t) {
    Number x{};
    add(x, kOrder, small_number(t));
    const auto point = point_with_x(to_field(x));
    if (!point) continue;
    ++found;
    const Number r = small_number(t), s = random_scalar(), e = random_scalar();
    const Reciprocal one_over_r(r);
    const Number minus_e = subtract_modulo({}, e, kOrder);
    const Affine q = affine_of(generator_table().add_multiple(multiply(*point, one_over_r.times(s)),
                                                              one_over_r.times(minus_e)));
    Case c{bytes_of(q), bytes_of(e), signature_of(r, s)};
    EXPECT_TRUE(verdict(c));
    c.signature = signature_of(small_number(t + 1), s);
    EXPECT_FALSE(verdict(c));
  }
}

TEST(P384Ecdsa, AcceptsTheNegativeOfSAsLibcryptoDoesAndNotThatOfR) {
  const Case c = with_scalars(random_scalar(), random_scalar(), random_scalar());
  const Number r = number_from(ByteView(c.signature).first(48));
  const Number s = number_from(ByteView(c.signature).last(48));
  EXPECT_TRUE(verdict({c.key, c.digest, signature_of(r, subtract_modulo({}, s, kOrder))}));
  EXPECT_FALSE(verdict({c.key, c.digest, signature_of(subtract_modulo({}, r, kOrder), s)}));
}

TEST(P384Ecdsa, RefusesRAndSOutOfRange) {
  const Case c = with_scalars(random_scalar(), random_scalar(), random_scalar());
  const Number r = number_from(ByteView(c.signature).first(48));
  const Number s = number_from(ByteView(c.signature).last(48));
  Number all{};
  subtract(all, {}, small_number(1));
  for (const Number& bad : {Number{}, kOrder, kPrime, all}) {
    EXPECT_FALSE(is_in_range(signature_of(bad, s)));
    EXPECT_FALSE(is_in_range(signature_of(r, bad)));
    EXPECT_FALSE(verdict({c.key, c.digest, signature_of(bad, s)}));
    EXPECT_FALSE(verdict({c.key, c.digest, signature_of(r, bad)}));
  }
  EXPECT_TRUE(is_in_range(c.signature));
}

TEST(P384Ecdsa, TakesTheFirst384BitsOfALongerDigest) {
  Case c = with_scalars(random_scalar(), random_scalar(), random_scalar());
  append(c.digest, Bytes(16, 0xaa));
  EXPECT_TRUE(verdict(c));
  c.digest.insert(c.digest.begin(), 0);
  EXPECT_FALSE(verdict(c));
}

TEST(P384Ecdsa, TakesAShorterDigestAsANumber) {
  const auto key = *PrivateKey::generate(KeyKind::ec_p384);
  for (const std::size_t size : {1, 20, 32, 47}) {
    Case c{key.public_key().ec_point(), Bytes(size, 0x80), {}};
    c.signature = *openssl::ecdsa_raw_from_der(KeyKind::ec_p384, *key.sign_prehashed(c.digest));
    EXPECT_TRUE(verdict(c));
    c.digest.push_back(0);
    EXPECT_FALSE(verdict(c));
  }
}

}  // namespace
}  // namespace vitrine::crypto::p384
