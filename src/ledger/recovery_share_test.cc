#include "ledger/recovery_share.h"

#include <gtest/gtest.h>

#include <numeric>

#include "base/hex.h"

namespace vitrine::ledger {
namespace {

// The example of docs/formats/recovery.md.
RecoveryShare example() {
  RecoveryShare share;
  std::iota(share.service.begin(), share.service.end(), Byte{0x20});
  share.share.index = 7;
  share.share.value = SecretBytes(32);
  const auto value = share.share.value.reveal_writable();
  std::iota(value.begin(), value.end(), Byte{0});
  return share;
}

Bytes example_bytes() { return to_bytes(encode(example()).reveal()); }

std::string refusal_of(const Bytes& bytes) {
  const auto share = decode_recovery_share(bytes);
  return share ? "accepted" : share.error().message;
}

TEST(RecoveryShare, HasTheBytesOfTheFormat) {
  EXPECT_EQ(to_hex(example_bytes()),
            "0107202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f"
            "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
}

TEST(RecoveryShare, ReadsWhatItWrote) {
  const auto share = decode_recovery_share(example_bytes());
  ASSERT_TRUE(share) << share.error().message;
  EXPECT_EQ(share->service, example().service);
  EXPECT_EQ(share->share.index, 7);
  EXPECT_TRUE(equal_in_constant_time(share->share.value.reveal(), example().share.value.reveal()));
}

TEST(RecoveryShare, RefusesOtherSizesVersionsAndIndices) {
  Bytes bytes = example_bytes();
  bytes.push_back(0);
  EXPECT_EQ(refusal_of(bytes), "recovery share: 67 bytes, not 66");
  bytes.resize(65);
  EXPECT_EQ(refusal_of(bytes), "recovery share: 65 bytes, not 66");
  EXPECT_EQ(refusal_of({}), "recovery share: 0 bytes, not 66");

  bytes = example_bytes();
  bytes[0] = 2;
  EXPECT_EQ(refusal_of(bytes), "recovery share: its format is not known to this version");
  for (const Byte index : {Byte{0}, Byte{255}}) {
    bytes = example_bytes();
    bytes[1] = index;
    EXPECT_EQ(refusal_of(bytes), "recovery share: its index is not one from 1 to 254");
  }
  for (const Byte index : {Byte{1}, Byte{254}}) {
    bytes = example_bytes();
    bytes[1] = index;
    EXPECT_EQ(refusal_of(bytes), "accepted");
  }
}

TEST(DealContext, IsTheThresholdAndEachDigestInOrder) {
  SharesDealt deal;
  deal.threshold = 2;
  deal.shares.resize(2);
  deal.shares[0].digest.bytes.fill(0xaa);
  deal.shares[1].digest.bytes.fill(0xbb);
  std::string expected = "8202825820";
  for (int i = 0; i < 32; ++i) expected += "aa";
  expected += "5820";
  for (int i = 0; i < 32; ++i) expected += "bb";
  EXPECT_EQ(to_hex(deal_context(deal)), expected);
}

}  // namespace
}  // namespace vitrine::ledger
