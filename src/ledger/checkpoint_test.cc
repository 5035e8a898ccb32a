#include "ledger/checkpoint.h"

#include <gtest/gtest.h>

#include "base/base64.h"
#include "ledger/golden_for_testing.h"
#include "ledger/tree.h"

namespace vitrine::ledger {

namespace {

const std::string kRoot = to_base64(golden::digest(1));

std::string refusal(const std::string& text) {
  const auto parsed = parse_checkpoint_text(text);
  if (parsed) return "accepted";
  EXPECT_EQ(parsed.error().code, Code::malformed);
  return parsed.error().message;
}

std::string with_size(const std::string& size) {
  return "log.example\n" + size + "\n" + kRoot + "\n";
}

class SignedNote : public ::testing::Test {
 protected:
  crypto::PrivateKey key_ = *crypto::PrivateKey::generate(crypto::KeyKind::ed25519);
  crypto::PrivateKey other_ = *crypto::PrivateKey::generate(crypto::KeyKind::ed25519);
  std::string text_ = checkpoint_text({"log.example", 3, golden::digest(1), {}});
  std::string note_ = *sign_note(text_, "log.example", key_);

  std::string refusal_of(const std::string& note) const {
    const auto verified = verify_note(note, "log.example", key_.public_key());
    return verified ? "verified" : verified.error().message;
  }
};

std::string parse_refusal(const std::string& note) {
  const auto parsed = parse_note(note);
  if (parsed) return "accepted";
  EXPECT_EQ(parsed.error().code, Code::malformed);
  return parsed.error().message;
}

}  // namespace

TEST(Checkpoint, ReadsBackWhatItWrote) {
  const Checkpoint checkpoint{"log.example/1", 20'852'163, golden::digest(1), {}};
  const std::string text = checkpoint_text(checkpoint);
  EXPECT_EQ(text, "log.example/1\n20852163\n" + kRoot + "\n");
  const auto parsed = parse_checkpoint_text(text);
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(parsed->origin, checkpoint.origin);
  EXPECT_EQ(parsed->size, checkpoint.size);
  EXPECT_EQ(parsed->root, checkpoint.root);
  EXPECT_TRUE(parsed->extensions.empty());
}

TEST(Checkpoint, AcceptsExtensionLinesAndEmitsNone) {
  const auto parsed = parse_checkpoint_text(with_size("5") + "one\ntwo\n");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->extensions, (std::vector<std::string>{"one", "two"}));
  EXPECT_EQ(checkpoint_text(*parsed), with_size("5"));
}

TEST(Checkpoint, RefusesATreeSizeWithALeadingZero) {
  EXPECT_EQ(refusal(with_size("5")), "accepted");
  for (const char* size : {"05", "", "+5", "-5", "5 ", " 5", "0x5", "five", "9223372036854775808",
                           "18446744073709551616"}) {
    EXPECT_NE(refusal(with_size(size)), "accepted") << size;
  }
  EXPECT_EQ(refusal(with_size("05")), "checkpoint: tree size is not a decimal from 0 to 2^63 - 1");
  EXPECT_EQ(refusal(with_size("9223372036854775807")), "accepted");
}

TEST(Checkpoint, DemandsTheEmptyRootAtSizeZero) {
  EXPECT_EQ(refusal("log.example\n0\n" + to_base64(empty_root()) + "\n"), "accepted");
  EXPECT_EQ(refusal(with_size("0")), "checkpoint: size 0 with a root that is not the empty one");
}

TEST(Checkpoint, RefusesOtherLines) {
  EXPECT_EQ(refusal(""), "checkpoint: does not end in a newline");
  EXPECT_EQ(refusal("log.example\n5\n" + kRoot), "checkpoint: does not end in a newline");
  EXPECT_EQ(refusal("log.example\n5\n"), "checkpoint: 2 lines where 3 to 16 are allowed");
  EXPECT_EQ(refusal("\n5\n" + kRoot + "\n"), "checkpoint: an empty line");
  EXPECT_EQ(refusal(with_size("5") + "\n"), "checkpoint: an empty line");
  EXPECT_EQ(refusal("log.example\n5\nAAAA\n"), "checkpoint: root is not base64 of 32 bytes");
  EXPECT_EQ(refusal("\xff\n5\n" + kRoot + "\n"), "checkpoint: not UTF-8");
  EXPECT_EQ(refusal(std::string(256, 'a') + "\n5\n" + kRoot + "\n"),
            "checkpoint: origin over 255 bytes");
  std::string many = with_size("5");
  for (int i = 0; i < 13; ++i) many += "extension\n";
  EXPECT_EQ(refusal(many), "accepted");
  EXPECT_EQ(refusal(many + "one more\n"), "checkpoint: 17 lines where 3 to 16 are allowed");
}

TEST_F(SignedNote, VerifiesWhatWasSigned) {
  const auto verified = verify_note(note_, "log.example", key_.public_key());
  ASSERT_TRUE(verified) << verified.error().message;
  EXPECT_EQ(*verified, text_);
}

TEST_F(SignedNote, RefusesEveryChangedByte) {
  for (std::size_t at = 0; at < note_.size(); ++at) {
    std::string changed = note_;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    EXPECT_NE(refusal_of(changed), "verified") << at;
  }
}

