#include "base/hex.h"

#include <gtest/gtest.h>

namespace vitrine {
namespace {

TEST(Hex, WritesLowerCase) {
  EXPECT_EQ(to_hex(Bytes{0x00, 0x09, 0xaf, 0xff}), "0009afff");
  EXPECT_EQ(to_hex({}), "");
}

TEST(Hex, ReadsEitherCase) {
  EXPECT_EQ(from_hex("0009aFFf").value(), (Bytes{0x00, 0x09, 0xaf, 0xff}));
  EXPECT_EQ(from_hex("").value(), Bytes{});
}

TEST(Hex, RefusesAnOddNumberOfDigits) {
  EXPECT_EQ(from_hex("abc").error().message, "hex: odd number of digits: 3");
}

TEST(Hex, RefusesWhatIsNotADigitAndSaysWhere) {
  EXPECT_EQ(from_hex("ab0g").error().message, "hex: not a hexadecimal digit at offset 3");
  EXPECT_EQ(from_hex("ab-1").error().message, "hex: not a hexadecimal digit at offset 2");
  for (const char c : {'/', ':', '@', 'G', '`', 'g', '\0', '\xff'}) {
    EXPECT_FALSE(from_hex(std::string("0") + c)) << static_cast<int>(c);
  }
}

TEST(Hex, ReadsADigestOfExactly64Digits) {
  const std::string text(64, 'a');
  EXPECT_EQ(digest_from_hex(text).value().bytes[31], 0xaa);
  EXPECT_EQ(digest_from_hex(text.substr(2)).error().message,
            "hex: a digest has 64 digits, this has 62");
  EXPECT_FALSE(digest_from_hex(text + "aa"));
  EXPECT_FALSE(digest_from_hex("zz" + text.substr(2)));
}

}  // namespace
}  // namespace vitrine
