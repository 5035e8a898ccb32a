#include <gtest/gtest.h>

#include <limits>

#include "base/hex.h"
#include "crypto/hpke_context.h"

namespace vitrine::crypto::hpke {
namespace {

constexpr Suite kSuites[] = {
    kKmsSuite,
    {Kem::p256_sha256, Kdf::hkdf_sha256, AeadId::aes128_gcm},
    {Kem::p384_sha384, Kdf::hkdf_sha384, AeadId::aes256_gcm},
    {Kem::x25519_sha256, Kdf::hkdf_sha384, AeadId::chacha20_poly1305},
};

TEST(Kem, DecapGivesWhatEncapGave) {
  for (const Kem kem : {Kem::p256_sha256, Kem::p384_sha384, Kem::x25519_sha256}) {
    const auto pair = kem_generate(kem);
    ASSERT_TRUE(pair.has_value());
    const KemSizes sizes = kem_sizes(kem);
    EXPECT_EQ(pair->public_key.size(), sizes.public_key);
    EXPECT_EQ(pair->private_key.size(), sizes.private_key);
    EXPECT_EQ(*kem_public_of(kem, pair->private_key.reveal()), pair->public_key);
    const auto sent = kem_encap(kem, pair->public_key);
    ASSERT_TRUE(sent.has_value());
    EXPECT_EQ(sent->enc.size(), sizes.enc);
    EXPECT_EQ(sent->shared_secret.size(), sizes.secret);
    const auto got = kem_decap(kem, sent->enc, pair->private_key.reveal(), pair->public_key);
    ASSERT_TRUE(got.has_value());
    EXPECT_TRUE(equal_in_constant_time(got->reveal(), sent->shared_secret.reveal()));
    EXPECT_NE(kem_encap(kem, pair->public_key)->enc, sent->enc);
  }
}

// RFC 9180 7.1.3: the first candidate is refused once in 2^32, so the test of one stands alone.
TEST(Kem, CandidateScalarsAreFromOneBelowTheOrder) {
  const struct {
    Kem kem;
    const char* order;
  } rows[] = {
      {Kem::p256_sha256, "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"},
      {Kem::p384_sha384,
       "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc"
       "52973"}};
  for (const auto& row : rows) {
    const Bytes order = *from_hex(row.order);
    Bytes below = order, above = order, one(order.size()), zero(order.size());
    --below.back();
    ++above.back();
    one.back() = 1;
    EXPECT_TRUE(kem_accepts_scalar(row.kem, below));
    EXPECT_TRUE(kem_accepts_scalar(row.kem, one));
    EXPECT_FALSE(kem_accepts_scalar(row.kem, order));
    EXPECT_FALSE(kem_accepts_scalar(row.kem, above));
    EXPECT_FALSE(kem_accepts_scalar(row.kem, Bytes(order.size(), 0xff)));
    EXPECT_FALSE(kem_accepts_scalar(row.kem, zero));
    EXPECT_FALSE(kem_accepts_scalar(row.kem, ByteView(below).subspan(1)));
  }
}

TEST(Kem, RefusesIdsAndInputsItDoesNotKnow) {
  EXPECT_EQ(kem_from_id(0x0012).error().message, "KEM 18 is not supported");
  EXPECT_EQ(kem_from_id(0x0020), Kem::x25519_sha256);
  EXPECT_EQ(kem_derive_key_pair(Kem::p384_sha384, Bytes(47)).error().message,
            "KEM: input of 47 bytes is too short for a key");
  EXPECT_TRUE(kem_derive_key_pair(Kem::p384_sha384, Bytes(48)).has_value());
  EXPECT_EQ(kem_encap(Kem::p256_sha256, Bytes(65)).error().message,
            "public key: not a point of P-256");
  EXPECT_EQ(kem_encap(Kem::x25519_sha256, Bytes(32)).error().code, Code::denied);
  EXPECT_EQ(kem_encap(Kem::x25519_sha256, Bytes(31)).error().code, Code::malformed);
}

TEST(Hpke, OpensMessagesInTheOrderTheyWereSealed) {
  for (const Suite& suite : kSuites) {
    const auto pair = *kem_generate(suite.kem);
    auto sender = *setup_s(suite, pair.public_key, as_bytes("info"));
    auto receiver =
        *setup_r(suite, sender.enc, pair.private_key.reveal(), pair.public_key, as_bytes("info"));
    const Bytes first = *sender.context.seal(as_bytes("aad"), as_bytes("one"));
    const Bytes second = *sender.context.seal({}, as_bytes("two"));
    EXPECT_FALSE(receiver.open({}, second).has_value());
    EXPECT_EQ(as_text(receiver.open(as_bytes("aad"), first)->reveal()), "one");
    EXPECT_EQ(receiver.open(as_bytes("aad"), first).error().message, "decryption failed");
    EXPECT_EQ(as_text(receiver.open({}, second)->reveal()), "two");
  }
}

TEST(Hpke, SingleShotOpensAndRefusesEveryOtherInput) {
  const auto pair = *kem_generate(kKmsSuite.kem), other = *kem_generate(kKmsSuite.kem);
  const auto sealed =
      *seal_base(kKmsSuite, pair.public_key, as_bytes("info"), as_bytes("aad"), as_bytes("text"));
  const auto open = [&](const KemKeyPair& key, std::string_view info, std::string_view aad,
                        ByteView enc) {
    const auto opened = open_base(kKmsSuite, enc, key.private_key.reveal(), key.public_key,
                                  as_bytes(info), as_bytes(aad), sealed.ciphertext);
    return opened ? to_text(opened->reveal()) : opened.error().message;
  };
  EXPECT_EQ(open(pair, "info", "aad", sealed.enc), "text");
  EXPECT_EQ(open(pair, "inf", "aad", sealed.enc), "decryption failed");
  EXPECT_EQ(open(pair, "info", "", sealed.enc), "decryption failed");
  EXPECT_EQ(open(other, "info", "aad", sealed.enc), "decryption failed");
  EXPECT_EQ(open(pair, "info", "aad", Bytes(32)), "decryption failed");
  EXPECT_EQ(open(pair, "info", "aad", ByteView(sealed.enc).first(31)), "decryption failed");
}

TEST(Hpke, ThePskIsPartOfTheKeys) {
  const auto pair = *kem_generate(kKmsSuite.kem);
  const Bytes key(32, 1), other(32, 2);
  const Psk psk{key, as_bytes("id")};
  auto sender = *setup_s(kKmsSuite, pair.public_key, {}, psk);
  const Bytes sealed = *sender.context.seal({}, as_bytes("text"));
  const auto open = [&](const Psk& with) {
    auto receiver =
        setup_r(kKmsSuite, sender.enc, pair.private_key.reveal(), pair.public_key, {}, with);
    return receiver->open({}, sealed).has_value();
  };
  EXPECT_TRUE(open(psk));
  EXPECT_FALSE(open({}));
  EXPECT_FALSE(open({other, as_bytes("id")}));
  EXPECT_FALSE(open({key, as_bytes("other id")}));
}

TEST(Hpke, RefusesHalfAPskAShortOneAndLongInputs) {
  const auto pair = *kem_generate(kKmsSuite.kem);
  const auto refusal = [&](ByteView info, const Psk& psk) {
    const auto setup = setup_s(kKmsSuite, pair.public_key, info, psk);
    return setup ? "accepted" : setup.error().message;
  };
  const Bytes key(32, 1), longest(65'536), too_long(65'537);
  EXPECT_EQ(refusal(longest, {key, as_bytes("id")}), "accepted");
  EXPECT_EQ(refusal({}, {key, {}}), "HPKE: a psk and its id come together");
  EXPECT_EQ(refusal({}, {{}, as_bytes("id")}), "HPKE: a psk and its id come together");
  EXPECT_EQ(refusal({}, {ByteView(key).first(31), as_bytes("id")}),
            "HPKE: the psk is shorter than 32 bytes");
  EXPECT_EQ(refusal(too_long, {}), "HPKE: info, psk and psk id have at most 64 KiB each");
}

TEST(Hpke, ExportsTheSameSecretOnBothSidesAlsoWithoutAnAead) {
  const Suite suite{Kem::x25519_sha256, Kdf::hkdf_sha256, AeadId::export_only};
  const auto pair = *kem_generate(suite.kem);
  auto sender = *setup_s(suite, pair.public_key, {});
  auto receiver = *setup_r(suite, sender.enc, pair.private_key.reveal(), pair.public_key, {});
  const auto sent = sender.context.export_secret(as_bytes("c"), 40);
  EXPECT_TRUE(same(sent->reveal(), receiver.export_secret(as_bytes("c"), 40)->reveal()));
  EXPECT_FALSE(same(sent->reveal(), receiver.export_secret(as_bytes("d"), 40)->reveal()));
  EXPECT_TRUE(sender.context.export_secret({}, 255 * 32).has_value());
  EXPECT_EQ(sender.context.export_secret({}, 255 * 32 + 1).error().message,
            "HPKE: exported secret or its context is too long");
  EXPECT_EQ(sender.context.seal({}, {}).error().message, "HPKE: the suite only exports secrets");
  EXPECT_EQ(receiver.open({}, Bytes(16)).error().message, "HPKE: the suite only exports secrets");
}

TEST(Hpke, StopsAtTheMessageLimit) {
  constexpr auto kLast = std::numeric_limits<std::uint64_t>::max();
  const Bytes shared_secret(32, 3);
  const auto context = [&](std::uint64_t sequence) {
    return Context(kKmsSuite, *key_schedule(kKmsSuite, shared_secret, {}, {}), sequence);
  };
  Context sender = context(kLast - 1), receiver = context(kLast - 1);
  const auto sealed = sender.seal({}, as_bytes("the last"));
  ASSERT_TRUE(sealed.has_value());
  EXPECT_TRUE(receiver.open({}, *sealed).has_value());
  EXPECT_EQ(sender.seal({}, as_bytes("one more")).error().message, "HPKE: message limit reached");
  EXPECT_EQ(receiver.open({}, *sealed).error().message, "HPKE: message limit reached");
}

TEST(Hpke, SuitesAreReadFromTheirIds) {
  const auto suite = suite_from_ids(0x0020, 1, 2);
  ASSERT_TRUE(suite.has_value());
  EXPECT_EQ(suite->aead, AeadId::aes256_gcm);
  EXPECT_TRUE(suite_from_ids(0x0011, 2, 0xffff).has_value());
  EXPECT_EQ(suite_from_ids(0x0021, 1, 2).error().message, "KEM 33 is not supported");
  EXPECT_EQ(suite_from_ids(0x0020, 3, 2).error().message, "KDF 3 is not supported");
  EXPECT_EQ(suite_from_ids(0x0020, 1, 0).error().message, "AEAD 0 is not supported");
  EXPECT_EQ(suite_from_ids(0x0020, 1, 4).error().message, "AEAD 4 is not supported");
}

}  // namespace
}  // namespace vitrine::crypto::hpke
