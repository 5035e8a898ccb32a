#include "core/waiting_node.h"

#include <algorithm>

#include "base/hex.h"
#include "base/log.h"
#include "core/dealing.h"
#include "core/node_certificate.h"
#include "crypto/hash.h"
#include "ledger/recovery_share.h"

namespace vitrine::core {
namespace {

constexpr crypto::Kem kKem = crypto::Kem::x25519_sha256;

// For TLS alone: no service key is there to endorse one. Whom it talks to a member knows by the
// evidence.
Result<crypto::Certificate> self_signed(const crypto::PrivateKey& key,
                                        const crypto::SubjectAlternatives& alternatives, Time now) {
  crypto::CertificateRequest request;
  request.common_name = "Vitrine Node";
  request.not_before = now - kBackdated;
  request.not_after = now + kNodeCertificateLife;
  request.alternatives = alternatives;
  return crypto::make_self_signed(request, key);
}

// From the leaves: tiles come from a disk that nobody vouches for yet.
Result<Digest> root_of_first(const storage::Store& store, std::uint64_t size) {
  TilesOfStore tiles(store);
  TreePair trees(tiles);
  VITRINE_CHECK(store.read(0, size, [&](std::uint64_t, const storage::Record& record) -> Status {
    VITRINE_TRY(const ledger::Leaf leaf, ledger::decode_leaf(record.leaf));
    trees.append(record.leaf, leaf);
    trees.take_finished();
    return {};
  }));
  return trees.roots().rfc9162;
}

}  // namespace

Result<std::unique_ptr<WaitingNode>> WaitingNode::begin(const Core::Parts& core,
                                                        const NodeOptions& options,
                                                        SealProvider& seal) {
  auto tiles = std::make_unique<TilesOfStore>(core.store);
  VITRINE_TRY(auto ledger, read_public_ledger(core.store, *tiles));
  if (ledger.state.recovery.deal == nullptr) {
    return not_found(
        "no recovery shares were dealt: nobody can open this service without its seal");
  }
  VITRINE_CHECK(check_dev_flag(*ledger.state.governance, options.dev));
  VITRINE_CHECK(check_seal(ledger.state.governance->settings, seal.kind()));
  VITRINE_TRY(auto sealing_key, seal.make(core.random));
  VITRINE_TRY(auto node_key, crypto::PrivateKey::generate(crypto::KeyKind::ec_p256));
  VITRINE_TRY(auto recovery_key, crypto::kem_generate(kKem));
  std::unique_ptr<WaitingNode> node(new WaitingNode({core, options, std::move(sealing_key)},
                                                    std::move(tiles), std::move(ledger),
                                                    std::move(node_key), std::move(recovery_key)));
  VITRINE_CHECK(node->prepare());
  return node;
}

Status WaitingNode::prepare() {
  node_ = node_key_.public_key().spki_sha256();
  VITRINE_TRY(certificate_, self_signed(node_key_, parts_.options.alternatives,
                                        std::max(parts_.core.clock.now(), state().time)));
  const auto report_data =
      governance::recovery_report_data(node_key_.public_key().spki(), recovery_key_.public_key);
  auto evidence = parts_.core.attest(report_data);
  if (!evidence && evidence.error().code != Code::not_found)
    return tl::unexpected<Error>(evidence.error());
  if (evidence) evidence_ = *std::move(evidence);
  return {};
}

governance::RecoveryTarget WaitingNode::target() const {
  return {state().service->genesis_hash, node_, deal().seqno};
}

WaitingNode::Progress WaitingNode::progress() const {
  const Lock lock(mutex_);
  return {good_.size(), deal().entry.threshold};
}

Status WaitingNode::check_statement(const governance::RecoveryStatement& statement) const {
  if (statement.evidence != crypto::sha256(evidence_.report)) {
    return denied("the statement is about other evidence than this node's",
                  "fetch /node/quotes/self again");
  }
  if (statement.head_size > state().size) {
    return denied("the member knows a log of " + std::to_string(statement.head_size) +
                      " entries, and this ledger has " + std::to_string(state().size),
                  "an older copy of the ledger: put the newest in place");
  }
  if (statement.head_size == 0) {
    if (statement.head_root == Digest{}) return {};
    return denied("a head of size 0 has a root of zero bytes");
  }
  VITRINE_TRY(const Digest root, root_of_first(parts_.core.store, statement.head_size));
  if (root == statement.head_root) return {};
  return denied("the member knows another log of " + std::to_string(statement.head_size) +
                    " entries than this ledger's",
                "one of the two was forked: find out before anyone gives a share");
}

Result<crypto::Share> WaitingNode::check_share(const std::string& member, ByteView clear) const {
  VITRINE_TRY(auto share, ledger::decode_recovery_share(clear));
  if (share.service != state().service->id) return denied("recovery share: of another service");
  const auto& dealt = deal().entry.shares;
  const auto own = std::find_if(dealt.begin(), dealt.end(),
                                [&member](const auto& each) { return each.member == member; });
  if (own == dealt.end()) return denied("no share of the newest deal is this member's");
  if (crypto::sha256(clear) != own->digest)
    return denied("recovery share: not the one that was dealt to this member");
  return std::move(share.share);
}

Result<WaitingNode::Good> WaitingNode::judge(std::string_view member, ByteView envelope) const {
  VITRINE_TRY(auto request,
              governance::read_recovery_request(*state().governance, envelope, target()));
  const std::string& signer = request.given.member;
  if (!member.empty() && member != signer) {
    return denied("member " + signer + ": the path names another member, " + std::string(member));
  }
  const auto& statement = request.given.statement;
  const auto checked = [&]() -> Result<crypto::Share> {
    if (!statement) return check_share(signer, request.plaintext_share.reveal());
    VITRINE_CHECK(check_statement(*statement));
    VITRINE_TRY(const SecretBytes clear,
                governance::open_share(*statement, recovery_key_.private_key.reveal(),
                                       recovery_key_.public_key));
    return check_share(signer, clear.reveal());
  };
  auto share = checked();
  if (!share) return in_context("member " + signer, share.error());
  return Good{std::move(request.given), *std::move(share)};
}

Result<WaitingNode::Progress> WaitingNode::give(std::string_view member, ByteView envelope) {
  auto good = judge(member, envelope);
  if (!good) {
    log::warning("recovery share refused", {{"reason", good.error().message}});
    return tl::unexpected<Error>(good.error());
  }
  const std::string signer = good->given.member;
  Progress progress;
  {
    const Lock lock(mutex_);
    if (good_.size() >= deal().entry.threshold)
      return conflict("recovery: enough members gave their shares already");
    good_.insert_or_assign(signer, *std::move(good));
    progress = {good_.size(), deal().entry.threshold};
  }
  log::info("recovery share taken", {{"member", signer},
                                     {"given", std::to_string(progress.given)},
                                     {"threshold", std::to_string(progress.threshold)}});
  return progress;
}

Result<std::unique_ptr<Core>> WaitingNode::open() {
  std::vector<crypto::Share> shares;
  ByMembers by_members{deal().seqno, {}};
  {
    const Lock lock(mutex_);
    for (auto& [member, good] : good_) {
      shares.push_back({good.share.index, good.share.value.clone()});
      by_members.shares.push_back(good.given);
    }
  }
  VITRINE_TRY(const storage::Record record, parts_.core.store.read_one(deal().seqno - 1));
  VITRINE_TRY(auto secrets,
              open_deal(deal(), record.sealed, shares, state().service->id, node_key_));
  SealingKey seal{parts_.seal.kind, parts_.seal.key.clone(), parts_.seal.object};
  return open_service(parts_.core, parts_.options,
                      {std::move(secrets), std::move(seal), std::move(by_members)});
}

}  // namespace vitrine::core
