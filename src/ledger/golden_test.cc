// The bytes that docs/formats/leaf.md and seal.md print. They were made again by another program
// (Python's cbor2, hmac and cryptography) before they were written here. If one of these fails, the
// format has changed and old ledgers no longer open.
#include "ledger/golden_for_testing.h"

#include <gtest/gtest.h>

#include "base/hex.h"

namespace vitrine::ledger {

TEST(Golden, Seal) {
  EXPECT_EQ(
      to_hex(golden::sealed_part().stored),
      "404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5fd2f2398c8cba8d37ec3cc475"
      "46d2c14b06a5d118325918fb9fc0c27afa2c177c510bd168dd0028a2697f5f3bba8fac815507e51e4209d5b0"
      "0e38e67e87d1e1a4ff1b26e702190d695756fa2b357537b1");
}
TEST(Golden, SealCommitment) {
  const auto sealed = golden::sealed_part();
  EXPECT_EQ(sealed.commitment.secret_version, 1U);
  EXPECT_EQ(sealed.commitment.length, 112U);
  EXPECT_EQ(to_hex(sealed.commitment.sha256),
            "2eed45ebe284e708a8b414280b00412f7d8186aaae96142e2f2ba5f8ea8f95f6");
}
TEST(Golden, CommitEvidence) {
  EXPECT_EQ(golden::evidence(),
            "ce:2.14:7d904c5419ccd1af1d6524a0a7d9ac7f8611e005d9588d49f257b21049dacc86");
}
TEST(Golden, BatchTag) {
  EXPECT_EQ(to_hex(batch_tag(golden::counting<32>(0x00), golden::kService, golden::batch())),
            "c9fa0b8a5f2ab88a7fa50fa638ffe13eedf4c488a2b0e7146ff6ace302404374");
}
TEST(Golden, CallerHash) {
  EXPECT_EQ(to_hex(caller_hash(golden::counting<32>(0x00), golden::kService, "jwt:demo")),
            "07fd6240dfec87ab0afdebbbce43d113a1471a58a7fcb44c72b744df386ef23b");
}
TEST(Golden, Leaf) {
  EXPECT_EQ(
      to_hex(encode(golden::leaf())),
      "aa01010282020e031b000001a20db69800040605a6011820025820606162636465666768696a6b6c6d6e6f70"
      "7172737475767778797a7b7c7d7e7f030104756b69642d6f662d746869732d6578616d706c655f31050b061b"
      "000001a20db69800068301187058202eed45ebe284e708a8b414280b00412f7d8186aaae96142e2f2ba5f8ea"
      "8f95f6075820909192939495969798999a9b9c9d9e9fa0a1a2a3a4a5a6a7a8a9aaabacadaeaf08582045b8d7"
      "63c2973c0cd31d607cd9f860eef8675f1b5402d9a640f5e393652f4ae209830d5820a0a1a2a3a4a5a6a7a8a9"
      "aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebf5820b0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3"
      "c4c5c6c7c8c9cacbcccdcecf0a820c5820c0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9da"
      "dbdcdddedf");
}
TEST(Golden, LeafHashes) {
  const auto leaf = golden::leaf();
  const auto bytes = encode(leaf);
  EXPECT_EQ(to_hex(rfc9162_leaf_hash(bytes)),
            "914395aeea1dcc7c9566fa01bcf73e4f5fb5dbbc5f3cbc6e3648697a6660c3cc");
  EXPECT_EQ(to_hex(ccf_leaf_hash(bytes, leaf)),
            "7d36237612843da1e010ba50fa022bd045beb8ceda25aa0468a894f5ad0cbc8c");
}

}  // namespace vitrine::ledger
