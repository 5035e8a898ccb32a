// A service whose seal is lost: members give their shares to a waiting node, one by one, and it
// goes on as the same service. And one that comes from a backup.
#include "core/waiting_node.h"

#include "base/base64.h"
#include "base/hex.h"
#include "core/recovery_for_testing.h"
#include "crypto/hash.h"
#include "ledger/receipt.h"

namespace vitrine::core {
namespace {

using governance::RecoveryStatement;

class RecoveryTest : public testing::Test {
 protected:
  void SetUp() override {
    add_recovery_members(service_.governance());
    service_.create();
    kid_ = rotate_key(service_.core())->key->item.kid;
    const auto view = service_.core().view();
    receipt_ = *service_.core().receipt(view->state.keys->newest()->id);
    certificate_ = view->state.service->certificate;
    head_ = view->head.root.roots;
    service_.stop();
  }
  Core::Parts parts() {
    return {service_.store(), service_.files(), confirm_, service_.clock(), random_};
  }
  static NodeOptions options() { return {{{"localhost"}, {}}, "vitrined test", true}; }
  void wait() {
    service_.files().set_secrets(std::nullopt);
    FixedSeal seal(9);
    auto begun = WaitingNode::begin(parts(), options(), seal);
    ASSERT_TRUE(begun) << begun.error().message;
    node_ = *std::move(begun);
  }
  RecoveryStatement statement() const {
    RecoveryStatement made;
    made.service = node_->state().service->genesis_hash;
    made.node = node_->node_key().public_key().spki_sha256();
    made.evidence = crypto::sha256(node_->evidence().report);
    made.deal = node_->deal().seqno;
    made.head_size = head_.size;
    made.head_root = head_.rfc9162;
    return made;
  }
  SecretBytes share(std::size_t member) const {
    return share_of(node_->deal(), recovery_members_for_testing()[member]);
  }
  Bytes sign(std::size_t member, std::string_view content) const {
    return governance::Council::request_by(recovery_members_for_testing()[member].identity,
                                           governance::MessageType::recovery_share, content, {},
                                           governance::Council::kNow);
  }
  Bytes sealed(std::size_t member, RecoveryStatement made, ByteView clear) const {
    EXPECT_TRUE(governance::seal_share(made, node_->recovery_key(), clear));
    return sign(member, made.to_json());
  }
  Bytes good(std::size_t member) const {
    return sealed(member, statement(), share(member).reveal());
  }
  std::string id(std::size_t member) const {
    return recovery_members_for_testing()[member].identity.id;
  }
  Result<WaitingNode::Progress> give(std::size_t member, const Bytes& envelope) {
    return node_->give(id(member), envelope);
  }
  // Without the name of the member, which stands in front.
  std::string refusal(std::size_t member, const Bytes& envelope) {
    const auto given = give(member, envelope);
    if (given) return "taken";
    const std::string named = "member " + id(member) + ": ";
    EXPECT_EQ(given.error().message.substr(0, named.size()), named);
    return given.error().message.substr(std::min(named.size(), given.error().message.size()));
  }

