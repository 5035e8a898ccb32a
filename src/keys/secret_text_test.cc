#include "keys/secret_text.h"

#include <gtest/gtest.h>

#include "base/base64.h"

namespace vitrine::keys {
namespace {

std::string encoded(const Bytes& bytes) {
  std::string text(base64url_size(bytes.size()), '?');
  base64url_into(bytes, {reinterpret_cast<Byte*>(text.data()), text.size()});
  return text;
}

TEST(SecretBase64, WritesAndReadsWhatBaseDoes) {
  Bytes bytes;
  for (std::size_t size = 0; size < 260; ++size) {
    const auto text = to_base64url(bytes);
    EXPECT_EQ(encoded(bytes), text);
    const auto read = secret_from_base64url(as_bytes(text), size);
    ASSERT_TRUE(read) << size;
    EXPECT_TRUE(same(read->reveal(), bytes));
    bytes.push_back(static_cast<Byte>(size * 37 + 11));
  }
}

TEST(SecretBase64, AcceptsExactlyTheCharactersOfTheUrlAlphabet) {
  for (int c = 0; c < 256; ++c) {
    const std::string text = {static_cast<char>(c), 'A', 'A', 'A'};
    EXPECT_EQ(secret_from_base64url(as_bytes(text), 3).has_value(),
              from_base64url(text).has_value())
        << c;
  }
}

TEST(SecretBase64, RefusesUnusedBitsThatAreSet) {
  EXPECT_TRUE(secret_from_base64url(as_bytes("AQ"), 1));
  EXPECT_FALSE(secret_from_base64url(as_bytes("AR"), 1));
  EXPECT_FALSE(secret_from_base64url(as_bytes("AQ"), 2));
  EXPECT_FALSE(secret_from_base64url(as_bytes("AQ=="), 1));
}

TEST(FlatObject, ReadsScalarsAndPointsIntoItsInput) {
  const std::string json = R"({ "a" : "b" , "n":-12,"t":true,"f":false,"z":null,"e":""})";
  const auto object = FlatObject::parse(json);
  ASSERT_TRUE(object);
  EXPECT_EQ(object->text("a"), "b");
  EXPECT_EQ(object->text("e"), "");
  EXPECT_EQ(object->text("n"), std::nullopt);  // no text
  EXPECT_EQ(object->text("missing"), std::nullopt);
  EXPECT_TRUE(FlatObject::parse("{}"));
}

TEST(FlatObject, RefusesEverythingElse) {
  std::string many = "{";
  for (int i = 0; i < 17; ++i) {
    many += std::string(i == 0 ? "" : ",") + "\"m" + std::to_string(i) + "\":1";
  }
  for (const std::string& json :
       {std::string(""), std::string("{"), std::string("[]"), std::string(R"({"a"})"),
        std::string(R"({"a":})"), std::string(R"({"a":1,})"), std::string(R"({,"a":1})"),
        std::string(R"({"a":1}})"), std::string(R"({"a":"b)"), std::string(R"({"a":1 2})"),
        std::string(R"({"a":"\n"})"), std::string("{\"a\":\"\n\"}"), std::string(R"({"a":01})"),
        std::string(R"({"a":-})"), std::string(R"({"a":1.5})"), std::string(R"({"a":True})"),
        std::string(R"({"a":{}})"), std::string(R"({"a":1,"a":2})"), many + "}"}) {
    EXPECT_FALSE(FlatObject::parse(json)) << json;
  }
}

}  // namespace
}  // namespace vitrine::keys
