#include "crypto/p384/verifier.h"

#include <gtest/gtest.h>

#include <thread>

#include "crypto/p384/ecdsa.h"
#include "crypto/p384/numbers_for_testing.h"

namespace vitrine::crypto::p384 {
namespace {

constexpr auto kAlgorithm = SignatureAlgorithm::ecdsa_sha384_raw;
const ByteView kMessage = as_bytes("a report");

struct Signer {
  PrivateKey key = *PrivateKey::generate(KeyKind::ec_p384);
  Bytes signature = *key.sign(kAlgorithm, kMessage);
  const PublicKey& public_key() const { return key.public_key(); }
};

std::string outcome(const Status& status) {
  return status ? "accepted"
                : std::string(name_of(status.error().code)) + ": " + status.error().message;
}

TEST(P384Verifier, SaysWhatPublicKeySaysBeforeAndAfterTheTable) {
  const Signer signer;
  Bytes other = signer.signature, short_one = signer.signature, zero(96), large(96, 0xff);
  other[95] ^= 1;
  short_one.pop_back();
  Verifier verifier;
  for (unsigned i = 0; i < 2 * Verifier::kVerifiedBeforeTable; ++i) {
    for (const Bytes& signature : {signer.signature, other, short_one, zero, large, Bytes()}) {
      EXPECT_EQ(outcome(verifier.verify(signer.public_key(), kMessage, signature)),
                outcome(signer.public_key().verify(kAlgorithm, kMessage, signature)));
    }
    EXPECT_EQ(outcome(verifier.verify(signer.public_key(), as_bytes("another"), signer.signature)),
              "denied: signature does not verify");
  }
}

TEST(P384Verifier, SaysInWordsWhatIsWrong) {
  const Signer signer;
  Verifier verifier;
  EXPECT_EQ(outcome(verifier.verify(signer.public_key(), kMessage, Bytes(95))),
            "malformed: ECDSA signature: 95 bytes where r || s has 96");
  EXPECT_EQ(outcome(verifier.verify(signer.public_key(), kMessage, Bytes(96))),
            "malformed: ECDSA signature: r or s out of range");
  for (const KeyKind kind : {KeyKind::ec_p256, KeyKind::ec_p521, KeyKind::ed25519}) {
    const auto key = *PrivateKey::generate(kind);
    EXPECT_EQ(outcome(verifier.verify(key.public_key(), kMessage, signer.signature)),
              "malformed: signature algorithm does not fit the key");
  }
}

#if VITRINE_P384_FAST  // the reference keeps nothing

TEST(P384Verifier, RemembersKeysByValidSignaturesOnly) {
  const Signer signer;
  Bytes bad = signer.signature;
  bad[50] ^= 1;
  Verifier verifier;
  for (unsigned i = 0; i < 3 * Verifier::kVerifiedBeforeTable; ++i) {
    EXPECT_FALSE(verifier.verify(signer.public_key(), kMessage, bad));
  }
  EXPECT_EQ(verifier.keys_for_testing(), 0U);
  for (unsigned i = 1; i <= Verifier::kVerifiedBeforeTable; ++i) {
    EXPECT_FALSE(verifier.has_table_for_testing(signer.public_key()));
    EXPECT_TRUE(verifier.verify(signer.public_key(), kMessage, signer.signature));
  }
  EXPECT_EQ(verifier.keys_for_testing(), 1U);
  EXPECT_TRUE(verifier.has_table_for_testing(signer.public_key()));
  EXPECT_FALSE(verifier.verify(signer.public_key(), kMessage, bad));
}

TEST(P384Verifier, KeepsTheTablesOfTheKeysUsedLast) {
  Verifier verifier(2);
  const std::vector<Signer> signers(3);
  for (const Signer& signer : signers) {
    for (unsigned i = 0; i < Verifier::kVerifiedBeforeTable; ++i) {
      EXPECT_TRUE(verifier.verify(signer.public_key(), kMessage, signer.signature));
    }
  }
  EXPECT_EQ(verifier.keys_for_testing(), 2U);
  EXPECT_FALSE(verifier.has_table_for_testing(signers[0].public_key()));
  EXPECT_TRUE(verifier.has_table_for_testing(signers[1].public_key()));
  EXPECT_TRUE(verifier.has_table_for_testing(signers[2].public_key()));
}

#endif

TEST(P384Verifier, UsesTheTableOfTheKeyAtHandAndOfNoOther) {
  const Signer one, two;
  Verifier verifier;
  for (unsigned i = 0; i < 2 * Verifier::kVerifiedBeforeTable; ++i) {
    EXPECT_TRUE(verifier.verify(one.public_key(), kMessage, one.signature));
    EXPECT_TRUE(verifier.verify(two.public_key(), kMessage, two.signature));
    EXPECT_FALSE(verifier.verify(one.public_key(), kMessage, two.signature));
    EXPECT_FALSE(verifier.verify(two.public_key(), kMessage, one.signature));
  }
}

TEST(P384Verifier, IsSharedByThreads) {
  Verifier verifier(2);
  const std::vector<Signer> signers(3);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 40; ++i) {
        const Signer& signer = signers[static_cast<std::size_t>(i / 10) % signers.size()];
        EXPECT_TRUE(verifier.verify(signer.public_key(), kMessage, signer.signature));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace vitrine::crypto::p384