  TestService service_;
  SystemRandom random_;
  ConfirmAtOnce confirm_;
  std::string kid_;
  ledger::Receipt receipt_;
  std::optional<crypto::Certificate> certificate_;
  ledger::Roots head_;
  std::unique_ptr<WaitingNode> node_;
  NoRollbackGuard guard_;
};

TEST_F(RecoveryTest, TwoOfThreeOpenItAndKeysCertificateAndReceiptsAreTheSame) {
  wait();
  const auto first = give(0, good(0));
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(first->given, 1u);
  EXPECT_FALSE(first->complete());
  ASSERT_TRUE(give(2, good(2)));
  EXPECT_TRUE(node_->progress().complete());
  auto opened = node_->open();
  ASSERT_TRUE(opened) << opened.error().message;
  Core& core = **opened;
  EXPECT_FALSE(service_.files().secrets().value()) << "sealed once the ledger tells of it";
  ASSERT_TRUE(core.take_up(guard_));
  EXPECT_TRUE(service_.files().secrets().value());
  const auto view = core.view();
  EXPECT_EQ(view->state.recovery.count, 1u);
  EXPECT_EQ(view->state.service->certificate.der(), certificate_->der());
  EXPECT_EQ(view->state.node->id, to_hex(node_->node_key().public_key().spki_sha256()));
  EXPECT_TRUE(core.vault().private_key(*view->state.keys->find(kid_)));
  EXPECT_TRUE(ledger::verify_receipt(receipt_, view->state.service->certificate));
  const auto entry = ledger::decode_leaf(service_.store().read_one(view->state.size - 1)->leaf);
  EXPECT_EQ(entry->kind, ledger::Kind::service_recovered);
  opened->reset();

  // From here on it starts by its new seal.
  FixedSeal seal(9);
  auto started = start_service(parts(), options(), seal);
  ASSERT_TRUE(started) << started.error().message;
  EXPECT_TRUE((*started)->take_up(guard_));
}

TEST_F(RecoveryTest, AMissingLastHeadIsNoObstacle) {
  service_.files().set_last_head(std::nullopt);
  wait();
  ASSERT_TRUE(give(0, good(0)));
  ASSERT_TRUE(give(1, good(1)));
  auto opened = node_->open();
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_TRUE((*opened)->take_up(guard_));
}

TEST_F(RecoveryTest, AShareIsGivenAgainWithoutBeingCountedTwice) {
  wait();
  ASSERT_TRUE(give(0, good(0)));
  const auto again = give(0, good(0));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->given, 1u);
  ASSERT_TRUE(give(1, good(1)));
  const auto late = give(2, good(2));
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, Code::conflict);
}

TEST_F(RecoveryTest, RefusesStatementsForAnythingElseAndCountsNone) {
  wait();
  const SecretBytes clear = share(0);
  auto made = statement();
  made.service.bytes[0] ^= 1;
  EXPECT_EQ(refusal(0, sealed(0, made, clear.reveal())), "the statement is for another service");
  made = statement();
  made.node.bytes[0] ^= 1;
  EXPECT_EQ(refusal(0, sealed(0, made, clear.reveal())), "the statement is for another node");
  made = statement();
  made.evidence.bytes[0] ^= 1;
  EXPECT_EQ(refusal(0, sealed(0, made, clear.reveal())),
            "the statement is about other evidence than this node's");
  made = statement();
  made.deal = 3;
  EXPECT_EQ(refusal(0, sealed(0, made, clear.reveal())),
            "the share is of deal 3, not of the newest, 4");
  made = statement();
  made.head_size = node_->state().size + 1;
  EXPECT_NE(refusal(0, sealed(0, made, clear.reveal())).find("the member knows a log of"),
            std::string::npos);
  made = statement();
  made.head_root.bytes[0] ^= 1;
  EXPECT_NE(refusal(0, sealed(0, made, clear.reveal())).find("the member knows another log"),
            std::string::npos);
  made = statement();
  made.head_size = 0;
  EXPECT_EQ(refusal(0, sealed(0, made, clear.reveal())),
            "a head of size 0 has a root of zero bytes");
  EXPECT_EQ(node_->progress().given, 0u);
  made.head_root = {};
  EXPECT_EQ(refusal(0, sealed(0, made, clear.reveal())), "taken") << "who knows no head";
}

TEST_F(RecoveryTest, RefusesWrongMalformedAndForeignSharesOneByOne) {
  wait();
  const std::string wrong = "recovery share: not the one that was dealt to this member";
  EXPECT_EQ(refusal(0, sealed(0, statement(), share(1).reveal())), wrong) << "another member's";
  Bytes bytes = to_bytes(share(0).reveal());
  bytes.back() ^= 1;
  EXPECT_EQ(refusal(0, sealed(0, statement(), bytes)), wrong);
  bytes[2] ^= 1;
  EXPECT_EQ(refusal(0, sealed(0, statement(), bytes)), "recovery share: of another service");
  bytes.pop_back();
  EXPECT_EQ(refusal(0, sealed(0, statement(), bytes)), "recovery share: 65 bytes, not 66");

  auto made = statement();
  const auto other = crypto::kem_generate(crypto::Kem::x25519_sha256);
  ASSERT_TRUE(governance::seal_share(made, other->public_key, share(0).reveal()));
  EXPECT_EQ(refusal(0, sign(0, made.to_json())),
            "recovery share: does not open with this node's recovery key");
  ASSERT_TRUE(governance::seal_share(made, node_->recovery_key(), share(0).reveal()));
  made.head_size = 1;
  EXPECT_NE(refusal(0, sign(0, made.to_json())), "taken") << "sealed with another statement";
  EXPECT_EQ(node_->progress().given, 0u);
}

