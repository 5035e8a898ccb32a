#include "crypto/shamir.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "base/hex.h"
#if __has_include(<valgrind/memcheck.h>)
#include <valgrind/memcheck.h>
#else
#define VALGRIND_MAKE_MEM_UNDEFINED(address, size) static_cast<void>(address)
#define VALGRIND_MAKE_MEM_DEFINED(address, size) static_cast<void>(address)
#endif

namespace vitrine::crypto {
namespace {

constexpr std::size_t kSecretBytes = 32;

SecretBytes secret_for_testing() {
  SecretBytes secret(kSecretBytes);
  for (std::size_t i = 0; i < kSecretBytes; ++i)
    secret.reveal_writable()[i] = static_cast<Byte>(i * 7 + 1);
  return secret;
}

Share copy_of(const Share& share) { return {share.index, share.value.clone()}; }

std::vector<Share> some_of(const std::vector<Share>& shares,
                           std::initializer_list<unsigned> which) {
  std::vector<Share> out;
  for (const unsigned i : which) out.push_back(copy_of(shares[i]));
  return out;
}

TEST(Shamir, MultipliesAsTheStandardsExamplesSay) {
  EXPECT_EQ(gf256_multiply(0x57, 0x83), 0xc1);  // FIPS 197 4.2
  EXPECT_EQ(gf256_multiply(0x57, 0x13), 0xfe);  // FIPS 197 4.2.1
  for (unsigned a = 0; a < 256; ++a) {
    EXPECT_EQ(gf256_multiply(static_cast<Byte>(a), 0), 0);
    EXPECT_EQ(gf256_multiply(1, static_cast<Byte>(a)), a);
    const Byte inverse = gf256_inverse(static_cast<Byte>(a));
    EXPECT_EQ(gf256_multiply(static_cast<Byte>(a), inverse), a == 0 ? 0 : 1) << a;
  }
}

TEST(Shamir, GivesTheSecretBackForEveryEnoughSharesInAnyOrder) {
  SystemRandom random;
  const SecretBytes secret = secret_for_testing();
  const auto shares = split(secret.reveal(), 3, 5, random).value();
  for (unsigned a = 0; a < 5; ++a) {
    for (unsigned b = 0; b < 5; ++b) {
      for (unsigned c = 0; c < 5; ++c) {
        if (a == b || b == c || a == c) continue;
        const auto combined = combine(some_of(shares, {a, b, c}));
        ASSERT_TRUE(combined);
        EXPECT_TRUE(same(combined->reveal(), secret.reveal()));
      }
    }
  }
  EXPECT_TRUE(same(combine(some_of(shares, {0, 1, 2, 3, 4}))->reveal(), secret.reveal()));
}

TEST(Shamir, GivesAnotherValueForTooFewSharesOrAWrongOne) {
  SystemRandom random;
  const SecretBytes secret = secret_for_testing();
  auto shares = split(secret.reveal(), 3, 5, random).value();
  EXPECT_FALSE(same(combine(some_of(shares, {0, 1}))->reveal(), secret.reveal()));
  shares[1].value.reveal_writable()[7] ^= 1;
  const auto wrong = combine(some_of(shares, {0, 1, 2}));
  EXPECT_FALSE(same(wrong->reveal(), secret.reveal()));
  EXPECT_TRUE(same(wrong->reveal().first(7), secret.reveal().first(7))) << "bytes stand alone";
}

TEST(Shamir, OneShareOfOneIsTheSecret) {
  SystemRandom random;
  const SecretBytes secret = secret_for_testing();
  const auto shares = split(secret.reveal(), 1, 1, random).value();
  EXPECT_TRUE(same(shares.front().value.reveal(), secret.reveal()));
  EXPECT_TRUE(same(combine(shares)->reveal(), secret.reveal()));
}

TEST(Shamir, DealsTheMostSharesThereCanBe) {
  SystemRandom random;
  const SecretBytes secret = secret_for_testing();
  const auto shares = split(secret.reveal(), kSharesMax, kSharesMax, random).value();
  std::set<Bytes> values;
  for (const Share& share : shares) values.insert(to_bytes(share.value.reveal()));
  EXPECT_EQ(values.size(), kSharesMax);
  EXPECT_EQ(shares.back().index, 254);
  EXPECT_TRUE(same(combine(shares)->reveal(), secret.reveal()));
}

TEST(Shamir, EachByteOfAShareTakesEveryValueForOneSecret) {
  SystemRandom random;
  const SecretBytes secret(1);  // a zero byte
  std::set<Byte> seen;
  for (unsigned i = 0; i < 20'000 && seen.size() < 256; ++i)
    seen.insert(split(secret.reveal(), 2, 2, random)->front().value.reveal()[0]);
  EXPECT_EQ(seen.size(), 256U);
}

TEST(Shamir, RefusesSplitsThatNobodyCouldCombine) {
  SystemRandom random;
  const SecretBytes secret = secret_for_testing();
  const auto why = [&](unsigned threshold, unsigned count) {
    return split(secret.reveal(), threshold, count, random).error().message;
  };
  EXPECT_EQ(why(0, 3), "shares: a threshold of 0 of 3");
  EXPECT_EQ(why(4, 3), "shares: a threshold of 4 of 3");
  EXPECT_EQ(why(0, 0), "shares: a threshold of 0 of 0");
  EXPECT_EQ(why(2, 255), "shares: at most 254 can be dealt, not 255");
  EXPECT_EQ(split({}, 1, 1, random).error().message, "shares: the secret is empty");
}

TEST(Shamir, RefusesSharesThatAreNoPointsOfOneSplit) {
  SystemRandom random;
  const auto shares = split(secret_for_testing().reveal(), 2, 3, random).value();
  EXPECT_EQ(combine({}).error().message, "shares: none was given");
  EXPECT_EQ(combine(some_of(shares, {1, 1})).error().message, "shares: index 2 was given twice");
  auto changed = some_of(shares, {0, 1});
  changed[0].index = 0;
  EXPECT_EQ(combine(changed).error().message, "shares: an index of 0, which must be from 1 to 254");
  changed[0].index = 255;
  EXPECT_EQ(combine(changed).error().message,
            "shares: an index of 255, which must be from 1 to 254");
  changed[0] = {1, SecretBytes(31)};
  EXPECT_EQ(combine(changed).error().message, "shares: their sizes differ, or one is empty");
  changed[0] = {1, SecretBytes()};
  EXPECT_EQ(combine(changed).error().message, "shares: their sizes differ, or one is empty");
}

// Made by the npm package shamir-secret-sharing 0.0.4, whose field is the same: 3 of 5, the index
// behind the value.
TEST(Shamir, CombinesSharesThatAnotherProgramMade) {
  const char* const made[] = {"a00f75b3d5477baa2ffeef05104feccfe4692688769f8af815ba3d496c93f97dfa",
                              "458bc4a317775e4e30bb7aefb3d7967e79e5f8361753cd8571167abc75d546c447",
                              "ada2463befa74f01ca1b26b8c62f778ddc793ba10ab7c4afca3e13b6b120ba874b",
                              "37ded98110a7a2b29cd27f0175501193153f074fd0a32a8e3cb726c04f0be8b12f",
                              "4adc08d9b0c265ef1e6d9233539814de9aa62fb6ded13bd411fd8d2f868b823e89"};
  std::vector<Share> shares;
  for (const char* const hex : made) {
    const Bytes bytes = from_hex(hex).value();
    shares.push_back({bytes.back(), SecretBytes::copy_of(ByteView(bytes).first(bytes.size() - 1))});
  }
  EXPECT_EQ(to_hex(combine(some_of(shares, {0, 2, 4}))->reveal()),
            "01080f161d242b323940474e555c636a71787f868d949ba2a9b0b7bec5ccd3da");
  EXPECT_EQ(to_hex(combine(some_of(shares, {3, 1, 0}))->reveal()),
            "01080f161d242b323940474e555c636a71787f868d949ba2a9b0b7bec5ccd3da");
}

// Under valgrind, where the secret counts as undefined, a branch on it or an address made of it is
// an error (the ctest crypto/secrets_under_valgrind).
TEST(ShamirUnderValgrind, NeitherBranchesOnTheSecretNorReadsAtPlacesItTells) {
  SystemRandom random;
  SecretBytes secret = secret_for_testing();
  VALGRIND_MAKE_MEM_UNDEFINED(secret.reveal_writable().data(), secret.size());
  const auto shares = split(secret.reveal(), 3, 5, random).value();
  const auto combined = combine(some_of(shares, {4, 0, 2}));
  ASSERT_TRUE(combined);
  SecretBytes opened = combined->clone();
  VALGRIND_MAKE_MEM_DEFINED(opened.reveal_writable().data(), opened.size());
  EXPECT_TRUE(same(opened.reveal(), secret_for_testing().reveal()));
}

}  // namespace
}  // namespace vitrine::crypto
