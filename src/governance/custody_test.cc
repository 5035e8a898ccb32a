// What entries about keys, certificates and shares may say, and something close to each that they
// may not.
#include "governance/custody.h"

#include <gtest/gtest.h>

#include "governance/council_for_testing.h"
#include "governance/recovery_request.h"
#include "ledger/endorsement.h"

namespace vitrine::governance {
namespace {

using ledger::Kind;

class CustodyTest : public testing::Test {
 protected:
  CustodyTest() {
    const auto rsa = crypto::PrivateKey::generate(crypto::KeyKind::rsa, 2048);
    council_.alter([&](State& state) {
      for (auto& [id, member] : state.members) member.encryption_key = rsa->public_key();
      state.recovery_threshold = 2;
    });
    service_cert_ = self_signed(service_key_, 365);
    node_cert_ = issued(node_key_.public_key(), *service_cert_, service_key_);
    custody_.emplace(Custody{*service_cert_, std::nullopt, *node_cert_, log_key_.public_key(),
                             "log.example", 1, nullptr, 0});
  }
  crypto::CertificateRequest request(std::string_view name, bool ca, int days) const {
    crypto::CertificateRequest made;
    made.common_name = std::string(name);
    made.ca = ca;
    made.not_before = council_.now - std::chrono::hours(1);
    made.not_after = council_.now + std::chrono::hours(24 * days);
    return made;
  }
  crypto::Certificate self_signed(const crypto::PrivateKey& key, int days) const {
    return *crypto::make_self_signed(request("Vitrine Service", true, days), key);
  }
  crypto::Certificate issued(const crypto::PublicKey& key, const crypto::Certificate& issuer,
                             const crypto::PrivateKey& issuer_key, bool ca = false) const {
    return *crypto::make_certificate(request(ca ? "Vitrine Service" : "Vitrine Node", ca, 30), key,
                                     issuer, issuer_key);
  }
  static crypto::PrivateKey key(crypto::KeyKind kind = crypto::KeyKind::ec_p256) {
    return *crypto::PrivateKey::generate(kind);
  }
  static std::array<Byte, 32> raw(const crypto::PrivateKey& of) {
    std::array<Byte, 32> out{};
    const ByteView last = ByteView(of.public_key().spki()).last(32);
    std::copy(last.begin(), last.end(), out.begin());
    return out;
  }
  void demand(DutyKind kind) { proceedings_.demand({kind, kCause, {}, 0}); }
  // "" or why not.
  template <class Entry>
  std::string fold(Kind kind, const Entry& entry, const Bytes& blob = {}) {
    ledger::Leaf leaf;
    leaf.kind = kind;
    leaf.id = {2, kSeqno};
    leaf.time = council_.now;
    leaf.public_part = ledger::encode(entry);
    leaf.previous = previous_;
    if (kind == Kind::shares_dealt) leaf.sealed = ledger::SealedCommitment{sealed_version_, 1, {}};
    if (sealed_by_mistake_) leaf.sealed = ledger::SealedCommitment{1, 1, {}};
    const Status folded =
        fold_custody(*custody_, proceedings_,
                     {service_, council_.genesis_hash, *council_.folded.state}, leaf, blob);
    return folded ? "" : folded.error().message;
  }
  ledger::SharesDealt deal() const {
    ledger::SharesDealt entry{kCause, 1, 2, {}};
    for (const auto& [id, member] : council_.folded.state->members)
      entry.shares.push_back({id, Bytes(256), {}});
    return entry;
  }
  ledger::LogKeyRotated log_rotation(const crypto::PrivateKey& next) const {
    ledger::LogKeyRotated entry{kCause, raw(next), {}};
    entry.endorsement = *log_key_.sign(crypto::SignatureAlgorithm::ed25519,
                                       ledger::log_key_endorsement(service_, entry.log_key));
    return entry;
  }

