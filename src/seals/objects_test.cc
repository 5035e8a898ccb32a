#include "seals/objects.h"

#include <gtest/gtest.h>

#include "base/hex.h"

namespace vitrine::seals {
namespace {

const Tpm2Object kTpm2{{4, 7, 11}, {0, 11, 1, 2}, {1, 2, 3}, {4, 5}};
const SnpObject kSnp{0x39, 0, 2, 0xdb18000000000004};

// The bytes are those of docs/formats/seal-objects.md.
TEST(SealObjects, HaveTheBytesOfTheirPage) {
  EXPECT_EQ(to_hex(encode(kTpm2)),
            "8501830407"
            "0b"
            "44000b0102"
            "43010203"
            "420405");
  EXPECT_EQ(to_hex(encode(kSnp)), "8501183900021bdb18000000000004");
  Pkcs11Object token;
  token.key_id.fill(0xaa);
  token.iv.fill(0xbb);
  token.ciphertext = {1, 2, 3};
  EXPECT_EQ(to_hex(encode(token)),
            "840150" + std::string(32, 'a') + "4c" + std::string(24, 'b') + "43010203");
}

TEST(SealObjects, AreReadAsTheyWereWritten) {
  const Bytes tpm2 = encode(kTpm2);
  const auto read = read_tpm2_object(tpm2);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(encode(*read), tpm2);
  const Bytes snp = encode(kSnp);
  ASSERT_TRUE(read_snp_object(snp));
  EXPECT_EQ(encode(*read_snp_object(snp)), snp);
}

TEST(SealObjects, AreRefusedWhenCutOrOfAnotherKind) {
  const Bytes tpm2 = encode(kTpm2);
  for (std::size_t size = 0; size < tpm2.size(); ++size)
    EXPECT_FALSE(read_tpm2_object(ByteView(tpm2).first(size))) << size;
  EXPECT_FALSE(read_pkcs11_object(tpm2));
  EXPECT_FALSE(read_snp_object(tpm2));
  EXPECT_FALSE(read_tpm2_object(encode(kSnp)));
}

TEST(SealObjects, NamePcrsThatRiseAndExist) {
  const auto outcome = [](std::vector<std::uint8_t> pcrs) {
    auto object = kTpm2;
    object.pcrs = std::move(pcrs);
    const auto read = read_tpm2_object(encode(object));
    return read ? std::string("read") : read.error().message;
  };
  EXPECT_EQ(outcome({0, 23}), "read");
  EXPECT_EQ(outcome({}), "seal object of kind \"tpm2\": no PCR is named");
  EXPECT_EQ(outcome({7, 7}), "seal object of kind \"tpm2\": PCRs must rise, each once");
  EXPECT_EQ(outcome({11, 7}), "seal object of kind \"tpm2\": PCRs must rise, each once");
  EXPECT_EQ(outcome({24}), "seal object of kind \"tpm2\": PCRs are 0 to 23");
}

TEST(SealObjects, HaveNoPartThatIsEmptyOrTooLong) {
  auto object = kTpm2;
  object.private_area.clear();
  EXPECT_FALSE(read_tpm2_object(encode(object)));
  object.private_area.assign(2049, 1);
  EXPECT_FALSE(read_tpm2_object(encode(object)));
  object.private_area.resize(2048);
  EXPECT_TRUE(read_tpm2_object(encode(object)));
}

}  // namespace
}  // namespace vitrine::seals
