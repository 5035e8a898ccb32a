#include "core/rotate_key.h"

#include "base/log.h"
#include "crypto/kem.h"
#include "keys/key.h"
#include "ledger/entries.h"
#include "ledger/seal.h"

namespace vitrine::core {
namespace {

constexpr std::uint64_t kIds = 90;  // ids repeat every 90 keys (kms-api.md 4.1)
constexpr std::chrono::seconds kIdRetry{3600};
constexpr int kTriesMax = 3;
constexpr crypto::Kem kKem = crypto::Kem::x25519_sha256;

// What keeps the next key from being made now, if anything.
std::optional<RotationError> obstacle(const State& state, Time now) {
  const governance::State& governance = *state.governance;
  const auto newest = state.keys->newest();
  if (newest == nullptr) return std::nullopt;
  const Time allowed = newest->item.created + governance.settings.refresh_interval_min;
  if (now < allowed) {
    const auto wait = std::chrono::ceil<std::chrono::seconds>(allowed - now);
    return RotationError{{Code::unavailable,
                          "refresh: the newest key is younger than the governed minimum interval",
                          {}},
                         TooSoon{wait}};
  }
  const auto& keys = state.keys->in_order;
  if (governance.settings.dev || keys.size() < kIds) return std::nullopt;
  const KeyRecord& same_id = *keys[keys.size() - kIds];
  const auto& rotation = governance.rotation_policy;
  if (rotation && rotation->expired(same_id.item.created, now)) return std::nullopt;
  const auto wait =
      rotation
          ? std::chrono::ceil<std::chrono::seconds>(same_id.item.created + rotation->interval - now)
          : kIdRetry;
  return RotationError{
      {Code::unavailable,
       "refresh: the next key's id is still used by the unexpired key " + same_id.item.kid,
       {}},
      TooSoon{std::max(wait, std::chrono::seconds{1})}};
}

// One key, sealed under the ledger secret in force; a rekey may come between sealing and appending.
struct MadeKey {
  crypto::KemKeyPair pair;
  ledger::SealedPart sealed;
};

Result<MadeKey> make_key(Core& core) {
  VITRINE_TRY(auto pair, crypto::kem_generate(kKem));
  const auto secrets = core.secrets();
  auto sealed = ledger::seal(secrets->ledger, secrets->service_id, ledger::Kind::key_created,
                             pair.public_key, pair.private_key.reveal(), core.random());
  return MadeKey{std::move(pair), std::move(sealed)};
}

Draft key_created(const MadeKey& made, const State& newest, Time now) {
  ledger::KeyCreated entry;
  entry.kem = kKem;
  entry.public_key = made.pair.public_key;
  entry.number = newest.keys->in_order.size() + 1;
  entry.kid = keys::kid_of(kKem, entry.public_key, entry.number);
  entry.id = keys::id_of(entry.number);
  entry.created = now;
  if (const auto& rotation = newest.governance->rotation_policy)
    entry.expiry = now + rotation->interval;
  const keys::PublicItem item{kKem,          entry.number, entry.kid, entry.id, entry.public_key,
                              entry.created, entry.expiry};
  return Draft{
      ledger::Kind::key_created, ledger::encode(entry), made.sealed, keys::claims_digest(item), {}};
}

// What keeps a key from being made; null: nothing does.
using Obstacle = std::optional<RotationError> (*)(const State& state, Time now);

tl::expected<Rotated, RotationError> make_key_unless(Core& core, Obstacle stops) {
  const auto failed = [](const Error& error) {
    return tl::unexpected<RotationError>(RotationError{error, std::nullopt});
  };
  if (const Status confirmed = core.check_confirmed(); !confirmed) return failed(confirmed.error());
  if (auto stopped = stops(core.view()->state, core.now()))
    return tl::unexpected<RotationError>(*std::move(stopped));

  for (int tries = 0; tries < kTriesMax; ++tries) {
    const auto made = make_key(core);
    if (!made) return failed(made.error());
    std::optional<RotationError> stopped;
    bool rekeyed = false;
    auto appended = core.append([&](const State& newest, Time now) -> Result<Draft> {
      if ((stopped = stops(newest, now))) return tl::unexpected<Error>(stopped->error);
      rekeyed = made->sealed.commitment.secret_version != newest.secret_version;
      if (rekeyed) return conflict("refresh: the ledger was rekeyed while the key was made");
      return key_created(*made, newest, now);
    });
    if (stopped) return tl::unexpected<RotationError>(*std::move(stopped));
    if (!appended && rekeyed) continue;
    if (!appended) return failed(appended.error());
    for (auto key = appended->view->state.keys->in_order.rbegin();
         key != appended->view->state.keys->in_order.rend(); ++key) {
      if ((*key)->id == appended->id) return Rotated{*key, appended->id};
    }
    return failed({Code::internal, "refresh: the new key is not in the state", {}});
  }
  return failed({Code::unavailable,
                 "refresh: the ledger was rekeyed while the key was made, " +
                     std::to_string(kTriesMax) + " times over",
                 "try again"});
}

std::optional<RotationError> nothing(const State&, Time) { return std::nullopt; }

}  // namespace

tl::expected<Rotated, RotationError> rotate_key(Core& core) {
  return make_key_unless(core, obstacle);
}

Result<Rotated> make_key_now(Core& core) {
  auto made = make_key_unless(core, nothing);
  if (!made) return tl::unexpected<Error>(std::move(made).error().error);
  return *std::move(made);
}

Result<bool> rotate_if_due(Core& core) {
  if (!core.confirmed()) return false;
  const auto view = core.view();
  const governance::State& governance = *view->state.governance;
  if (!governance.settings.auto_rotate || !governance.rotation_policy) return false;
  const auto& rotation = *governance.rotation_policy;
  const auto newest = view->state.keys->newest();
  if (newest != nullptr && core.now() < newest->item.created + (rotation.interval - rotation.grace))
    return false;
  auto rotated = rotate_key(core);
  if (!rotated) return tl::unexpected<Error>(std::move(rotated).error().error);
  log::info("key rotated",
            {{"kid", rotated->key->item.kid}, {"transaction", ledger::to_text(rotated->id)}});
  return true;
}

}  // namespace vitrine::core