  static constexpr std::uint64_t kCause = 7;
  static constexpr std::uint64_t kSeqno = 9;
  Council council_;
  ledger::ServiceId service_{5};
  crypto::PrivateKey service_key_ = key();
  crypto::PrivateKey node_key_ = key();
  crypto::PrivateKey log_key_ = key(crypto::KeyKind::ed25519);
  std::optional<crypto::Certificate> service_cert_;
  std::optional<crypto::Certificate> node_cert_;
  std::optional<Custody> custody_;
  Proceedings proceedings_;
  std::optional<ledger::Roots> previous_;
  std::uint64_t sealed_version_ = 0;
  bool sealed_by_mistake_ = false;
};

TEST_F(CustodyTest, ADealIsDemandedOfTheSecretInForceAndToEachRecoveryMember) {
  EXPECT_EQ(fold(Kind::shares_dealt, deal()), "shares_dealt: nobody demanded it");
  demand(DutyKind::deal_shares);
  auto other = deal();
  other.cause = 6;
  EXPECT_EQ(fold(Kind::shares_dealt, other),
            "shares_dealt: entry 7 demanded it, and it names another cause");
  other = deal();
  other.secret_version = 2;
  EXPECT_NE(fold(Kind::shares_dealt, other), "");
  other = deal();
  other.threshold = 3;
  EXPECT_EQ(fold(Kind::shares_dealt, other), "shares_dealt: its threshold is not the governed one");
  other = deal();
  other.shares.pop_back();
  EXPECT_EQ(fold(Kind::shares_dealt, other),
            "shares_dealt: not one share to each active recovery member");
  sealed_version_ = 1;
  EXPECT_NE(fold(Kind::shares_dealt, deal()), "") << "under a ledger secret";
  sealed_version_ = 0;
  EXPECT_EQ(custody_->deal, nullptr);
  EXPECT_EQ(fold(Kind::shares_dealt, deal()), "");
  EXPECT_EQ(custody_->deal->seqno, kSeqno);
  EXPECT_EQ(proceedings_.due(DutyKind::deal_shares), nullptr);
  EXPECT_EQ(fold(Kind::shares_dealt, deal()), "shares_dealt: nobody demanded it") << "twice";
}

TEST_F(CustodyTest, NothingIsDealtWithoutEnoughMembersOrBeforeTheServiceIsOpen) {
  EXPECT_TRUE(can_deal(*council_.folded.state));
  council_.alter([](State& state) { state.opening = true; });
  EXPECT_FALSE(can_deal(*council_.folded.state));
  council_.alter([](State& state) {
    state.opening = false;
    state.recovery_threshold = 1;
  });
  EXPECT_FALSE(can_deal(*council_.folded.state)) << "one member alone, outside dev";
  council_.alter([](State& state) { state.settings.dev = true; });
  EXPECT_TRUE(can_deal(*council_.folded.state));
  council_.alter([](State& state) { state.recovery_threshold = 4; });
  EXPECT_FALSE(can_deal(*council_.folded.state));
}

TEST_F(CustodyTest, ARekeyRaisesTheVersionAndDemandsADeal) {
  demand(DutyKind::rekey);
  EXPECT_EQ(fold(Kind::ledger_rekeyed, ledger::LedgerRekeyed{0, 2}),
            "ledger_rekeyed: entry 7 demanded it, and it names another cause");
  custody_->secret_version = 2;
  EXPECT_NE(fold(Kind::ledger_rekeyed, ledger::LedgerRekeyed{kCause, 2}), "");
  sealed_by_mistake_ = true;
  EXPECT_EQ(fold(Kind::ledger_rekeyed, ledger::LedgerRekeyed{kCause, 4}),
            "ledger_rekeyed: has a sealed part");
  sealed_by_mistake_ = false;
  EXPECT_EQ(fold(Kind::ledger_rekeyed, ledger::LedgerRekeyed{kCause, 4}), "");
  EXPECT_EQ(custody_->secret_version, 4u);
  ASSERT_NE(proceedings_.due(DutyKind::deal_shares), nullptr);
  EXPECT_EQ(proceedings_.due(DutyKind::deal_shares)->cause, kCause);
}

TEST_F(CustodyTest, ARenewedCertificateIsOfTheSameKeyAndNoLongerThanGoverned) {
  const auto renewed = [&](const crypto::Certificate& certificate, bool of_service) {
    return fold(Kind::certificate_renewed,
                ledger::CertificateRenewed{0, of_service, certificate.der()});
  };
  EXPECT_EQ(renewed(self_signed(key(), 365), true), "certificate_renewed: of another key or name");
  EXPECT_NE(renewed(self_signed(service_key_, 366), true).find("365 days"), std::string::npos);
  EXPECT_EQ(renewed(self_signed(service_key_, 365), true), "");
  const auto other = key();
  EXPECT_NE(renewed(issued(node_key_.public_key(), self_signed(other, 30), other), false), "");
  EXPECT_EQ(renewed(issued(node_key_.public_key(), custody_->service, service_key_), false), "");
  EXPECT_EQ(fold(Kind::certificate_renewed,
                 ledger::CertificateRenewed{kCause, true, service_cert_->der()}),
            "certificate_renewed: nobody demanded it");
}

TEST_F(CustodyTest, ARotatedServiceKeyIsEndorsedByTheOneBefore) {
  demand(DutyKind::rotate_service_key);
  const auto next = key();
  const auto certificate = self_signed(next, 365);
  const auto node = issued(node_key_.public_key(), certificate, next);
  const auto endorsement = issued(next.public_key(), *service_cert_, service_key_, true);
  const auto rotated = [&](const crypto::Certificate& service, const crypto::Certificate& by,
                           const crypto::Certificate& of_node) {
    return fold(Kind::service_key_rotated,
                ledger::ServiceKeyRotated{kCause, service.der(), by.der(), of_node.der()});
  };
  EXPECT_NE(rotated(*service_cert_, endorsement, node), "") << "the key before";
  EXPECT_NE(rotated(certificate, issued(next.public_key(), certificate, next, true), node), "")
      << "endorsed by itself";
  EXPECT_NE(
      rotated(certificate, issued(key().public_key(), *service_cert_, service_key_, true), node),
      "");
  EXPECT_NE(rotated(certificate, endorsement, *node_cert_), "") << "of the key before";
  EXPECT_EQ(rotated(certificate, endorsement, node), "");
  EXPECT_EQ(custody_->service.der(), certificate.der());
  EXPECT_EQ(custody_->node.der(), node.der());
  EXPECT_TRUE(custody_->endorsement);
}

TEST_F(CustodyTest, ARotatedLogKeyIsSignedByTheOneBefore) {
  demand(DutyKind::rotate_log_key);
  const auto next = key(crypto::KeyKind::ed25519);
  auto entry = log_rotation(next);
  entry.log_key = raw(key(crypto::KeyKind::ed25519));
  EXPECT_EQ(fold(Kind::log_key_rotated, entry),
            "log_key_rotated: the key before did not sign the new one");
  EXPECT_NE(fold(Kind::log_key_rotated, log_rotation(log_key_)), "") << "the key before";
  EXPECT_EQ(fold(Kind::log_key_rotated, log_rotation(next)), "");
  EXPECT_EQ(custody_->log_key, next.public_key());
}

TEST_F(CustodyTest, ALogGoesOnFromTheHeadBeforeUnderAnotherNameKeyAndSecret) {
  ledger::Roots head{8, Digest{{1}}, Digest{{2}}};
  const auto next = key(crypto::KeyKind::ed25519);
  const ledger::ContinuedFrom good{head, "log.example", "log.example/2", raw(next), 2};
  EXPECT_NE(fold(Kind::continued_from, good), "") << "not the first of its batch";
  previous_ = head;
  auto entry = good;
  entry.old_head.size = 7;
  EXPECT_NE(fold(Kind::continued_from, entry), "");
  entry = good;
  entry.old_origin = "other.example";
  EXPECT_NE(fold(Kind::continued_from, entry), "");
  entry = good;
  entry.log_origin = entry.old_origin;
  EXPECT_NE(fold(Kind::continued_from, entry), "");
  entry = good;
  entry.log_key = raw(log_key_);
  EXPECT_NE(fold(Kind::continued_from, entry), "");
  custody_->secret_version = 2;
  EXPECT_NE(fold(Kind::continued_from, good), "");
  custody_->secret_version = 1;
  EXPECT_EQ(fold(Kind::continued_from, good), "");
  EXPECT_EQ(custody_->log_origin, "log.example/2");
  EXPECT_NE(proceedings_.due(DutyKind::deal_shares), nullptr);
}

TEST_F(CustodyTest, ARecoveryHasTheStatementsOfAsManyMembersAsItTakes) {
  demand(DutyKind::deal_shares);
  ASSERT_EQ(fold(Kind::shares_dealt, deal()), "");
  const auto recovery_key = *crypto::kem_generate(crypto::Kem::x25519_sha256);
  const Digest node = node_key_.public_key().spki_sha256();
  const auto given = [&](std::size_t member, Digest evidence = {}, std::uint64_t size = 0) {
    RecoveryStatement statement;
    statement.service = council_.genesis_hash;
    statement.node = node;
    statement.evidence = evidence;
    statement.deal = kSeqno;
    statement.head_size = size;
    EXPECT_TRUE(seal_share(statement, recovery_key.public_key, Bytes(66)));
    GivenShare share;
    share.member = council_.id(member);
    share.envelope = council_.request(member, MessageType::recovery_share, statement.to_json());
    share.statement = std::move(statement);
    return share;
  };
  const auto recovered = [&](std::vector<GivenShare> shares, std::uint64_t of = kSeqno) {
    std::sort(shares.begin(), shares.end(),
              [](const auto& a, const auto& b) { return a.member < b.member; });
    const Bytes blob = write_given_shares(shares);
    return fold(Kind::service_recovered,
                ledger::ServiceRecovered{node, of, ledger::blob_ref(blob, "application/cbor")},
                blob);
  };
  EXPECT_EQ(recovered({given(0)}),
            "service_recovered: fewer members than the threshold gave their shares");
  EXPECT_NE(recovered({given(0), given(0)}), "") << "one member twice";
  EXPECT_NE(recovered({given(0), given(1, Digest{{1}})}), "") << "about other evidence";
  EXPECT_NE(recovered({given(0), given(1, {}, kSeqno)}), "") << "who knows a larger log";
  EXPECT_NE(recovered({given(0), given(1)}, kSeqno - 1), "") << "another deal";
  GivenShare bare;
  bare.member = council_.id(1);
  EXPECT_NE(recovered({given(0), bare}), "") << "in the clear, against governance";
  council_.alter([](State& state) { state.settings.unsafe_plaintext_shares = true; });
  EXPECT_EQ(recovered({given(0), bare}), "");
  EXPECT_EQ(recovered({given(0), given(2)}), "");
  EXPECT_EQ(custody_->recovery_count, 2u);
  council_.alter([&](State& state) { state.members.erase(council_.id(2)); });
  EXPECT_NE(recovered({given(0), given(2)}), "") << "no member any more";
}

}  // namespace
}  // namespace vitrine::governance
