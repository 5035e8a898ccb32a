#include "codec/der.h"

#include <gtest/gtest.h>

#include "base/hex.h"

namespace vitrine::codec::der {
namespace {

// The one element that `hex` is, its input kept alive.
struct Parsed {
  explicit Parsed(std::string_view hex) : bytes(from_hex(hex).value()) {
    Reader reader(bytes);
    element = reader.next();
    if (const auto finished = reader.finish(); element && !finished) {
      element = tl::unexpected<Error>(finished.error());
    }
  }
  Bytes bytes;
  Result<Element> element;
};

std::string reason(std::string_view hex) {
  const Parsed parsed(hex);
  return parsed.element ? "accepted" : parsed.element.error().message;
}
std::string integer(std::string_view hex) {
  const auto number = to_integer(Parsed(hex).element.value());
  return number ? std::to_string(*number) : number.error().message;
}
std::string oid(std::string_view hex) {
  const auto name = to_oid(Parsed(hex).element.value());
  return name ? *name : name.error().message;
}

TEST(Der, ReadsElementsOneAfterTheOther) {
  const Bytes bytes = from_hex("30060201010401550500").value();
  Reader outer(bytes);
  const auto sequence = outer.next(kSequence).value();
  EXPECT_EQ(to_hex(sequence.whole), "3006020101040155");
  EXPECT_EQ(to_hex(sequence.content), "020101040155");
  Reader inner(sequence.content);
  EXPECT_EQ(inner.peek(), kInteger);
  EXPECT_EQ(inner.next(kOctetString).error().message, "DER: tag 04 wanted, 02 found");
  EXPECT_EQ(to_integer(inner.next(kInteger).value()).value(), 1);
  EXPECT_EQ(inner.finish().error().message, "DER: 3 bytes left over");
  EXPECT_EQ(to_hex(inner.next().value().content), "55");
  EXPECT_TRUE(inner.finish());
  EXPECT_EQ(inner.peek(), std::nullopt);
  EXPECT_EQ(inner.next(kInteger).error().message, "DER: no more elements");
  EXPECT_FALSE(outer.at_end());
  EXPECT_TRUE(outer.next(kNull));
  EXPECT_TRUE(outer.at_end());
}

TEST(Der, ReadsLengthsInTheirShortestForm) {
  EXPECT_EQ(reason("0400"), "accepted");
  EXPECT_EQ(reason("047f" + std::string(254, '0')), "accepted");
  EXPECT_EQ(reason("048180" + std::string(256, '0')), "accepted");
  EXPECT_EQ(reason("04820100" + std::string(512, '0')), "accepted");
}

TEST(Der, RefusesLengthsInOtherForms) {
  EXPECT_EQ(reason("04810155"), "DER: a length longer than needed");
  EXPECT_EQ(reason("04817f" + std::string(254, '0')), "DER: a length longer than needed");
  EXPECT_EQ(reason("048200ff" + std::string(510, '0')), "DER: a length longer than needed");
  EXPECT_EQ(reason("04800000"), "DER: an indefinite length");
  EXPECT_EQ(reason("0485000000000155"), "DER: a length of 5 bytes");
  EXPECT_EQ(reason("04ff"), "DER: a length of 127 bytes");
}

TEST(Der, RefusesElementsCutShort) {
  EXPECT_EQ(reason(""), "DER: no more elements");
  EXPECT_EQ(reason("04"), "DER: no length");
  EXPECT_EQ(reason("048201"), "DER: a length cut short");
  EXPECT_EQ(reason("040255"), "DER: 2 bytes wanted, 1 left");
  EXPECT_EQ(reason("0484ffffffff55"), "DER: 4294967295 bytes wanted, 1 left");
  EXPECT_EQ(reason("04015500"), "DER: 1 bytes left over");
}

TEST(Der, RefusesTagsOfSeveralBytes) {
  EXPECT_EQ(reason("1f1f00"), "DER: a tag of several bytes");
  EXPECT_EQ(reason("bf8f4500"), "DER: a tag of several bytes");
  EXPECT_EQ(reason("be00"), "accepted");
}

TEST(DerInteger, ReadsNonNegativeOnesOf63Bits) {
  EXPECT_EQ(integer("020100"), "0");
  EXPECT_EQ(integer("02017f"), "127");
  EXPECT_EQ(integer("02020080"), "128");
  EXPECT_EQ(integer("020200db"), "219");
  EXPECT_EQ(integer("02087fffffffffffffff"), "9223372036854775807");
}

TEST(DerInteger, RefusesOthers) {
  EXPECT_EQ(integer("0200"), "DER: an empty INTEGER");
  EXPECT_EQ(integer("0202007f"), "DER: an INTEGER longer than needed");
  EXPECT_EQ(integer("0202ff80"), "DER: an INTEGER longer than needed");
  EXPECT_EQ(integer("020180"), "DER: a negative INTEGER");
  EXPECT_EQ(integer("0202ff7f"), "DER: a negative INTEGER");
  EXPECT_EQ(integer("0209008000000000000000"), "DER: an INTEGER of more than 63 bits");
  EXPECT_EQ(integer("0a0101"), "DER: not an INTEGER");
}

TEST(DerOid, ReadsArcs) {
  EXPECT_EQ(oid("06092b060104019c780104"), "1.3.6.1.4.1.3704.1.4");
  EXPECT_EQ(oid("06032a0304"), "1.2.3.4");
  EXPECT_EQ(oid("0603883703"), "2.999.3");  // the example of X.690 8.19.5
  EXPECT_EQ(oid("060100"), "0.0");
  EXPECT_EQ(oid("060127"), "0.39");
  EXPECT_EQ(oid("060128"), "1.0");
  EXPECT_EQ(oid("06014f"), "1.39");
  EXPECT_EQ(oid("060150"), "2.0");
}

TEST(DerOid, RefusesOtherForms) {
  EXPECT_EQ(oid("0600"), "DER: an OBJECT IDENTIFIER cut short");
  EXPECT_EQ(oid("06022a83"), "DER: an OBJECT IDENTIFIER cut short");
  EXPECT_EQ(oid("06032a8001"), "DER: an OBJECT IDENTIFIER longer than needed");
  EXPECT_EQ(oid("06028001"), "DER: an OBJECT IDENTIFIER longer than needed");
  EXPECT_EQ(oid("060b2affffffffffffffffff7f"), "DER: an OBJECT IDENTIFIER with too large an arc");
  EXPECT_EQ(oid("040100"), "DER: not an OBJECT IDENTIFIER");
}

}  // namespace
}  // namespace vitrine::codec::der
