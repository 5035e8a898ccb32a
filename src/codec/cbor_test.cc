#include "codec/cbor.h"

#include <gtest/gtest.h>

#include "base/hex.h"

namespace vitrine::codec::cbor {
namespace {

constexpr auto kDeterministic = Strictness::deterministic;
constexpr auto kForeign = Strictness::foreign;

Result<Value> read(std::string_view hex, Strictness strictness) {
  return decode(from_hex(hex).value(), strictness);
}
std::string reason(std::string_view hex, Strictness strictness = kDeterministic) {
  const auto value = read(hex, strictness);
  return value ? "accepted" : value.error().message;
}

// Diagnostic notation (RFC 8949 8) of the items in use.
std::string shown(const Value& value) {
  std::string out;
  const auto comma = [&] { out += out.size() > 1 ? ", " : ""; };
  switch (value.type()) {
    case Type::unsigned_int:
      return std::to_string(value.as_uint());
    case Type::negative_int:
      return value.argument() == UINT64_MAX ? "-18446744073709551616"
                                            : "-" + std::to_string(value.argument() + 1);
    case Type::byte_string:
      return "h'" + to_hex(value.as_bytes()) + "'";
    case Type::text_string:
      return "\"" + value.as_text() + "\"";
    case Type::tag:
      return std::to_string(value.tag_number()) + "(" + shown(value.tagged()) + ")";
    case Type::boolean:
      return value.as_bool() ? "true" : "false";
    case Type::null:
      return "null";
    case Type::array:
      out = "[";
      for (const Value& item : value.items()) comma(), out += shown(item);
      return out + "]";
    case Type::map:
      out = "{";
      for (const auto& [key, inner] : value.entries())
        comma(), out += shown(key) + ": " + shown(inner);
      return out + "}";
  }
  return "?";
}

struct Example {
  const char* hex;
  const char* diagnostic;
};

// RFC 8949 appendix A: the examples of the items in use, in deterministic form.
constexpr Example kExamples[] = {
    {"00", "0"},
    {"01", "1"},
    {"0a", "10"},
    {"17", "23"},
    {"1818", "24"},
    {"1819", "25"},
    {"1864", "100"},
    {"1903e8", "1000"},
    {"1a000f4240", "1000000"},
    {"1b000000e8d4a51000", "1000000000000"},
    {"1bffffffffffffffff", "18446744073709551615"},
    {"3bffffffffffffffff", "-18446744073709551616"},
    {"20", "-1"},
    {"29", "-10"},
    {"3863", "-100"},
    {"3903e7", "-1000"},
    {"c249010000000000000000", "2(h'010000000000000000')"},
    {"f4", "false"},
    {"f5", "true"},
    {"f6", "null"},
    {"c074323031332d30332d32315432303a30343a30305a", "0(\"2013-03-21T20:04:00Z\")"},
    {"c11a514b67b0", "1(1363896240)"},
    {"d74401020304", "23(h'01020304')"},
    {"d818456449455446", "24(h'6449455446')"},
    {"40", "h''"},
    {"4401020304", "h'01020304'"},
    {"60", "\"\""},
    {"6161", "\"a\""},
    {"6449455446", "\"IETF\""},
    {"62225c", "\"\"\\\""},
    {"62c3bc", "\"\xc3\xbc\""},
    {"63e6b0b4", "\"\xe6\xb0\xb4\""},
    {"64f0908591", "\"\xf0\x90\x85\x91\""},
    {"80", "[]"},
    {"83010203", "[1, 2, 3]"},
    {"8301820203820405", "[1, [2, 3], [4, 5]]"},
    {"98190102030405060708090a0b0c0d0e0f101112131415161718181819",
     "[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25]"},
    {"a0", "{}"},
    {"a201020304", "{1: 2, 3: 4}"},
    {"a26161016162820203", "{\"a\": 1, \"b\": [2, 3]}"},
    {"826161a161626163", "[\"a\", {\"b\": \"c\"}]"},
    {"a56161614161626142616361436164614461656145",
     "{\"a\": \"A\", \"b\": \"B\", \"c\": \"C\", \"d\": \"D\", \"e\": \"E\"}"},
};

TEST(Cbor, ReadsAndWritesTheExamplesOfRfc8949) {
  for (const auto& [hex, diagnostic] : kExamples) {
    const auto value = read(hex, kDeterministic);
    ASSERT_TRUE(value) << hex << " " << value.error().message;
    EXPECT_EQ(shown(*value), diagnostic);
    EXPECT_EQ(to_hex(encode(*value)), hex);
    EXPECT_EQ(shown(read(hex, kForeign).value()), diagnostic);
  }
}

// RFC 8949 appendix A: those of indefinite length.
constexpr Example kIndefinite[] = {
    {"5f42010243030405ff", "h'0102030405'"},
    {"7f657374726561646d696e67ff", "\"streaming\""},
    {"9fff", "[]"},
    {"9f018202039f0405ffff", "[1, [2, 3], [4, 5]]"},
    {"9f01820203820405ff", "[1, [2, 3], [4, 5]]"},
    {"83018202039f0405ff", "[1, [2, 3], [4, 5]]"},
    {"83019f0203ff820405", "[1, [2, 3], [4, 5]]"},
    {"bf61610161629f0203ffff", "{\"a\": 1, \"b\": [2, 3]}"},
    {"826161bf61626163ff", "[\"a\", {\"b\": \"c\"}]"},
    {"bf6346756ef563416d7421ff", "{\"Fun\": true, \"Amt\": -2}"},
};

TEST(Cbor, ReadsIndefiniteLengthsOnlyFromForeigners) {
  for (const auto& [hex, diagnostic] : kIndefinite) {
    const auto value = read(hex, kForeign);
    ASSERT_TRUE(value) << hex << " " << value.error().message;
    EXPECT_EQ(shown(*value), diagnostic);
    EXPECT_NE(reason(hex).find("an indefinite length"), std::string::npos) << reason(hex);
    const auto definite = read(hex, Strictness::definite);
    ASSERT_FALSE(definite) << hex;
    EXPECT_NE(definite.error().message.find("an indefinite length"), std::string::npos);
  }
  EXPECT_EQ(shown(read("b8011801f4", Strictness::definite).value()), "{1: false}");
}

// RFC 8949 appendix A: floats and the simple values that are not in use.
TEST(Cbor, RefusesFloatsAndOtherSimpleValues) {
  for (const char* hex : {"f90000", "f93c00", "fb3ff199999999999a", "fa47c35000", "f97e00", "f7",
                          "f0", "f8ff", "f818", "f814", "e0", "fbc010666666666666"}) {
    EXPECT_EQ(reason(hex), "CBOR: a float or unknown simple value at byte 1") << hex;
    EXPECT_EQ(reason(hex, kForeign), "CBOR: a float or unknown simple value at byte 1") << hex;
  }
}

TEST(Cbor, RefusesHeadsLongerThanNeeded) {
  for (const char* hex : {"1817", "1900ff", "1a0000ffff", "1b00000000ffffffff", "3800", "580101",
                          "780161", "980101", "b8010101", "d80101", "190000"}) {
    EXPECT_NE(reason(hex).find("CBOR: a head longer than needed"), std::string::npos) << hex;
    EXPECT_EQ(reason(hex, kForeign), "accepted") << hex;
  }
}

TEST(Cbor, RefusesMapKeysOutOfOrder) {
  EXPECT_EQ(reason("a203040102"), "CBOR: a map key out of order at byte 4");
  EXPECT_EQ(reason("a203040102", kForeign), "accepted");
  // Bytewise order puts 10 before 100 before -1 before "z" before "aa" (RFC 8949 4.2.1).
  EXPECT_EQ(reason("a50a001864002000617a0062616100"), "accepted");
}

TEST(Cbor, RefusesDuplicateMapKeys) {
  EXPECT_EQ(reason("a201020103"), "CBOR: a duplicate map key at byte 4");
  EXPECT_EQ(reason("a201020103", kForeign), "CBOR: a duplicate map key at byte 4");
  // The same key in two forms: a long head, chunks, a nested map in another order.
  EXPECT_FALSE(read("a20102180103", kForeign));
  EXPECT_FALSE(read("a26161017f6161ff02", kForeign));
  EXPECT_FALSE(read("a2a20102030401a20304010202", kForeign));
  EXPECT_TRUE(read("a2616101416102", kForeign));
  EXPECT_FALSE(read("81a201020103", kForeign));
}

TEST(Cbor, RefusesTrailingBytes) {
  EXPECT_EQ(reason("0000"), "CBOR: more bytes at byte 1");
  EXPECT_EQ(reason("0000", kForeign), "CBOR: more bytes at byte 1");
  EXPECT_FALSE(read("9fffff", kForeign));
}

// RFC 8949 appendix F: examples of what is not well-formed.
TEST(Cbor, RefusesWhatIsNotWellFormed) {
  for (const char* hex : {"",
                          "18",
                          "19",
                          "1a",
                          "1b",
                          "1901",
                          "1a0102",
                          "1b01020304050607",
                          "38",
                          "58",
                          "78",
                          "98",
                          "9a01ff00",
                          "b8",
                          "d8",
                          "f8",
                          "41",
                          "61",
                          "5affffffff00",
                          "5bffffffffffffffff010203",
                          "7affffffff00",
                          "7b7fffffffffffffff010203",
                          "81",
                          "818181818181818181",
                          "8200",
                          "a1",
                          "a20102",
                          "a100",
                          "a2000000",
                          "5f4100",
                          "7f6100",
                          "9f",
                          "9f0102",
                          "bf",
                          "bf01020102",
                          "819f",
                          "9f8000",
                          "9f9f9f9f9fffffffff",
                          "9f819f819f9fffffff",
                          "1c",
                          "1d",
                          "1e",
                          "3c",
                          "3d",
                          "3e",
                          "5c",
                          "5d",
                          "5e",
                          "7c",
                          "7d",
                          "7e",
                          "9c",
                          "9d",
                          "9e",
                          "bc",
                          "bd",
                          "be",
                          "dc",
                          "dd",
                          "de",
                          "fc",
                          "fd",
                          "fe",
                          "f800",
                          "f801",
                          "5f00ff",
                          "5f21ff",
                          "5f6100ff",
                          "5f80ff",
                          "5fa0ff",
                          "5fc000ff",
                          "5fe0ff",
                          "7f4100ff",
                          "5f5f4100ffff",
                          "7f7f6100ffff",
                          "ff",
                          "81ff",
                          "8200ff",
                          "a1ff",
                          "a1ff00",
                          "a100ff",
                          "a20000ff",
                          "9f81ff",
                          "9f829f819f9fffffffff",
                          "bf00ff",
                          "bf000000ff",
                          "1f",
                          "3f",
                          "df",
                          "c0"}) {
    EXPECT_FALSE(read(hex, kDeterministic)) << hex;
    EXPECT_FALSE(read(hex, kForeign)) << hex;
  }
}

TEST(Cbor, RefusesTextThatIsNotUtf8) {
  EXPECT_EQ(reason("61ff"), "CBOR: text that is not UTF-8 at byte 2");
  EXPECT_FALSE(read("62c328", kForeign));
  // Each chunk is text by itself (3.2.3): a character may not be cut in two.
  EXPECT_FALSE(read("7f61c361bcff", kForeign));
  EXPECT_TRUE(read("7f62c3bcff", kForeign));
}

TEST(Cbor, SaysHowManyBytesAreMissing) {
  EXPECT_EQ(reason("4401"), "CBOR: 4 bytes wanted, 1 left, at byte 1");
  EXPECT_EQ(reason("5bffffffffffffffff01"),
            "CBOR: 18446744073709551615 bytes wanted, 1 left, at byte 9");
}

TEST(Cbor, BoundsTheDepthOfArraysMapsAndTags) {
  const auto nested = [](std::size_t depth, Byte head) {
    Bytes bytes(depth, head);
    bytes.push_back(0x00);
    return bytes;
  };
  for (const Byte head : {Byte{0x81}, Byte{0xc1}}) {
    EXPECT_TRUE(decode(nested(16, head), kDeterministic));
    EXPECT_EQ(decode(nested(17, head), kDeterministic).error().message,
              "CBOR: nesting too deep at byte 17");
    EXPECT_FALSE(decode(nested(100'000, head), kForeign));
    EXPECT_TRUE(decode(nested(2, head), kForeign, 2));
    EXPECT_FALSE(decode(nested(3, head), kForeign, 2));
  }
  EXPECT_TRUE(decode(from_hex("a100a10000").value(), kDeterministic, 2));
  EXPECT_FALSE(decode(from_hex("a100a10000").value(), kDeterministic, 1));
  // Depth is what is open at once, not what was opened.
  EXPECT_TRUE(decode(from_hex("83818081808180").value(), kDeterministic, 3));
}

TEST(Cbor, BoundsTheItemsOfAnInput) {
  Bytes bytes = {0x9f};
  bytes.resize(limits::kCborItemsMax, 0xf6);
  bytes.push_back(0xff);
  EXPECT_TRUE(decode(bytes, kForeign));
  bytes.insert(bytes.end() - 1, 0xf6);
  EXPECT_EQ(decode(bytes, kForeign).error().message, "CBOR: more than 65536 items at byte 65536");
}

TEST(CborEncode, SortsMapKeys) {
  const Value map = Value::map({{Value::text("aa"), Value::uint(1)},
                                {Value::integer(-1), Value::uint(2)},
                                {Value::uint(100), Value::uint(3)},
                                {Value::text("z"), Value::uint(4)},
                                {Value::uint(10), Value::uint(5)}});
  EXPECT_EQ(to_hex(encode(map)), "a50a051864032002617a0462616101");
}

TEST(CborEncodeDeathTest, AssertsThatNoMapHasEqualKeys) {
  const Value map = Value::map({{Value::uint(1), Value()}, {Value::uint(1), Value()}});
  EXPECT_DEATH(encode(map), "broken invariant");
}

TEST(CborValue, GivesIntegersThatFit) {
  EXPECT_EQ(Value::integer(INT64_MIN).to_integer().value(), INT64_MIN);
  EXPECT_EQ(to_hex(encode(Value::integer(INT64_MIN))), "3b7fffffffffffffff");
  EXPECT_EQ(Value::integer(7).to_uint().value(), 7U);
  EXPECT_EQ(Value::integer(-7).to_uint().error().message, "CBOR: not an unsigned integer");
  EXPECT_EQ(Value::uint(UINT64_MAX).to_uint().value(), UINT64_MAX);
  EXPECT_EQ(Value::uint(UINT64_MAX).to_integer().error().message,
            "CBOR: an integer beyond 64 bits with sign");
  EXPECT_FALSE(read("3b8000000000000000", kDeterministic)->to_integer());
  EXPECT_EQ(Value::text("1").to_integer().error().message, "CBOR: not an integer");
}

TEST(CborValue, GivesStringsOfTheRightType) {
  EXPECT_EQ(Value::text("x").to_text().value(), "x");
  EXPECT_EQ(Value::text("x").to_bytes().error().message, "CBOR: not a byte string");
  EXPECT_EQ(Value::bytes(Bytes{1}).to_text().error().message, "CBOR: not a text string");
  EXPECT_EQ(Value::bytes(Bytes(32, 7)).to_digest().value().bytes[31], 7);
  EXPECT_EQ(Value::bytes(Bytes(31, 7)).to_digest().error().message,
            "CBOR: not a byte string of 32");
  EXPECT_FALSE(Value::text(std::string(32, 'x')).to_digest());
}

TEST(CborValue, FindsMapEntriesByKey) {
  const Value map = Value::map({{Value::integer(-1), Value::uint(1)},
                                {Value::uint(0), Value::uint(2)},
                                {Value::text("0"), Value::uint(3)}});
  EXPECT_EQ(map.find(-1)->as_uint(), 1U);
  EXPECT_EQ(map.find(std::int64_t{0})->as_uint(), 2U);
  EXPECT_EQ(map.find("0")->as_uint(), 3U);
  EXPECT_EQ(map.find(1), nullptr);
  EXPECT_EQ(map.find(""), nullptr);
  EXPECT_EQ(Value::array({Value::uint(1)}).find(1), nullptr);
}

TEST(CborValueDeathTest, AssertsItsType) {
  EXPECT_DEATH((void)Value::uint(1).as_text(), "broken invariant");
  EXPECT_DEATH((void)Value().as_bool(), "broken invariant");
}

}  // namespace
}  // namespace vitrine::codec::cbor
