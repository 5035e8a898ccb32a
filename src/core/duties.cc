#include "core/duties.h"

#include <algorithm>

#include "base/log.h"
#include "core/dealing.h"
#include "core/node_certificate.h"
#include "core/rotate_key.h"
#include "core/service_certificate.h"
#include "ledger/endorsement.h"

namespace vitrine::core {
namespace {

using governance::Duty;
using governance::DutyKind;

// Two things at once would each be dealt without the other.
constexpr std::size_t kRoundsMax = 16;

Draft draft_of(ledger::Kind kind, codec::cbor::Value public_part) {
  Draft draft;
  draft.kind = kind;
  draft.public_part = std::move(public_part);
  return draft;
}

template <class Entry>
Decide always(ledger::Kind kind, const Entry& entry) {
  return [kind, entry](const State&, Time) -> Result<Draft> {
    return draft_of(kind, ledger::encode(entry));
  };
}

// The caller of append() waits, so a Decide may refer to what stands there.
Decide deal_of(const ServiceSecrets& secrets, Random& random) {
  return [&secrets, &random](const State& newest, Time) {
    return deal_shares(secrets, newest, random);
  };
}

// Makes `secrets` those that this node holds and the next start finds, then appends `entry`, which
// puts what is new in them in force, with the deal that covers them.
Status keep_then_append(Core& core, ServiceSecrets secrets, Decide entry) {
  VITRINE_CHECK(core.reseal(secrets));
  const ServiceSecrets dealt = secrets.clone();
  core.secrets_in_use().replace(std::move(secrets));
  std::vector<Decide> entries;
  entries.push_back(std::move(entry));
  if (governance::can_deal(*core.view()->state.governance))
    entries.push_back(deal_of(dealt, core.random()));
  VITRINE_CHECK(core.append_all(std::move(entries)));
  return {};
}

Time end_of(Time begins, std::uint32_t days) { return begins + std::chrono::hours(24) * days; }

Status rekey(Core& core, const Duty& duty) {
  ServiceSecrets next = core.secrets()->clone();
  VITRINE_CHECK(next.ledger.put_in_force(next.ledger.current_version()));
  const std::uint64_t version = next.ledger.highest_version() + 1;
  SecretBytes secret(32);
  core.random().fill(secret.reveal_writable());
  next.ledger.add(version, std::move(secret));
  const ledger::LedgerRekeyed entry{duty.cause, version};
  return keep_then_append(core, std::move(next), always(ledger::Kind::ledger_rekeyed, entry));
}

Status deal_again(Core& core) {
  const auto secrets = core.secrets();
  VITRINE_CHECK(core.append(deal_of(*secrets, core.random())));
  return {};
}

Status rotate_service_key(Core& core, const Duty& duty) {
  ServiceSecrets next = core.secrets()->clone();
  const Time now = core.now();
  const State state = core.view()->state;
  VITRINE_TRY(auto key, crypto::PrivateKey::generate(next.service_key.kind()));
  const std::uint32_t days = state.governance->settings.certificate_days_max;
  VITRINE_TRY(const auto certificate,
              make_service_certificate(key, now - kBackdated, end_of(now, days)));
  VITRINE_TRY(const auto endorsement,
              endorse_service_key(key.public_key(), state.service->certificate, next.service_key,
                                  now - kBackdated));
  next.next_service_key = std::move(key);
  VITRINE_TRY(const auto node, make_node_certificate(next, certificate, core.alternatives(), now));
  const ledger::ServiceKeyRotated entry{duty.cause, certificate.der(), endorsement.der(),
                                        node.der()};
  return keep_then_append(core, std::move(next), always(ledger::Kind::service_key_rotated, entry));
}

Status rotate_log_key(Core& core, const Duty& duty) {
  ServiceSecrets next = core.secrets()->clone();
  VITRINE_TRY(auto key, crypto::PrivateKey::generate(crypto::KeyKind::ed25519));
  ledger::LogKeyRotated entry;
  entry.cause = duty.cause;
  entry.log_key = raw_log_key(key.public_key());
  VITRINE_TRY(entry.endorsement,
              next.log_key.sign(crypto::SignatureAlgorithm::ed25519,
                                ledger::log_key_endorsement(next.service_id, entry.log_key)));
  next.next_log_key = std::move(key);
  return keep_then_append(core, std::move(next), always(ledger::Kind::log_key_rotated, entry));
}

Result<Appended> renew_service(Core& core, const Duty& duty) {
  const Time now = core.now();
  const bool told = duty.valid_from != Time{};
  const std::uint32_t days =
      duty.days != 0 ? duty.days : core.view()->state.governance->settings.certificate_days_max;
  VITRINE_TRY(const auto certificate,
              make_service_certificate(core.secrets()->service_key,
                                       told ? duty.valid_from : now - kBackdated,
                                       end_of(told ? duty.valid_from : now, days)));
  const ledger::CertificateRenewed entry{duty.cause, true, certificate.der()};
  return core.append(always(ledger::Kind::certificate_renewed, entry));
}

Status renew_node(Core& core, const Duty& duty) {
  const Time now = core.now();
  const bool told = duty.valid_from != Time{};
  const Time begins = told ? duty.valid_from : now;
  const Validity validity{told ? begins : now - kBackdated, duty.days != 0
                                                                ? end_of(begins, duty.days)
                                                                : begins + kNodeCertificateLife};
  const auto view = core.view();
  VITRINE_TRY(const auto certificate,
              make_node_certificate(*core.secrets(), view->state.service->certificate,
                                    core.alternatives(), validity));
  const ledger::CertificateRenewed entry{duty.cause, false, certificate.der()};
  VITRINE_CHECK(core.append(always(ledger::Kind::certificate_renewed, entry)));
  return {};
}

Status make_key(Core& core) {
  VITRINE_CHECK(make_key_now(core));
  return {};
}

Status discharge(Core& core, const Duty& duty) {
  switch (duty.kind) {
    case DutyKind::rekey:
      return rekey(core, duty);
    case DutyKind::deal_shares:
      return deal_again(core);
    case DutyKind::renew_service_cert:
      VITRINE_CHECK(renew_service(core, duty));
      return {};
    case DutyKind::renew_node_cert:
      return renew_node(core, duty);
    case DutyKind::rotate_service_key:
      return rotate_service_key(core, duty);
    case DutyKind::rotate_log_key:
      return rotate_log_key(core, duty);
    case DutyKind::make_key:
      return make_key(core);
  }
  return internal("duty of an unknown kind");
}

// Deals come last: each of the others brings its own.
const Duty* next_duty(const std::vector<Duty>& duties, const std::vector<DutyKind>& failed) {
  const Duty* found = nullptr;
  for (const Duty& duty : duties) {
    if (std::find(failed.begin(), failed.end(), duty.kind) != failed.end()) continue;
    if (duty.kind != DutyKind::deal_shares) return &duty;
    found = &duty;
  }
  return found;
}

}  // namespace

Status discharge_duties(Core& core) {
  if (core.view()->state.proceedings->duties.empty()) return {};
  VITRINE_CHECK(core.check_confirmed());
  const Lock lock(core.changing_secrets());
  std::vector<DutyKind> failed;
  Status first;
  for (std::size_t round = 0; round < kRoundsMax; ++round) {
    const auto view = core.view();
    const Duty* duty = next_duty(view->state.proceedings->duties, failed);
    if (duty == nullptr) break;
    const std::string name(governance::name_of(duty->kind));
    if (const Status done = discharge(core, *duty); done) {
      log::info("duty done", {{"duty", name}, {"cause", std::to_string(duty->cause)}});
    } else {
      log::warning("duty not done", {{"duty", name}, {"reason", done.error().message}});
      failed.push_back(duty->kind);
      if (first) first = done;
    }
  }
  return first;
}

Result<Appended> renew_service_certificate(Core& core) {
  VITRINE_CHECK(core.check_confirmed());
  const Lock lock(core.changing_secrets());
  return renew_service(core, {DutyKind::renew_service_cert, 0, {}, 0});
}

}  // namespace vitrine::core
