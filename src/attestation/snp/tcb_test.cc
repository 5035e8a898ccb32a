#include "attestation/snp/tcb.h"

#include <gtest/gtest.h>

namespace vitrine::attestation::snp {
namespace {

constexpr TcbVersion kCounting = {0x11, 0x22, 0, 0, 0, 0, 0x77, 0x88};

TEST(Tcb, MilanAndGenoaHaveSnpInByteSix) {
  for (const auto product : {Product::milan, Product::genoa}) {
    const auto tcb = components_of(product, kCounting).value();
    EXPECT_EQ(tcb, (TcbComponents{0, 0x11, 0x22, 0x77, 0x88}));
    EXPECT_EQ(version_of(product, tcb), kCounting);
  }
}

TEST(Tcb, TurinBeginsWithItsFmc) {
  const TcbVersion version = {0x11, 0x22, 0x33, 0x44, 0, 0, 0, 0x88};
  const auto tcb = components_of(Product::turin, version).value();
  EXPECT_EQ(tcb, (TcbComponents{0x11, 0x22, 0x33, 0x44, 0x88}));
  EXPECT_EQ(version_of(Product::turin, tcb), version);
}

TEST(Tcb, ReservedBytesAreZero) {
  for (const std::size_t reserved : {2U, 3U, 4U, 5U}) {
    TcbVersion version = kCounting;
    version[reserved] = 1;
    EXPECT_FALSE(components_of(Product::milan, version).has_value()) << reserved;
  }
  for (const std::size_t reserved : {4U, 5U, 6U}) {
    TcbVersion version{};
    version[reserved] = 1;
    const auto refused = components_of(Product::turin, version);
    ASSERT_FALSE(refused.has_value()) << reserved;
    EXPECT_NE(refused.error().message.find("has a reserved byte set for Turin"), std::string::npos);
  }
}

TEST(Tcb, TextsAreSixteenHexDigitsInEitherOrder) {
  EXPECT_EQ(tcb_from_text("1122000000007788", TcbOrder::report).value(), kCounting);
  EXPECT_EQ(tcb_from_text("8877000000002211", TcbOrder::big_endian).value(), kCounting);
  EXPECT_EQ(tcb_to_text(kCounting, TcbOrder::report), "1122000000007788");
  EXPECT_EQ(tcb_to_text(kCounting, TcbOrder::big_endian), "8877000000002211");
  for (const char* text : {"", "11220000000077", "112200000000778899", "112200000000778g"}) {
    EXPECT_FALSE(tcb_from_text(text, TcbOrder::report).has_value()) << text;
  }
}

TEST(Product, FollowsCpuidFamilyAndModel) {
  EXPECT_EQ(product_from_cpuid(0x19, 0x00), Product::milan);
  EXPECT_EQ(product_from_cpuid(0x19, 0x0f), Product::milan);
  EXPECT_EQ(product_from_cpuid(0x19, 0x10), Product::genoa);
  EXPECT_EQ(product_from_cpuid(0x19, 0x1f), Product::genoa);
  EXPECT_EQ(product_from_cpuid(0x19, 0x20), std::nullopt);
  EXPECT_EQ(product_from_cpuid(0x19, 0xa0), Product::genoa);
  EXPECT_EQ(product_from_cpuid(0x19, 0xb0), std::nullopt);
  EXPECT_EQ(product_from_cpuid(0x1a, 0x00), Product::turin);
  EXPECT_EQ(product_from_cpuid(0x1a, 0x11), Product::turin);
  EXPECT_EQ(product_from_cpuid(0x1a, 0x12), std::nullopt);
  EXPECT_EQ(product_from_cpuid(0x17, 0x00), std::nullopt);
}

TEST(Product, NamesReadBackExactly) {
  for (const auto product : {Product::milan, Product::genoa, Product::turin}) {
    EXPECT_EQ(product_from_name(name_of(product)), product);
  }
  EXPECT_EQ(product_from_name("milan"), std::nullopt);
  EXPECT_EQ(product_from_name(""), std::nullopt);
}

}  // namespace
}  // namespace vitrine::attestation::snp
