#include "codec/json.h"

#include <gtest/gtest.h>

#include <cmath>

namespace vitrine::codec::json {
namespace {

std::string reason(const auto& result) { return result ? "accepted" : result.error().message; }
std::string again(std::string_view text) { return write(parse(text).value()); }

TEST(JsonParse, KeepsTheOrderOfMembers) {
  EXPECT_EQ(again(R"( { "b" : 1 , "a" : [ true , null , "x" ] , "2" : {} , "1" : [] } )"),
            R"({"b":1,"a":[true,null,"x"],"2":{},"1":[]})");
}

TEST(JsonParse, KeepsTheOrderOfMembersOfALargeObject) {
  std::string text = "{";
  for (int i = 100; i-- > 0;) text += "\"" + std::to_string(i) + "\":0" + (i > 0 ? "," : "}");
  EXPECT_EQ(again(text), text);
}

TEST(JsonParse, TakesEveryKindOfValueAtTheTop) {
  EXPECT_TRUE(parse("null").value().is_null());
  EXPECT_EQ(parse("\"x\"").value().as_string(), "x");
  EXPECT_EQ(parse(" 17 ").value().as_int64(), 17);
  EXPECT_TRUE(parse("false").value().is_bool());
  EXPECT_TRUE(parse("[]").value().is_array());
}

TEST(JsonParse, RefusesDuplicateMembersAtAnyDepth) {
  EXPECT_EQ(reason(parse(R"({"a":1,"a":1})")), "JSON: duplicate member \"a\" at byte 9");
  EXPECT_EQ(reason(parse(R"([{"x":{"é":1,"b":2,"é":3}}])")),
            "JSON: duplicate member \"??\" at byte 23");
  EXPECT_EQ(reason(parse(R"({"a":1,"\u0061":2})")), "JSON: duplicate member \"a\" at byte 14");
  EXPECT_FALSE(parse(R"({"":1,"":1})"));
  EXPECT_TRUE(parse(R"({"a":{"a":1},"b":[{"a":1},{"a":2}],"A":1})"));
}

TEST(JsonParse, BoundsTheMembersOfAnObject) {
  std::string text = "{";
  for (std::size_t i = 0; i < limits::kJsonMembersMax; ++i) {
    text += "\"" + std::to_string(i) + "\":0,";
  }
  std::string full = text;
  full.back() = '}';
  EXPECT_TRUE(parse(full));
  EXPECT_TRUE(
      reason(parse(text + "\"x\":0}")).starts_with("JSON: an object of more than 16384 members"));
}

TEST(JsonParse, BoundsTheDepth) {
  const std::string nested = std::string(16, '[') + std::string(16, ']');
  EXPECT_TRUE(parse(nested));
  EXPECT_EQ(reason(parse("[" + nested + "]")), "JSON: too deep at byte 16");
  EXPECT_TRUE(parse("[[1]]", 2));
  EXPECT_FALSE(parse("[{\"a\":[]}]", 2));
  EXPECT_FALSE(parse(std::string(1'000'000, '[')));
}

TEST(JsonParse, RefusesTextAfterTheValue) {
  EXPECT_TRUE(parse("{} \n\t\r"));
  for (const char* text : {"{}x", "{} {}", "1 2", "nullnull", "[],", "\"a\"\"b\""}) {
    EXPECT_FALSE(parse(text)) << text;
  }
  EXPECT_FALSE(parse(std::string_view("{}\0", 3)));
}

TEST(JsonParse, RefusesWhatIsNoJson) {
  for (const char* text :
       {"",         " ",        "{",         "[",       "[1,]",  "{\"a\":1,}",
        "{a:1}",    "{'a':1}",  "{\"a\" 1}", "[1 2]",   "nul",   "True",
        "NaN",      "Infinity", "-Infinity", "// x\n1", "/**/1", "\xef\xbb\xbf{}",
        "\f1",      "]",        "{\"a\":}",  "{1:1}",   "\"a",   "[\"a]",
        "undefined"}) {
    const auto parsed = parse(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code, Code::malformed);
  }
  EXPECT_EQ(reason(parse("[1,]")), "JSON: syntax error at byte 3");
  EXPECT_EQ(reason(parse("[1")), "JSON: incomplete JSON at byte 2");
}

TEST(JsonParse, CallsOnlyPlainIntegersIntegers) {
  EXPECT_EQ(parse("0").value().as_int64(), 0);
  EXPECT_EQ(parse("9223372036854775807").value().as_int64(), INT64_MAX);
  EXPECT_EQ(parse("-9223372036854775808").value().as_int64(), INT64_MIN);
  EXPECT_EQ(parse("9223372036854775808").value().as_uint64(), 9223372036854775808U);
  EXPECT_EQ(parse("18446744073709551615").value().as_uint64(), UINT64_MAX);
  for (const char* text :
       {"-0", "1.0", "1e3", "1E0", "0.0", "-0.0", "18446744073709551616", "-9223372036854775809"}) {
    EXPECT_TRUE(parse(text).value().is_double()) << text;
    EXPECT_TRUE(parse(std::string("[") + text + "]").value().at(0).is_double()) << text;
  }
  EXPECT_TRUE(std::signbit(parse("-0").value().as_double()));
}

TEST(JsonParse, RefusesNumbersInOtherForms) {
  for (const char* text :
       {"01", "-01", "+1", ".5", "1.", "1.e1", "-", "1e", "1e+", "0x1", "1_0", "--1", "- 1"}) {
    EXPECT_FALSE(parse(text)) << text;
  }
}

TEST(JsonParse, RefusesNumbersBeyondADouble) {
  EXPECT_EQ(reason(parse("[1e400]")), "JSON: a number that a double can't hold at byte 6");
  EXPECT_FALSE(parse("-1e400"));
  EXPECT_FALSE(parse("1e-400"));
  EXPECT_TRUE(parse("1e308"));
}

// Values that a parser without correct rounding gets wrong by one unit in the last place.
TEST(JsonParse, RoundsDoublesToTheNearest) {
  EXPECT_EQ(parse("9007199254740993.0").value().as_double(), 9007199254740992.0);
  EXPECT_EQ(again("1.7976931348623157e308"), "1.7976931348623157e+308");
  EXPECT_EQ(again("2.2250738585072014e-308"), "2.2250738585072014e-308");
  EXPECT_EQ(again("333333333.33333329"), "333333333.3333333");
  EXPECT_EQ(again("0.000000000000000000000000001"), "1e-27");
}

TEST(JsonParse, ReadsEscapes) {
  EXPECT_EQ(parse(R"("\"\\\/\b\f\n\r\t\u0041\u00e9\ud83d\ude00")").value().as_string(),
            "\"\\/\b\f\n\r\tA\xc3\xa9\xf0\x9f\x98\x80");
  EXPECT_EQ(parse(R"("a\u0000b")").value().as_string().size(), 3U);
  EXPECT_EQ(parse(R"({"\u0000":1})").value().as_object().begin()->key().size(), 1U);
}

TEST(JsonParse, RefusesOtherEscapesAndLoneSurrogates) {
  for (const char* text :
       {R"("\x")", R"("\u12")", R"("\u12g4")", R"("\ud83d")", R"("\ude00")", R"("\ud83d\ud83d")",
        R"("\ud83dx")", R"("\ud83d\n")", R"({"\ud83d":1})", R"("\)", R"("\U0041")", R"("\'")"}) {
    EXPECT_FALSE(parse(text)) << text;
  }
}

TEST(JsonParse, RefusesInvalidUtf8AndControlCharacters) {
  EXPECT_TRUE(parse("\"\xf4\x8f\xbf\xbf \x7f\""));
  for (const char* text : {"\"\xff\"", "\"\xc0\x80\"", "\"\xed\xa0\x80\"", "\"\xf4\x90\x80\x80\"",
                           "\"\xe2\x82\"", "{\"\x80\":1}", "\"\n\"", "\"\x1f\"", "{\"\t\":1}"}) {
    EXPECT_FALSE(parse(text)) << text;
  }
  EXPECT_FALSE(parse(std::string_view("\"\0\"", 3)));
}

TEST(JsonParseObject, RefusesOtherValues) {
  EXPECT_EQ(parse_object(R"({"a":1})").value().size(), 1U);
  EXPECT_EQ(reason(parse_object("[]")), "JSON: not an object");
}

// Both lines were printed by node's JSON.stringify.
TEST(JsonWrite, WritesNumbersAsEcmascriptDoes) {
  const double numbers[] = {5e-324,
                            1.7976931348623157e308,
                            1e21,
                            1e20,
                            123456789012345680000.0,
                            1e-6,
                            1e-7,
                            1.5,
                            0.1,
                            -0.1,
                            100,
                            1e300,
                            4.35,
                            9007199254740993.0,
                            0.000001234,
                            1.2345e-7,
                            -1e21,
                            1.0 / 3,
                            9007199254740992.0,
                            18446744073709551616.0,
                            333333333.33333329,
                            1E30,
                            4.50,
                            2e-3,
                            1e-27,
                            -0.0,
                            8.41e21,
                            1.0e23,
                            2.2250738585072014e-308};
  std::string written;
  for (const double number : numbers) written += write(number) + " ";
  EXPECT_EQ(written,
            "5e-324 1.7976931348623157e+308 1e+21 100000000000000000000 123456789012345680000 "
            "0.000001 1e-7 1.5 0.1 -0.1 100 1e+300 4.35 9007199254740992 0.000001234 1.2345e-7 "
            "-1e+21 0.3333333333333333 9007199254740992 18446744073709552000 333333333.3333333 "
            "1e+30 4.5 0.002 1e-27 0 8.41e+21 1e+23 2.2250738585072014e-308 ");
  EXPECT_EQ(write(std::nan("")), "null");
  EXPECT_EQ(write(-HUGE_VAL), "null");
}

TEST(JsonWrite, EscapesTextAsEcmascriptDoes) {
  std::string text;
  for (char c = 0; c < 0x21; ++c) text += c;
  text += "\"\\/\x7f\xc2\x80\xe2\x80\xa8\xe2\x80\xa9\xc3\xa9\xf0\x9f\x98\x80";
  const std::string written =
      R"("\u0000\u0001\u0002\u0003\u0004\u0005\u0006\u0007\b\t\n\u000b\f\r\u000e\u000f\u0010\u0011)"
      R"(\u0012\u0013\u0014\u0015\u0016\u0017\u0018\u0019\u001a\u001b\u001c\u001d\u001e\u001f )"
      "\\\"\\\\/\x7f\xc2\x80\xe2\x80\xa8\xe2\x80\xa9\xc3\xa9\xf0\x9f\x98\x80\"";
  EXPECT_EQ(write(Value(text)), written);
  EXPECT_EQ(parse(written).value().as_string(), text);
  EXPECT_EQ(write(Object{{"\n", 1}}), R"({"\n":1})");
}

TEST(JsonWrite, WritesIntegersExactly) {
  EXPECT_EQ(write(Value(INT64_MIN)), "-9223372036854775808");
  EXPECT_EQ(write(Value(UINT64_MAX)), "18446744073709551615");
}

TEST(JsonWritePretty, IndentsByTwoSpaces) {
  EXPECT_EQ(
      write_pretty(parse(R"({"a":[1,{"b":2}],"c":{},"d":[]})").value()),
      "{\n  \"a\": [\n    1,\n    {\n      \"b\": 2\n    }\n  ],\n  \"c\": {},\n  \"d\": []\n}");
}

TEST(JsonMembers, AreFoundByNameAndType) {
  const Object object =
      parse_object(R"({"t":"x","i":-3,"b":true,"o":{"k":1},"a":[1],"n":null,"d":1.0})").value();
  EXPECT_EQ(text_of(object, "t"), "x");
  EXPECT_EQ(integer_of(object, "i"), -3);
  EXPECT_EQ(bool_of(object, "b"), true);
  EXPECT_EQ(object_of(object, "o")->size(), 1U);
  EXPECT_EQ(array_of(object, "a")->size(), 1U);
  EXPECT_TRUE(find(object, "n")->is_null());
  EXPECT_EQ(find(object, "none"), nullptr);
  EXPECT_EQ(text_of(object, "i"), std::nullopt);
  EXPECT_EQ(integer_of(object, "d"), std::nullopt);
  EXPECT_EQ(integer_of(object, "none"), std::nullopt);
  EXPECT_EQ(bool_of(object, "n"), std::nullopt);
  EXPECT_EQ(object_of(object, "a"), nullptr);
  EXPECT_EQ(array_of(object, "o"), nullptr);
}

}  // namespace
}  // namespace vitrine::codec::json
