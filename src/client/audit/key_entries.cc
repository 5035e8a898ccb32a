// Keys: made in order, released under the policy in force alone.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "client/audit/standing.h"
#include "crypto/hash.h"
#include "keys/key.h"
#include "policy/appraisal.h"

namespace vitrine::client::audit {

KnownKeys::Key KnownKeys::key_of(std::string_view kid, Time created) {
  Key key;
  key.created = created;
  const Digest digest = crypto::sha256(as_bytes(kid));
  std::copy_n(digest.bytes.begin(), key.kid.size(), key.kid.begin());
  return key;
}

void KnownKeys::add(std::string_view kid, Time created) { keys_.push_back(key_of(kid, created)); }

std::optional<Time> KnownKeys::created(std::string_view kid) const {
  const std::string_view digits = kid.substr(kid.rfind('_') + 1);
  std::uint64_t number = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (read.ec != std::errc() || number == 0 || number > keys_.size()) return std::nullopt;
  const Key& key = keys_[number - 1];
  if (key.kid != key_of(kid, key.created).kid) return std::nullopt;
  return key.created;
}

namespace {

Status key_created(Standing& standing, const Read& entry) {
  VITRINE_TRY(const auto created, ledger::decode_key_created(entry.leaf.public_part));
  if (created.number != standing.keys.size() + 1) {
    return broken(fmt::format("key_created: number {} follows {} keys", created.number,
                              standing.keys.size()));
  }
  if (created.kid != keys::kid_of(created.kem, created.public_key, created.number))
    return broken("key_created: its kid is not that of its public key and number");
  if (created.id != keys::id_of(created.number))
    return broken("key_created: its id is not that of its number");
  if (created.created != entry.leaf.time)
    return broken("key_created: its creation time is not the entry's");
  if (!entry.leaf.sealed) return broken("key_created: no private key is committed to");
  const keys::PublicItem item{created.kem,        created.number,  created.kid,   created.id,
                              created.public_key, created.created, created.expiry};
  if (entry.leaf.claims_digest != keys::claims_digest(item))
    return broken("key_created: its receipt would not claim this public key");
  standing.keys.add(created.kid, created.created);
  governance::Folded folded{standing.governance, standing.proceedings};
  governance::note_done(folded, governance::DutyKind::make_key);
  standing.proceedings = std::move(folded.proceedings);
  return {};
}

Status check_policy(const governance::State& governance, const ledger::KeyReleased& released) {
  if (!governance.release_policy) return broken("key_released: no release policy was in force");
  const auto& profiles = governance.settings.profiles;
  if (std::find(profiles.begin(), profiles.end(), released.profile) == profiles.end()) {
    return broken("key_released: evidence profile " + released.profile +
                  " was not one of the service's");
  }
  const auto refusal = policy::check_recorded(
      *governance.release_policy, {released.profile, released.freshness, released.claims});
  if (refusal) {
    return broken("key_released: the release policy in force did not accept it: " +
                  refusal->to_text());
  }
  return {};
}

Status key_released(Standing& standing, const Read& entry) {
  VITRINE_TRY(const auto released, ledger::decode_key_released(entry.leaf.public_part));
  const auto key_created = standing.keys.created(released.kid);
  if (!key_created) return broken("key_released: the service has made no key " + released.kid);
  if (released.governance != standing.governance_ref.digest)
    return broken("key_released: it was judged by a governance state that is not the one in force");
  if (!entry.leaf.sealed) return broken("key_released: it commits to no record of the caller");
  const governance::State& governance = *standing.governance;
  if (governance.frozen)
    return broken("key_released: member " + governance.frozen->member + " had stopped releases");
  if (governance.opening) return broken("key_released: the service was not open yet");
  if (governance.rotation_policy &&
      governance.rotation_policy->expired(*key_created, entry.leaf.time)) {
    return broken("key_released: the rotation policy in force had let key " + released.kid +
                  " expire");
  }
  return check_policy(governance, released);
}

Status snapshot_taken(const Read& entry) {
  VITRINE_TRY(const auto taken, ledger::decode_snapshot_taken(entry.leaf.public_part));
  if (taken.size >= entry.leaf.id.seqno)
    return broken("snapshot_taken: it stands after entries that are still to come");
  return {};
}

}  // namespace

Status apply_key_entry(Standing& standing, const Read& entry) {
  switch (entry.leaf.kind) {
    case ledger::Kind::key_created:
      return key_created(standing, entry);
    case ledger::Kind::key_released:
      return key_released(standing, entry);
    case ledger::Kind::snapshot_taken:
      return snapshot_taken(entry);
    default:
      return broken("an entry of a kind that this version does not know");
  }
}

}  // namespace vitrine::client::audit
