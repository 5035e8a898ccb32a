#include "base/reader.h"

#include <gtest/gtest.h>

namespace vitrine {
namespace {

const Bytes kBytes = {0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x88};

TEST(Reader, ReadsIntegersOfBothByteOrders) {
  EXPECT_EQ(Reader(kBytes).u8().value(), 0x01);
  EXPECT_EQ(Reader(kBytes).u16_le().value(), 0x0201);
  EXPECT_EQ(Reader(kBytes).u16_be().value(), 0x0102);
  EXPECT_EQ(Reader(kBytes).u32_le().value(), 0x04030201U);
  EXPECT_EQ(Reader(kBytes).u32_be().value(), 0x01020304U);
  EXPECT_EQ(Reader(kBytes).u64_le().value(), 0x8807060504030201U);
  EXPECT_EQ(Reader(kBytes).u64_be().value(), 0x0102030405060788U);
}

TEST(Reader, MovesOnWithEachRead) {
  Reader reader(kBytes);
  EXPECT_EQ(reader.u16_be().value(), 0x0102);
  EXPECT_EQ(to_bytes(reader.take(2).value()), (Bytes{0x03, 0x04}));
  EXPECT_EQ(reader.remaining(), 4U);
  EXPECT_EQ(reader.finish().error().message, "4 bytes left over");
  EXPECT_TRUE(reader.u32_le());
  EXPECT_TRUE(reader.at_end());
  EXPECT_TRUE(reader.finish());
}

TEST(Reader, RefusesToRunPastTheEndAndStaysWhereItWas) {
  Reader reader(ByteView(kBytes).first(3));
  const auto refused = reader.u32_be();
  EXPECT_EQ(refused.error().code, Code::malformed);
  EXPECT_EQ(refused.error().message, "4 bytes wanted, 3 left");
  EXPECT_EQ(reader.remaining(), 3U);
  EXPECT_FALSE(reader.take(4));
  EXPECT_FALSE(reader.take(static_cast<std::size_t>(-1)));
  EXPECT_TRUE(reader.take(3));
  EXPECT_FALSE(reader.u8());
  EXPECT_TRUE(reader.take(0));
}

}  // namespace
}  // namespace vitrine
