#include "governance/custody.h"

#include <algorithm>

#include "base/hex.h"
#include "crypto/hash.h"
#include "governance/admission.h"
#include "governance/recovery_request.h"
#include "ledger/endorsement.h"

namespace vitrine::governance {
namespace {

using ledger::Kind;
using ledger::Leaf;

constexpr unsigned kLeastThreshold = 2;  // outside dev: one member alone opens nothing
constexpr auto kDay = std::chrono::hours(24);

std::string name_of(const Leaf& leaf) { return std::string(ledger::name_of(leaf.kind)); }

// What the fold of one entry works on.
struct Step {
  Custody& custody;
  Proceedings& proceedings;
  const CustodyPlace& place;
  const Leaf& leaf;
  ByteView blob;
};

// Of renewals 0 may stand: the node renewed by itself, as its certificate came to its end.
Status discharge(Step& step, DutyKind kind, std::uint64_t cause) {
  if (cause == 0 && step.leaf.kind == Kind::certificate_renewed) return {};
  const Duty* due = step.proceedings.due(kind);
  if (due == nullptr) return conflict(name_of(step.leaf) + ": nobody demanded it");
  if (due->cause != cause)
    return conflict(name_of(step.leaf) + ": entry " + std::to_string(due->cause) +
                    " demanded it, and it names another cause");
  step.proceedings.discharge(kind);
  return {};
}

// What shares were dealt of is no longer all there is.
void demand_deal(Step& step, std::uint64_t cause) {
  if (!can_deal(step.place.governance) || step.proceedings.due(DutyKind::deal_shares) != nullptr)
    return;
  step.proceedings.demand({DutyKind::deal_shares, cause, {}, 0});
}

Status check_sealed_part(const Leaf& leaf) {
  const bool has_own_key = leaf.sealed && leaf.sealed->secret_version == 0;
  if (leaf.kind == Kind::shares_dealt && !has_own_key)
    return malformed("shares_dealt: its sealed part is not there, or under a ledger secret");
  if (leaf.kind != Kind::shares_dealt && leaf.sealed)
    return malformed(name_of(leaf) + ": has a sealed part");
  return {};
}

Status fold_shares_dealt(Step& step) {
  VITRINE_TRY(auto entry, ledger::decode_shares_dealt(step.leaf.public_part));
  VITRINE_CHECK(discharge(step, DutyKind::deal_shares, entry.cause));
  if (entry.secret_version != step.custody.secret_version)
    return conflict("shares_dealt: holds another ledger secret than the one in force");
  if (!can_deal(step.place.governance))
    return conflict("shares_dealt: too few active recovery members for the recovery threshold");
  if (entry.threshold != step.place.governance.recovery_threshold)
    return conflict("shares_dealt: its threshold is not the governed one");
  const auto members = step.place.governance.active_recovery_members();
  const bool to_each =
      std::equal(members.begin(), members.end(), entry.shares.begin(), entry.shares.end(),
                 [](const std::string& id, const auto& share) { return id == share.member; });
  if (!to_each) return conflict("shares_dealt: not one share to each active recovery member");
  step.custody.deal =
      std::make_shared<const Deal>(Deal{std::move(entry), *step.leaf.sealed, step.leaf.id.seqno});
  return {};
}

// Versions may be left out: one that was kept and never came into force is never used.
Status fold_ledger_rekeyed(Step& step) {
  VITRINE_TRY(const auto entry, ledger::decode_ledger_rekeyed(step.leaf.public_part));
  VITRINE_CHECK(discharge(step, DutyKind::rekey, entry.cause));
  if (entry.secret_version <= step.custody.secret_version)
    return conflict("ledger_rekeyed: the version of the ledger secret does not rise");
  step.custody.secret_version = entry.secret_version;
  demand_deal(step, entry.cause);
  return {};
}

Status check_service_certificate(const crypto::Certificate& certificate) {
  if (certificate.is_ca() != true) return malformed("service certificate: not one of a CA");
  return crypto::check_link(certificate, certificate, crypto::CertificateSignature::any);
}

// From now, or from when it begins.
Status check_life(const crypto::Certificate& certificate, const Leaf& leaf, const State& state) {
  const Time begins = std::max(certificate.not_before(), leaf.time);
  if (certificate.not_after() <= begins)
    return malformed(name_of(leaf) + ": ends before it begins");
  if (certificate.not_after() - begins > state.settings.certificate_days_max * kDay) {
    return denied(name_of(leaf) + ": lasts longer than the governed " +
                  std::to_string(state.settings.certificate_days_max) + " days");
  }
  return {};
}

Status fold_certificate_renewed(Step& step) {
  VITRINE_TRY(const auto entry, ledger::decode_certificate_renewed(step.leaf.public_part));
  const DutyKind duty = entry.of_service ? DutyKind::renew_service_cert : DutyKind::renew_node_cert;
  VITRINE_CHECK(discharge(step, duty, entry.cause));
  VITRINE_TRY(auto certificate, crypto::Certificate::from_der(entry.certificate));
  crypto::Certificate& before = entry.of_service ? step.custody.service : step.custody.node;
  if (!(certificate.public_key() == before.public_key()) ||
      !same(certificate.subject(), before.subject()))
    return malformed("certificate_renewed: of another key or name");
  VITRINE_CHECK(check_life(certificate, step.leaf, step.place.governance));
  if (entry.of_service) {
    VITRINE_CHECK(check_service_certificate(certificate));
  } else {
    VITRINE_CHECK(
        crypto::check_link(certificate, step.custody.service, crypto::CertificateSignature::any));
  }
  before = std::move(certificate);
  return {};
}

Status fold_service_key_rotated(Step& step) {
  constexpr auto kAny = crypto::CertificateSignature::any;
  VITRINE_TRY(const auto entry, ledger::decode_service_key_rotated(step.leaf.public_part));
  VITRINE_CHECK(discharge(step, DutyKind::rotate_service_key, entry.cause));
  VITRINE_TRY(auto service, crypto::Certificate::from_der(entry.service_certificate));
  VITRINE_TRY(auto endorsement, crypto::Certificate::from_der(entry.endorsement));
  VITRINE_TRY(auto node, crypto::Certificate::from_der(entry.node_certificate));
  if (service.public_key() == step.custody.service.public_key())
    return malformed("service_key_rotated: the key is the one before");
  VITRINE_CHECK(check_service_certificate(service));
  VITRINE_CHECK(check_life(service, step.leaf, step.place.governance));
  if (!(endorsement.public_key() == service.public_key()))
    return malformed("service_key_rotated: the endorsement is of another key");
  VITRINE_CHECK(crypto::check_link(endorsement, step.custody.service, kAny));
  if (!(node.public_key() == step.custody.node.public_key()))
    return malformed("service_key_rotated: the node certificate is of another key");
  VITRINE_CHECK(crypto::check_link(node, service, kAny));
  step.custody.service = std::move(service);
  step.custody.endorsement = std::move(endorsement);
  step.custody.node = std::move(node);
  demand_deal(step, entry.cause);
  return {};
}

Status fold_log_key_rotated(Step& step) {
  VITRINE_TRY(const auto entry, ledger::decode_log_key_rotated(step.leaf.public_part));
  VITRINE_CHECK(discharge(step, DutyKind::rotate_log_key, entry.cause));
  VITRINE_TRY(auto key, crypto::PublicKey::from_ed25519(entry.log_key));
  if (key == step.custody.log_key) return malformed("log_key_rotated: the key is the one before");
  const Status endorsed = step.custody.log_key.verify(
      crypto::SignatureAlgorithm::ed25519,
      ledger::log_key_endorsement(step.place.service, entry.log_key), entry.endorsement);
  if (!endorsed) return denied("log_key_rotated: the key before did not sign the new one");
  step.custody.log_key = std::move(key);
  demand_deal(step, entry.cause);
  return {};
}

Status fold_service_recovered(Step& step) {
  VITRINE_TRY(const auto entry, ledger::decode_service_recovered(step.leaf.public_part));
  VITRINE_CHECK(ledger::check_blob(entry.statements, step.blob));
  if (step.custody.deal == nullptr || step.custody.deal->seqno != entry.shares_seqno)
    return conflict("service_recovered: names another deal of shares than the newest");
  if (step.custody.node.public_key().spki_sha256() != entry.node_spki_sha256)
    return malformed("service_recovered: the node that was opened is not the one that started");
  const RecoveryTarget target{step.place.genesis_hash, entry.node_spki_sha256, entry.shares_seqno};
  VITRINE_TRY(const auto givers, read_given_shares(step.place.governance, step.blob, target));
  if (givers.size() < step.custody.deal->entry.threshold)
    return denied("service_recovered: fewer members than the threshold gave their shares");
  for (const GivenShare& given : givers) {
    if (given.statement && given.statement->head_size >= step.leaf.id.seqno)
      return denied("service_recovered: member " + given.member + " knew a larger log");
    const auto& dealt = step.custody.deal->entry.shares;
    const auto has_share = [&given](const auto& share) { return share.member == given.member; };
    if (std::none_of(dealt.begin(), dealt.end(), has_share))
      return denied("service_recovered: member " + given.member + " was dealt no share");
  }
  ++step.custody.recovery_count;
  return {};
}

Status fold_continued_from(Step& step) {
  VITRINE_TRY(const auto entry, ledger::decode_continued_from(step.leaf.public_part));
  // The first of its batch names the head it stands on with both roots, which its reader checks.
  if (!step.leaf.previous || *step.leaf.previous != entry.old_head)
    return malformed("continued_from: the head it names is not the one before it");
  if (entry.old_origin != step.custody.log_origin)
    return malformed("continued_from: the old origin is not this log's");
  if (entry.log_origin == step.custody.log_origin)
    return malformed("continued_from: the origin is the one before");
  VITRINE_TRY(auto key, crypto::PublicKey::from_ed25519(entry.log_key));
  if (key == step.custody.log_key)
    return malformed("continued_from: the log key is the one before");
  if (entry.secret_version <= step.custody.secret_version)
    return conflict("continued_from: the version of the ledger secret does not rise");
  step.custody.log_origin = entry.log_origin;
  step.custody.log_key = std::move(key);
  step.custody.secret_version = entry.secret_version;
  demand_deal(step, step.leaf.id.seqno);
  return {};
}

// Changes nothing but what is known: another program has the secrets as well.
Status fold_secrets_handed_off(Step& step) {
  VITRINE_TRY(const auto entry, ledger::decode_secrets_handed_off(step.leaf.public_part));
  if (step.place.governance.frozen) return denied("secrets_handed_off: the service is frozen");
  const Status admitted = check_recorded_admission(step.place.governance.join_policy, entry.claims);
  if (!admitted) return in_context("secrets_handed_off", admitted.error());
  return {};
}

Status fold(Step& step) {
  switch (step.leaf.kind) {
    case Kind::shares_dealt:
      return fold_shares_dealt(step);
    case Kind::ledger_rekeyed:
      return fold_ledger_rekeyed(step);
    case Kind::certificate_renewed:
      return fold_certificate_renewed(step);
    case Kind::service_key_rotated:
      return fold_service_key_rotated(step);
    case Kind::log_key_rotated:
      return fold_log_key_rotated(step);
    case Kind::service_recovered:
      return fold_service_recovered(step);
    case Kind::secrets_handed_off:
      return fold_secrets_handed_off(step);
    case Kind::continued_from:
      return fold_continued_from(step);
    default:
      return malformed(name_of(step.leaf) + ": no entry about keys, certificates or shares");
  }
}

}  // namespace

bool is_custody_entry(Kind kind) {
  return kind >= Kind::shares_dealt && kind <= Kind::continued_from;
}

Status fold_custody(Custody& custody, Proceedings& proceedings, const CustodyPlace& place,
                    const Leaf& leaf, ByteView blob) {
  VITRINE_CHECK(check_sealed_part(leaf));
  Custody next = custody;
  Proceedings next_proceedings = proceedings;
  Step step{next, next_proceedings, place, leaf, blob};
  VITRINE_CHECK(fold(step));
  custody = std::move(next);
  proceedings = std::move(next_proceedings);
  return {};
}

bool can_deal(const State& governance) {
  const std::uint64_t threshold = governance.recovery_threshold;
  const std::size_t members = governance.active_recovery_members().size();
  return !governance.opening && threshold >= (governance.settings.dev ? 1 : kLeastThreshold) &&
         threshold <= members && members <= ledger::kSharesMax;
}

}  // namespace vitrine::governance
