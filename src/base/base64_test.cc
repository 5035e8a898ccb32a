#include "base/base64.h"

#include <gtest/gtest.h>

namespace vitrine {
namespace {

struct Vector {
  const char* text;
  const char* base64;
};

// RFC 4648 section 10.
constexpr Vector kVectors[] = {
    {"", ""},
    {"f", "Zg=="},
    {"fo", "Zm8="},
    {"foo", "Zm9v"},
    {"foob", "Zm9vYg=="},
    {"fooba", "Zm9vYmE="},
    {"foobar", "Zm9vYmFy"},
};

std::string unpadded(std::string text) {
  while (!text.empty() && text.back() == '=') text.pop_back();
  return text;
}

std::string reason(const auto& result) { return result ? "accepted" : result.error().message; }

TEST(Base64, WritesAndReadsTheVectorsOfRfc4648) {
  for (const auto& [text, base64] : kVectors) {
    EXPECT_EQ(to_base64(as_bytes(text)), base64);
    EXPECT_EQ(to_text(from_base64(base64).value()), text);
    EXPECT_EQ(to_base64url(as_bytes(text)), unpadded(base64));
    EXPECT_EQ(to_text(from_base64url(unpadded(base64)).value()), text);
    EXPECT_EQ(to_text(from_base64_lenient(base64).value()), text);
    EXPECT_EQ(to_text(from_base64_lenient(unpadded(base64)).value()), text);
    EXPECT_EQ(to_text(secret_from_base64(base64).value().reveal()), text);
    EXPECT_EQ(to_text(secret_from_base64url(unpadded(base64)).value().reveal()), text);
  }
}

TEST(Base64, HasTwoAlphabets) {
  const Bytes bytes = {0xfb, 0xff, 0xfe};
  EXPECT_EQ(to_base64(bytes), "+//+");
  EXPECT_EQ(to_base64url(bytes), "-__-");
  EXPECT_EQ(reason(from_base64("-__-")), "base64: not a digit at offset 0");
  EXPECT_EQ(reason(from_base64url("-/_-")), "base64: not a digit at offset 1");
  EXPECT_EQ(from_base64_lenient("+_/-").value(), bytes);
}

TEST(Base64, RoundTripsEveryByteAtEveryPosition) {
  for (std::size_t size = 1; size <= 4; ++size) {
    for (unsigned value = 0; value < 256; ++value) {
      for (std::size_t at = 0; at < size; ++at) {
        Bytes bytes(size, 0x55);
        bytes[at] = static_cast<Byte>(value);
        ASSERT_EQ(from_base64(to_base64(bytes)).value(), bytes);
        ASSERT_EQ(from_base64url(to_base64url(bytes)).value(), bytes);
      }
    }
  }
}

TEST(Base64, AcceptsNoCharacterOutsideItsAlphabet) {
  const std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  for (int c = 0; c < 256; ++c) {
    const char character = static_cast<char>(c);
    const std::string text = std::string("AA") + character + "A";
    const bool letter = letters.find(character) != std::string_view::npos;
    EXPECT_EQ(from_base64(text).has_value(), letter || c == '+' || c == '/') << c;
    EXPECT_EQ(from_base64url(text).has_value(), letter || c == '-' || c == '_') << c;
  }
}

TEST(Base64, RequiresPadding) {
  EXPECT_EQ(reason(from_base64("Zg")), "base64: length 2 is not a multiple of 4");
  EXPECT_EQ(reason(from_base64("Zg=")), "base64: length 3 is not a multiple of 4");
  EXPECT_EQ(reason(from_base64("Zg===")), "base64: length 5 is not a multiple of 4");
  EXPECT_EQ(reason(from_base64("Z===")), "base64: not a digit at offset 1");
  EXPECT_EQ(reason(from_base64("====")), "base64: not a digit at offset 0");
  EXPECT_EQ(reason(from_base64("Zg==Zg==")), "base64: not a digit at offset 2");
}

TEST(Base64url, RefusesPadding) {
  EXPECT_EQ(reason(from_base64url("Zg==")), "base64url: padding is not allowed");
  EXPECT_EQ(reason(from_base64url("Zm8=")), "base64url: padding is not allowed");
}

TEST(Base64, RefusesALengthThatNoBytesHave) {
  EXPECT_EQ(reason(from_base64url("Z")), "base64: 1 digits encode no whole bytes");
  EXPECT_EQ(reason(from_base64url("Zm9vY")), "base64: 5 digits encode no whole bytes");
  EXPECT_EQ(reason(from_base64_lenient("Zm9vY")), "base64: 5 digits encode no whole bytes");
}

TEST(Base64, RefusesUnusedBitsThatAreSet) {
  const std::string refusal = "base64: unused bits of the last digit are not zero";
  EXPECT_EQ(reason(from_base64("Zh==")), refusal);
  EXPECT_EQ(reason(from_base64("Zm9=")), refusal);
  EXPECT_EQ(reason(from_base64url("Zh")), refusal);
  EXPECT_EQ(reason(secret_from_base64url("Zh")), refusal);
  EXPECT_EQ(to_text(from_base64_lenient("Zh").value()), "f");
}

TEST(Base64, RefusesLineBreaksAndBlanks) {
  for (const char* text : {"Zm9v\n", "Zm9v\nZm9v", " Zm9v", "Zm9v Zm9v", "Zm 9v", "Zm9vZm9\r"}) {
    EXPECT_FALSE(from_base64(text)) << text;
    EXPECT_FALSE(from_base64url(text)) << text;
    EXPECT_FALSE(from_base64_lenient(text)) << text;
  }
}

TEST(Base64Lenient, RefusesPaddingThatDoesNotFit) {
  EXPECT_FALSE(from_base64_lenient("Zg="));
  EXPECT_FALSE(from_base64_lenient("Zm9v="));
  EXPECT_FALSE(from_base64_lenient("Zg==="));
}

}  // namespace
}  // namespace vitrine
