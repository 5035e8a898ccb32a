#include "crypto/der_writer.h"

#include <gtest/gtest.h>

#include "base/hex.h"
#include "codec/der.h"

namespace vitrine::crypto {
namespace {

std::string integer(ByteView magnitude) {
  Bytes buffer(magnitude.size() + 8);
  DerWriter writer(buffer);
  writer.integer(magnitude);
  return to_hex(writer.written());
}

TEST(DerWriter, IntegersHaveTheirShortestForm) {
  EXPECT_EQ(integer({}), "020100");
  EXPECT_EQ(integer(Bytes{0, 0}), "020100");
  EXPECT_EQ(integer(Bytes{0x7f}), "02017f");
  EXPECT_EQ(integer(Bytes{0x80}), "02020080");
  EXPECT_EQ(integer(Bytes{0, 0x80}), "02020080");
}

TEST(DerWriter, LengthsHaveTheirShortestForm) {
  EXPECT_EQ(to_hex(ByteView(der_element(0x04, {Bytes(0x7f)})).first(2)), "047f");
  EXPECT_EQ(to_hex(ByteView(der_element(0x04, {Bytes(0x80)})).first(3)), "048180");
  EXPECT_EQ(to_hex(ByteView(der_element(0x04, {Bytes(0x100)})).first(4)), "04820100");
}

TEST(DerWriter, WrapsWhatWasWrittenSinceTheMark) {
  Bytes buffer(16);
  DerWriter writer(buffer);
  writer.integer(Bytes{2});
  const std::size_t mark = writer.size();
  writer.integer(Bytes{1});
  writer.wrap(0x30, mark);
  EXPECT_EQ(to_hex(writer.written()), "3003020101020102");
}

TEST(DerWriter, NeverWritesBeforeItsBuffer) {
  Bytes buffer(2);
  DerWriter writer(buffer);
  EXPECT_DEATH(writer.integer(Bytes{1}), "broken invariant");
}

TEST(DerOid, IsReadBackByTheReader) {
  for (const std::string dotted : {"2.5.4.3", "1.2.840.113549.1.1.10", "0.9.2342.19200300.100.1.25",
                                   "2.999.1", "1.3.6.1.4.1.3704.1.4"}) {
    const auto content = der_oid(dotted);
    ASSERT_TRUE(content.has_value());
    const Bytes whole = der_element(codec::der::kOid, {*content});
    const auto element = codec::der::Reader(whole).next();
    ASSERT_TRUE(element.has_value());
    EXPECT_EQ(codec::der::to_oid(*element), dotted);
  }
}

TEST(DerOid, RefusesOtherText) {
  for (const std::string text : {"", "1", "1.", ".1", "1..2", "1.2.", "3.1", "1.40", "01.2", "1.02",
                                 "1.2.x", "1.2.-3", "1.2.99999999999999999999"}) {
    const auto refused = der_oid(text);
    ASSERT_FALSE(refused.has_value()) << text;
    EXPECT_EQ(refused.error().message, "\"" + text + "\" is no object identifier");
  }
}

}  // namespace
}  // namespace vitrine::crypto