TEST_F(RecoveryTest, RefusesSignersWhoAreNoActiveMembersAndOtherPaths) {
  wait();
  const auto stranger = governance::identity_for_testing("mallory");
  auto made = statement();
  ASSERT_TRUE(governance::seal_share(made, node_->recovery_key(), share(0).reveal()));
  const auto foreign =
      node_->give(stranger.id,
                  governance::Council::request_by(stranger, governance::MessageType::recovery_share,
                                                  made.to_json(), {}, governance::Council::kNow));
  ASSERT_FALSE(foreign);
  EXPECT_EQ(foreign.error().code, Code::denied);
  const auto path = node_->give(id(1), good(0));
  ASSERT_FALSE(path);
  EXPECT_EQ(path.error().message, "member " + id(0) + ": the path names another member, " + id(1));
  Bytes broken = good(0);
  broken.back() ^= 1;
  EXPECT_FALSE(give(0, broken));
  const auto type = node_->give(
      id(0), governance::Council::request_by(recovery_members_for_testing()[0].identity,
                                             governance::MessageType::ballot, made.to_json(), {},
                                             governance::Council::kNow));
  EXPECT_FALSE(type);
  EXPECT_EQ(node_->progress().given, 0u);
}

TEST_F(RecoveryTest, TakesSharesInTheClearOnlyWhereGovernanceSaysSo) {
  wait();
  codec::json::Object content;
  content["share"] = to_base64(share(0).reveal());
  const std::string text = codec::json::write(content);
  EXPECT_EQ(refusal(0, sign(0, text)),
            "shares in the clear are not taken: whoever ends the TLS connection sees them");
}

TEST_F(RecoveryTest, ALedgerThatItsSecretsDoNotVouchForIsNotOpened) {
  wait();
  ASSERT_TRUE(give(0, good(0)));
  ASSERT_TRUE(give(1, good(1)));
  storage::Record key = *service_.store().read_one(4);
  key.sealed.back() ^= 1;
  service_.disk().overwrite(4, key);
  const auto opened = node_->open();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Code::denied);
  EXPECT_FALSE(service_.files().secrets().value());
}

class UnsafeRecovery : public RecoveryTest {
 protected:
  void SetUp() override {
    service_.governance().settings.unsafe_plaintext_shares = true;
    RecoveryTest::SetUp();
  }
};

TEST_F(UnsafeRecovery, TakesThemAndKeepsNoneOfThem) {
  wait();
  for (const std::size_t member : {0, 1}) {
    codec::json::Object content;
    content["share"] = to_base64(share(member).reveal());
    ASSERT_EQ(refusal(member, sign(member, codec::json::write(content))), "taken");
  }
  auto opened = node_->open();
  ASSERT_TRUE(opened) << opened.error().message;
  ASSERT_TRUE((*opened)->take_up(guard_));
  const auto view = (*opened)->view();
  EXPECT_EQ(view->state.recovery.count, 1u);
  const auto record = service_.store().read_one(view->state.size - 1);
  const std::string blob = to_hex(record->blob);
  EXPECT_EQ(blob.find(to_hex(share(0).reveal().subspan(34))), std::string::npos);
  EXPECT_NE(blob.find(id(0)), std::string::npos);
}

