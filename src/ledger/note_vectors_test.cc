// vectors/tlog: notes and checkpoints.
#include <gtest/gtest.h>

#include "base/text.h"
#include "ledger/checkpoint.h"
#include "ledger/vectors_for_testing.h"

namespace vitrine::ledger {

namespace {

using codec::json::Object;

std::vector<NoteKey> known_keys(const Object& vector) {
  std::vector<NoteKey> keys;
  for (const auto& vkey : list(vector, "vkeys")) {
    const auto parsed = parse_ed25519_vkey(codec::json::text_view(vkey.as_string()));
    if (!parsed) {
      ADD_FAILURE() << parsed.error().message;
    } else {
      keys.push_back(*parsed);
    }
  }
  return keys;
}

std::string note_of(const Object& vector) {
  if (vector.contains("note")) return text(vector, "note");
  return std::string(as_text(*from_hex(text(vector, "note_hex"))));
}

constexpr std::uint64_t kEd25519 = 1;

}  // namespace

TEST(TlogVectors, VerifierKeys) {
  unsigned ed25519 = 0;
  const Object file = vector_file("tlog/notes.json");
  for (const auto& item : list(file, "vkeys")) {
    const Object& vector = item.as_object();
    const auto parsed = parse_ed25519_vkey(text(vector, "vkey"));
    // Cosigners' and other logs' keys are of other types.
    EXPECT_EQ(parsed.has_value(), number(vector, "type") == kEd25519) << text(vector, "vkey");
    if (!parsed) continue;
    ++ed25519;
    EXPECT_EQ(parsed->name, text(vector, "name"));
    EXPECT_EQ(ed25519_vkey(parsed->name, parsed->key), text(vector, "vkey"));
  }
  EXPECT_EQ(ed25519, 4U);
  for (const auto& item : list(file, "invalid_vkeys")) {
    EXPECT_FALSE(parse_ed25519_vkey(text(item.as_object(), "vkey")))
        << text(item.as_object(), "why");
  }
}

TEST(TlogVectors, GoodNotes) {
  const Object file = vector_file("tlog/notes.json");
  for (const auto& item : list(file, "valid")) {
    const Object& vector = item.as_object();
    const auto verified = verify_note(note_of(vector), known_keys(vector));
    ASSERT_TRUE(verified) << text(vector, "name") << ": " << verified.error().message;
    EXPECT_EQ(*verified, text(vector, "text"));
    // Each key that is said to have signed verifies alone.
    for (const auto& key : known_keys(vector)) {
      bool signed_by_it = false;
      for (const auto& name : list(vector, "verified_by")) {
        signed_by_it = signed_by_it || codec::json::text_view(name.as_string()) == key.name;
      }
      EXPECT_EQ(verify_note(note_of(vector), key.name, key.key).has_value(), signed_by_it);
    }
  }
}

TEST(TlogVectors, BadNotes) {
  const Object file = vector_file("tlog/notes.json");
  for (const auto& item : list(file, "invalid")) {
    const Object& vector = item.as_object();
    EXPECT_FALSE(verify_note(note_of(vector), known_keys(vector))) << text(vector, "name");
  }
}

TEST(TlogVectors, SignsAsOthersDo) {
  // PKCS#8 of an Ed25519 seed is 16 fixed bytes and the seed (RFC 8410 7).
  const Object file = vector_file("tlog/notes.json");
  for (const auto& item : list(file, "vkeys")) {
    const Object& vector = item.as_object();
    if (number(vector, "type") != kEd25519 || !vector.contains("seed")) continue;
    const auto key = crypto::PrivateKey::from_pkcs8(
        *from_hex("302e020100300506032b657004220420" + text(vector, "seed")));
    ASSERT_TRUE(key) << key.error().message;
    EXPECT_EQ(ed25519_vkey(text(vector, "name"), key->public_key()), text(vector, "vkey"));
    for (const auto& valid : list(file, "valid")) {
      const Object& note = valid.as_object();
      const auto parsed = *parse_note(text(note, "note"));
      if (parsed.signatures.size() != 1 || parsed.signatures[0].name != text(vector, "name")) {
        continue;
      }
      EXPECT_EQ(*sign_note(parsed.text, text(vector, "name"), *key), text(note, "note"));
    }
  }
}

TEST(TlogVectors, GoodCheckpoints) {
  const Object file = vector_file("tlog/checkpoints.json");
  for (const auto& item : list(file, "valid")) {
    const Object& vector = item.as_object();
    const auto parsed = parse_checkpoint_text(text(vector, "body"));
    ASSERT_TRUE(parsed) << text(vector, "name") << ": " << parsed.error().message;
    EXPECT_EQ(parsed->origin, text(vector, "origin"));
    EXPECT_EQ(parsed->size, number(vector, "size"));
    EXPECT_EQ(parsed->root, hash(vector, "root"));
    const auto* extensions = codec::json::array_of(vector, "extensions");
    ASSERT_NE(extensions, nullptr);
    ASSERT_EQ(parsed->extensions.size(), extensions->size());
    for (std::size_t i = 0; i < extensions->size(); ++i) {
      EXPECT_EQ(parsed->extensions[i], codec::json::text_view(extensions->at(i).as_string()));
    }
    if (extensions->empty()) {
      EXPECT_EQ(checkpoint_text(*parsed), text(vector, "body"));
    }
  }
}

TEST(TlogVectors, BadCheckpoints) {
  const Object file = vector_file("tlog/checkpoints.json");
  for (const auto& item : list(file, "invalid")) {
    EXPECT_FALSE(parse_checkpoint_text(text(item.as_object(), "body")))
        << text(item.as_object(), "name");
  }
}

}  // namespace vitrine::ledger
