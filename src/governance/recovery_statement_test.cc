#include "governance/recovery_statement.h"

#include <gtest/gtest.h>

#include "base/base64.h"
#include "base/hex.h"
#include "crypto/hash.h"
#include "crypto/kem.h"

namespace vitrine::governance {
namespace {

const Bytes& share_for_testing() {
  static const Bytes share(66, 0x5a);
  return share;
}

class RecoveryStatementTest : public testing::Test {
 protected:
  void SetUp() override {
    statement_.service = crypto::sha256(as_bytes("service"));
    statement_.node = crypto::sha256(as_bytes("node"));
    statement_.evidence = crypto::sha256(as_bytes("evidence"));
    statement_.deal = 17;
    statement_.head_size = 120;
    statement_.head_root = crypto::sha256(as_bytes("root"));
    ASSERT_TRUE(seal_share(statement_, pair_.public_key, share_for_testing()));
  }
  Result<SecretBytes> open(const RecoveryStatement& statement) const {
    return open_share(statement, pair_.private_key.reveal(), pair_.public_key);
  }

  crypto::KemKeyPair pair_ = *crypto::kem_generate(crypto::Kem::x25519_sha256);
  RecoveryStatement statement_;
};

TEST_F(RecoveryStatementTest, CarriesAShareToTheNodeAndReadsBack) {
  const auto read = RecoveryStatement::from_json(statement_.to_json());
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->to_json(), statement_.to_json());
  const auto opened = open(*read);
  ASSERT_TRUE(opened);
  EXPECT_TRUE(same(opened->reveal(), share_for_testing()));
}

TEST_F(RecoveryStatementTest, OpensNoShareThatStandsInAnotherStatement) {
  const auto changed = [this](auto change) {
    RecoveryStatement other = statement_;
    change(other);
    const auto opened = open(other);
    EXPECT_FALSE(opened);
    return opened ? std::string() : opened.error().message;
  };
  const std::string why = "recovery share: does not open with this node's recovery key";
  EXPECT_EQ(changed([](auto& s) { s.service.bytes[0] ^= 1; }), why);
  EXPECT_EQ(changed([](auto& s) { s.node.bytes[0] ^= 1; }), why);
  EXPECT_EQ(changed([](auto& s) { s.evidence.bytes[0] ^= 1; }), why);
  EXPECT_EQ(changed([](auto& s) { ++s.deal; }), why);
  EXPECT_EQ(changed([](auto& s) { --s.head_size; }), why);
  EXPECT_EQ(changed([](auto& s) { s.head_root.bytes[31] ^= 1; }), why);
  EXPECT_EQ(changed([](auto& s) { s.enc[3] ^= 1; }), why);
  EXPECT_EQ(changed([](auto& s) { s.sealed_share[3] ^= 1; }), why);
  const auto other = *crypto::kem_generate(crypto::Kem::x25519_sha256);
  EXPECT_FALSE(open_share(statement_, other.private_key.reveal(), other.public_key));
}

TEST_F(RecoveryStatementTest, SaysWhichMemberIsWrong) {
  const std::string good = statement_.to_json();
  const auto why = [&good](const std::string& from, const std::string& to) {
    std::string text = good;
    const auto at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    text.replace(at, from.size(), to);
    const auto read = RecoveryStatement::from_json(text);
    return read ? std::string("accepted: ") + text : read.error().message;
  };
  EXPECT_EQ(why("\"deal\":17", "\"deal\":-1"),
            "recovery statement: deal is not an integer from 0 on");
  EXPECT_EQ(why("\"size\":120", "\"size\":\"120\""),
            "recovery statement: size is not an integer from 0 on");
  EXPECT_EQ(why("\"enc\":\"", "\"enc\":\"!"),
            "recovery statement: enc is not base64 of 1 to 32 bytes");
  EXPECT_EQ(why("\"head\":{", "\"head\":{\"more\":1,"),
            "recovery statement: head: unknown member \"more\"");
  EXPECT_EQ(why("\"deal\"", "\"dael\""), "recovery statement: unknown member \"dael\"");
  EXPECT_EQ(why("{\"service\":", "{\"servic\":1,\"service\":"),
            "recovery statement: unknown member \"servic\"");
  EXPECT_EQ(RecoveryStatement::from_json("{}").error().message,
            "recovery statement: head is not an object");
  EXPECT_EQ(RecoveryStatement::from_json(std::string(8193, ' ')).error().message,
            "recovery statement: over 8192 bytes");
}

TEST(RecoveryShareInPlaintext, IsTheFormOfCcfAndNothingElse) {
  const std::string good = "{\"share\":\"" + to_base64(share_for_testing()) + "\"}";
  EXPECT_TRUE(is_plaintext_share(good));
  EXPECT_TRUE(same(plaintext_share_from_json(good)->reveal(), share_for_testing()));
  EXPECT_FALSE(is_plaintext_share("{\"share\":\"AA==\",\"enc\":\"AA==\"}"));
  EXPECT_FALSE(is_plaintext_share("{}"));
  EXPECT_FALSE(is_plaintext_share("share"));
  EXPECT_EQ(plaintext_share_from_json("{\"share\":\"A\"}").error().message,
            "recovery share: share is not base64");
  EXPECT_EQ(plaintext_share_from_json("{\"share\":1}").error().message,
            "recovery share: share is not text");
  EXPECT_EQ(plaintext_share_from_json("{\"share\":\"AA==\",\"x\":1}").error().message,
            "recovery share: unknown member \"x\"");
}

TEST(RecoveryReportData, BindsNodeKeyAsCcfDoesAndTheRecoveryKey) {
  const auto bound = recovery_report_data(as_bytes("spki"), as_bytes("key"));
  EXPECT_EQ(to_hex(ByteView(bound).first(32)), to_hex(crypto::sha256(as_bytes("spki"))));
  EXPECT_EQ(to_hex(ByteView(bound).last(32)), to_hex(crypto::sha256(as_bytes("key"))));
}

}  // namespace
}  // namespace vitrine::governance