class Restored : public RecoveryTest {
 protected:
  void mark() {
    service_.files().set_last_head(std::nullopt);
    codec::json::Object marker;
    marker["format"] = "vitrine/restore@v1";
    marker["origin"] = origin_;
    marker["size"] = head_.size;
    marker["rfc9162"] = to_hex(head_.rfc9162);
    marker["ccf"] = to_hex(head_.ccf);
    marker["checkpoint"] = "as it was";
    marker["shown"] = codec::json::Array();
    service_.files().set_restore_marker(to_bytes(codec::json::write(marker)));
  }
  void SetUp() override {
    RecoveryTest::SetUp();
    const auto leaf = ledger::decode_leaf(service_.store().read_one(0)->leaf);
    origin_ = ledger::decode_service_created(leaf->public_part)->log_origin;
    mark();
  }
  Result<std::unique_ptr<Core>> start() {
    FixedSeal seal;
    return start_service(parts(), options(), seal);
  }
  void check_continued(Core& core) {
    const auto view = core.view();
    const State& state = view->state;
    EXPECT_EQ(state.service->log_origin.substr(0, origin_.size() + 10), origin_ + "/restored-");
    EXPECT_EQ(state.secret_version, 2u);
    EXPECT_EQ(ledger::decode_leaf(service_.store().read_one(head_.size)->leaf)->kind,
              ledger::Kind::continued_from);
    EXPECT_EQ(state.recovery.deal->entry.cause, head_.size + 1);
    EXPECT_EQ(state.recovery.deal->entry.secret_version, 2u);
    EXPECT_FALSE(service_.files().restore_marker().value());
    EXPECT_TRUE(core.vault().private_key(*state.keys->find(kid_)));
    EXPECT_TRUE(ledger::verify_receipt(receipt_, state.service->certificate));
    EXPECT_TRUE(verify_head(view->head, view->trees->roots(), *state.service));
  }
  std::string origin_;
};

TEST_F(Restored, GoesOnUnderANewLogKeyOriginAndSecret) {
  auto started = start();
  ASSERT_TRUE(started) << started.error().message;
  ASSERT_TRUE((*started)->take_up(guard_));
  check_continued(**started);
  started->reset();
  auto again = start();
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_TRUE((*again)->take_up(guard_));
}

TEST_F(Restored, AStopBeforeOrAfterTheFirstEntriesLosesNothing) {
  { ASSERT_TRUE(start()); }  // kept new secrets, appended nothing
  EXPECT_TRUE(service_.files().restore_marker().value());
  auto started = start();
  ASSERT_TRUE(started) << started.error().message;
  ASSERT_TRUE((*started)->take_up(guard_));
  EXPECT_EQ((*started)->view()->state.secret_version, 3u) << "2 was never in force";
  started->reset();
  mark();  // as if the marker had not been removed
  auto again = start();
  ASSERT_TRUE(again) << again.error().message;
  ASSERT_TRUE((*again)->take_up(guard_));
  EXPECT_FALSE(service_.files().restore_marker().value());
}

TEST_F(Restored, OpensByShares) {
  wait();
  ASSERT_TRUE(give(0, good(0)));
  ASSERT_TRUE(give(1, good(1)));
  auto opened = node_->open();
  ASSERT_TRUE(opened) << opened.error().message;
  ASSERT_TRUE((*opened)->take_up(guard_));
  EXPECT_EQ((*opened)->view()->state.recovery.count, 1u);
  check_continued(**opened);
}

TEST_F(Restored, RefusesAMarkerOfAnotherStore) {
  head_.rfc9162.bytes[0] ^= 1;
  mark();
  EXPECT_FALSE(start());
  head_.rfc9162.bytes[0] ^= 1;
  ++head_.size;
  mark();
  const auto larger = start();
  ASSERT_FALSE(larger);
  EXPECT_EQ(larger.error().code, Code::denied);
  --head_.size;
  origin_ += "x";
  mark();
  EXPECT_FALSE(start());
  service_.files().set_restore_marker(to_bytes(std::string_view("{}")));
  const auto none = start();
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, Code::malformed);
}

}  // namespace
// A refusal leaves the folder as it was found.
TEST(WaitingNodeWithoutADeal, MakesNoKey) {
  class NoKeys final : public SealProvider {
   public:
    std::string_view kind() const override { return "file"; }
    Result<SealingKey> make(Random&) override {
      ADD_FAILURE() << "a key is made though nobody can open the service";
      return not_found("no key");
    }
    Result<SecretBytes> open(ByteView) override { return not_found("lost"); }
  };
  TestService service;
  service.create();
  service.stop();
  ConfirmAtOnce confirm;
  SystemRandom random;
  NoKeys seal;
  const auto waiting =
      WaitingNode::begin({service.store(), service.files(), confirm, service.clock(), random},
                         {{{"localhost"}, {}}, "vitrined test", true}, seal);
  ASSERT_FALSE(waiting);
  EXPECT_EQ(waiting.error().code, Code::not_found);
}

}  // namespace vitrine::core
