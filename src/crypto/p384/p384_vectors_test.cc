// Project Wycheproof's signatures (C2SP) by our own arithmetic, with a table and without.
#include <gtest/gtest.h>

#include "crypto/openssl/ecdsa_signature.h"
#include "crypto/p384/ecdsa.h"
#include "crypto/vectors_for_testing.h"

namespace vitrine::crypto::p384 {
namespace {

using codec::json::Object;

enum class Encoding { der, raw };

void check(const std::string& file, Encoding encoding, int expected) {
  const Object root = vectors::read("wycheproof/" + file);
  int seen = 0, valid = 0, reached = 0;
  for (const auto& entry : *codec::json::array_of(root, "testGroups")) {
    const Object& group = entry.get_object();
    const auto key = PublicKey::from_spki(vectors::bytes(group, "publicKeyDer"));
    ASSERT_TRUE(key.has_value());
    const auto point = point_from(key->ec_point());
    ASSERT_TRUE(point.has_value());
    const Table table(*point, Table::kKeyWindowBits);
    for (const auto& one : *codec::json::array_of(group, "tests")) {
      const Object& test = one.get_object();
      SCOPED_TRACE(file + " tcId " + std::to_string(vectors::integer(test, "tcId")));
      ++seen;
      const bool good = vectors::text(test, "result") == "valid";
      valid += good ? 1 : 0;
      Bytes signature = vectors::bytes(test, "sig");
      if (encoding == Encoding::der) {
        auto raw = openssl::ecdsa_raw_from_der(KeyKind::ec_p384, signature);
        signature = raw ? *std::move(raw) : Bytes();
      }
      if (signature.size() != kSignatureBytes) {  // refused by its form, before arithmetic
        EXPECT_FALSE(good);
        continue;
      }
      ++reached;
      const Bytes hash = digest(Hash::sha384, vectors::bytes(test, "msg"));
      EXPECT_EQ(verify(*point, hash, signature), good);
      EXPECT_EQ(verify(table, hash, signature), good);
    }
  }
  EXPECT_EQ(seen, expected);
  EXPECT_GT(valid, 20);
  EXPECT_GT(reached, valid);
}

TEST(P384Vectors, WycheproofDer) { check("ecdsa_secp384r1_sha384_test.json", Encoding::der, 99); }
TEST(P384Vectors, WycheproofRaw) {
  check("ecdsa_secp384r1_sha384_p1363_test.json", Encoding::raw, 71);
}

}  // namespace
}  // namespace vitrine::crypto::p384
