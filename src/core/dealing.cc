#include "core/dealing.h"

#include "crypto/hash.h"
#include "ledger/recovery_share.h"

namespace vitrine::core {
namespace {

Result<ledger::SharesDealt::Share> encrypt_share(const governance::State& governance,
                                                 const std::string& member,
                                                 const ledger::RecoveryShare& share) {
  const SecretBytes clear = ledger::encode(share);
  const auto& key = governance.members.at(member).encryption_key;
  auto encrypted = key->oaep_encrypt(clear.reveal());
  if (!encrypted) return in_context("recovery share of member " + member, encrypted.error());
  return ledger::SharesDealt::Share{member, *std::move(encrypted), crypto::sha256(clear.reveal())};
}

}  // namespace

Result<Draft> deal_shares(const ServiceSecrets& secrets, const State& newest, Random& random) {
  const governance::State& governance = *newest.governance;
  if (!governance::can_deal(governance))
    return conflict("recovery shares: too few active recovery members for the threshold");
  const governance::Duty* due = newest.proceedings->due(governance::DutyKind::deal_shares);
  if (due == nullptr) return conflict("recovery shares: nobody demanded a deal");
  const auto members = governance.active_recovery_members();
  SecretBytes recovery_key(ledger::kRecoveryKeyBytes);
  random.fill(recovery_key.reveal_writable());
  VITRINE_TRY(auto shares, crypto::split(recovery_key.reveal(), governance.recovery_threshold,
                                         static_cast<unsigned>(members.size()), random));
  ledger::SharesDealt entry;
  entry.cause = due->cause;
  entry.secret_version = newest.secret_version;
  entry.threshold = governance.recovery_threshold;
  for (std::size_t i = 0; i < members.size(); ++i) {
    const ledger::RecoveryShare share{secrets.service_id, std::move(shares[i])};
    VITRINE_TRY(auto dealt, encrypt_share(governance, members[i], share));
    entry.shares.push_back(std::move(dealt));
  }
  const SecretBytes packed = pack_secrets(secrets, false);
  ledger::SealedPart sealed;
  sealed.stored =
      ledger::seal_under(recovery_key.reveal(), secrets.service_id, ledger::Kind::shares_dealt,
                         ledger::deal_context(entry), packed.reveal(), random);
  sealed.commitment = {0, sealed.stored.size(), crypto::sha256(sealed.stored)};
  Draft draft;
  draft.kind = ledger::Kind::shares_dealt;
  draft.public_part = ledger::encode(entry);
  draft.sealed = std::move(sealed);
  return draft;
}

Result<ServiceSecrets> open_deal(const governance::Deal& deal, ByteView stored,
                                 const std::vector<crypto::Share>& shares,
                                 const ledger::ServiceId& service,
                                 const crypto::PrivateKey& node_key) {
  VITRINE_TRY(const SecretBytes recovery_key, crypto::combine(shares));
  auto packed = ledger::open_under(recovery_key.reveal(), service, ledger::Kind::shares_dealt,
                                   ledger::deal_context(deal.entry), deal.sealed, stored);
  if (!packed) return in_context("the deal of entry " + std::to_string(deal.seqno), packed.error());
  return unpack_secrets(packed->reveal(), service, node_key);
}

}  // namespace vitrine::core