TEST_F(SignedNote, RefusesAnotherKeyOrName) {
  const auto refused = verify_note(note_, "log.example", other_.public_key());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::denied);
  EXPECT_EQ(refused.error().message, "note: no signature by a known key");
  EXPECT_FALSE(verify_note(note_, "log.example2", key_.public_key()));
}

TEST_F(SignedNote, IgnoresUnknownSignaturesAndRefusesAKnownOneThatFails) {
  const std::string line = "\xe2\x80\x94 other.example AAAAAAEC\n";
  EXPECT_EQ(refusal_of(note_ + line), "verified");
  const std::string twice = note_ + note_.substr(text_.size() + 1);
  EXPECT_EQ(refusal_of(twice), "verified");
  const auto parsed = *parse_note(note_);
  Bytes bad = {static_cast<Byte>(parsed.signatures[0].key_id >> 24),
               static_cast<Byte>(parsed.signatures[0].key_id >> 16),
               static_cast<Byte>(parsed.signatures[0].key_id >> 8),
               static_cast<Byte>(parsed.signatures[0].key_id)};
  append(bad, Bytes(64, 0));
  EXPECT_EQ(refusal_of(note_ + "\xe2\x80\x94 log.example " + to_base64(bad) + "\n"),
            "note: the signature of log.example does not verify");
}

TEST_F(SignedNote, AsksOfSeveralKnownKeysThatNoneFails) {
  const std::vector<NoteKey> known = {{"log.example", key_.public_key()},
                                      {"log.example", other_.public_key()}};
  EXPECT_TRUE(verify_note(note_, known));
  EXPECT_FALSE(verify_note(note_, std::span<const NoteKey>()));
}

TEST_F(SignedNote, KeepsSignatureLinesVerbatim) {
  const auto parsed = parse_note(note_);
  ASSERT_TRUE(parsed);
  ASSERT_EQ(parsed->signatures.size(), 1U);
  EXPECT_EQ(parsed->text + "\n" + parsed->signatures[0].line + "\n", note_);
  EXPECT_EQ(parsed->signatures[0].signature.size(), 64U);
  EXPECT_EQ(parsed->signatures[0].key_id, ed25519_key_id("log.example", key_.public_key()));
}

TEST_F(SignedNote, SignsOnlyWhatAReaderTakes) {
  EXPECT_EQ(sign_note("no newline", "log.example", key_).error().message,
            "note: does not end in a newline");
  EXPECT_EQ(sign_note("a\tb\n", "log.example", key_).error().message, "note: control character 09");
  EXPECT_EQ(sign_note("\xc3\n", "log.example", key_).error().message, "note: not UTF-8");
  for (const std::string& name : {std::string(), std::string("a b"), std::string("a+b"),
                                  std::string("a\xc2\xa0"), std::string(256, 'a')}) {
    EXPECT_EQ(sign_note("a\n", name, key_).error().code, Code::malformed) << name;
  }
  const auto ec = *crypto::PrivateKey::generate(crypto::KeyKind::ec_p256);
  EXPECT_EQ(sign_note("a\n", "log.example", ec).error().message, "note: not an Ed25519 key");
}

TEST_F(SignedNote, HasBounds) {
  EXPECT_EQ(parse_refusal(std::string(1'048'576, 'a') + "\n"), "note: 1048577 bytes, over 1048576");
  std::string many = "a\n\n";
  for (int i = 0; i < 64; ++i) many += "\xe2\x80\x94 other.example AAAAAAEC\n";
  EXPECT_EQ(parse_refusal(many), "accepted");
  EXPECT_EQ(parse_refusal(many + "\xe2\x80\x94 other.example AAAAAAEC\n"),
            "note: over 64 signatures");
}

TEST_F(SignedNote, RefusesAnotherShape) {
  EXPECT_EQ(parse_refusal(""), "note: does not end in a newline");
  EXPECT_EQ(parse_refusal("a\n"), "note: no empty line after the text");
  EXPECT_EQ(parse_refusal("a\n\n"), "note: no signature");
  EXPECT_EQ(parse_refusal("a\n\nb\n"), "note: a line after the text is not a signature");
  EXPECT_EQ(parse_refusal("a\n\n\xe2\x80\x94 name\n"),
            "note: a signature's key name is empty, too long, or holds a space or '+'");
  EXPECT_EQ(parse_refusal("a\n\n\xe2\x80\x94 name AAAA\n"),
            "note: the signature of name is not base64 of a key id and at least one byte");
}

TEST_F(SignedNote, ReadsVerifierKeys) {
  const std::string vkey = ed25519_vkey("log.example", key_.public_key());
  const auto parsed = parse_ed25519_vkey(vkey);
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(parsed->name, "log.example");
  EXPECT_EQ(parsed->key, key_.public_key());
  std::string wrong_id = vkey;
  wrong_id[12] = wrong_id[12] == '0' ? '1' : '0';
  const auto refused = parse_ed25519_vkey(wrong_id);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message.find("verifier key: its id is not "), 0U);
  EXPECT_EQ(parse_ed25519_vkey("log.example").error().message, "verifier key: not name+id+key");
}

}  // namespace vitrine::ledger
