#include "crypto/hash.h"

#include <gtest/gtest.h>

#include "base/hex.h"

namespace vitrine::crypto {
namespace {

std::string hex(const SecretBytes& secret) { return to_hex(secret.reveal()); }
Bytes repeated(Byte value, std::size_t count) { return Bytes(count, value); }

// FIPS 180-4, example messages.
TEST(Hash, DigestsOfAbc) {
  EXPECT_EQ(to_hex(sha256(as_bytes("abc"))),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(to_hex(digest(Hash::sha256, as_bytes("abc"))),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(to_hex(digest(Hash::sha384, as_bytes("abc"))),
            "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
            "8086072ba1e7cc2358baeca134c825a7");
  EXPECT_EQ(to_hex(digest(Hash::sha512, as_bytes("abc"))),
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
            "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
}

TEST(Hash, PartsHashAsTheirConcatenation) {
  EXPECT_EQ(sha256({as_bytes("a"), {}, as_bytes("bc")}), sha256(as_bytes("abc")));
  Sha256 running;
  running.update(as_bytes("ab"));
  running.update(as_bytes("c"));
  EXPECT_EQ(running.finish(), sha256(as_bytes("abc")));
  EXPECT_NE(sha256({as_bytes("a"), as_bytes("b")}), sha256(as_bytes("abc")));
}

TEST(Hash, OfNothing) {
  EXPECT_EQ(to_hex(sha256(ByteView())),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(Sha256().finish(), sha256(ByteView()));
}

// RFC 4231, test cases 2 and 6 (a key longer than a block).
TEST(Hmac, Rfc4231) {
  const ByteView message = as_bytes("what do ya want for nothing?");
  EXPECT_EQ(hex(hmac(Hash::sha256, as_bytes("Jefe"), message)),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(hex(hmac(Hash::sha384, as_bytes("Jefe"), message)),
            "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e"
            "8e2240ca5e69e2c78b3239ecfab21649");
  const Bytes key = repeated(0xaa, 131);
  EXPECT_EQ(to_hex(hmac_sha256(key, as_bytes("Test Using Larger Than Block-Size Key - Hash Key "
                                             "First"))),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(Hmac, PartsAreTheirConcatenation) {
  EXPECT_EQ(hex(hmac_of_parts(Hash::sha256, as_bytes("k"), {as_bytes("a"), as_bytes("b")})),
            hex(hmac(Hash::sha256, as_bytes("k"), as_bytes("ab"))));
  EXPECT_NE(hex(hmac(Hash::sha256, as_bytes("k"), as_bytes("ab"))),
            hex(hmac(Hash::sha256, as_bytes("l"), as_bytes("ab"))));
}

// RFC 5869 A.1 and A.3.
TEST(Hkdf, Rfc5869) {
  const Bytes ikm = repeated(0x0b, 22);
  const Bytes salt = *from_hex("000102030405060708090a0b0c");
  const Bytes info = *from_hex("f0f1f2f3f4f5f6f7f8f9");
  EXPECT_EQ(hex(hkdf_extract(Hash::sha256, salt, ikm)),
            "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5");
  EXPECT_EQ(hex(hkdf(Hash::sha256, salt, ikm, info, 42)),
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
  EXPECT_EQ(hex(hkdf(Hash::sha256, {}, ikm, {}, 42)),
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
}

TEST(Hkdf, AnEmptySaltIsZeroBytesOfHashSize) {
  const Bytes zeros(48);
  EXPECT_EQ(hex(hkdf_extract(Hash::sha384, {}, as_bytes("ikm"))),
            hex(hkdf_extract(Hash::sha384, zeros, as_bytes("ikm"))));
}

TEST(Hkdf, ExpandsToAtMost255Blocks) {
  const Bytes prk(32);
  EXPECT_EQ(hkdf_expand(Hash::sha256, prk, {}, 255 * 32).size(), 255U * 32);
  EXPECT_DEATH(static_cast<void>(hkdf_expand(Hash::sha256, prk, {}, 255 * 32 + 1)),
               "broken invariant");
}

}  // namespace
}  // namespace vitrine::crypto
