#include "service/public_texts.h"

#include <gtest/gtest.h>

namespace vitrine::service {
namespace {

core::KeyRecord key_at(std::uint64_t index) {
  core::KeyRecord key;
  key.index = index;
  return key;
}

TEST(PublicTexts, MakesEachFormOfEachKeyOnce) {
  PublicTexts texts;
  int made = 0;
  const auto make = [&made]() -> Result<std::string> { return std::to_string(++made); };
  using Form = PublicTexts::Form;
  EXPECT_EQ(**texts.text(key_at(3), Form::jwk, make), "1");
  EXPECT_EQ(**texts.text(key_at(3), Form::jwk, make), "1");
  EXPECT_EQ(**texts.text(key_at(3), Form::tink, make), "2");
  EXPECT_EQ(**texts.text(key_at(4), Form::jwk, make), "3");
  EXPECT_EQ(**texts.text(key_at(3), Form::tink, make), "2");
}

TEST(PublicTexts, KeepsNoFailureAndABoundedNumber) {
  PublicTexts texts;
  const auto fail = []() -> Result<std::string> { return internal("no receipt"); };
  EXPECT_EQ(texts.text(key_at(0), PublicTexts::Form::jwk, fail).error().message, "no receipt");
  int made = 0;
  const auto make = [&made]() -> Result<std::string> { return std::to_string(++made); };
  for (std::uint64_t index = 0; index <= PublicTexts::kTextsMax; ++index)
    ASSERT_TRUE(texts.text(key_at(index), PublicTexts::Form::jwk, make));
  ASSERT_TRUE(texts.text(key_at(PublicTexts::kTextsMax), PublicTexts::Form::jwk, make));
  EXPECT_EQ(made, static_cast<int>(PublicTexts::kTextsMax) + 1);
  ASSERT_TRUE(texts.text(key_at(0), PublicTexts::Form::jwk, make)) << "made anew";
  EXPECT_EQ(made, static_cast<int>(PublicTexts::kTextsMax) + 2);
}

}  // namespace
}  // namespace vitrine::service
