#include "core/opening.h"

#include <algorithm>

#include "base/hex.h"
#include "base/log.h"
#include "core/first_entries.h"
#include "core/node_certificate.h"
#include "core/recover.h"
#include "core/restore_marker.h"
#include "crypto/hash.h"
#include "ledger/entries.h"

namespace vitrine::core {
namespace {

struct Restore {
  RestoreMarker marker;
  bool pending = false;  // continued_from is still to be written
};

// An earlier start wrote the entry and stopped before it removed the marker.
Status check_continued(const storage::Store& store, const RestoreMarker& marker) {
  VITRINE_TRY(const storage::Record record, store.read_one(marker.head.size));
  VITRINE_TRY(const ledger::Leaf leaf, ledger::decode_leaf(record.leaf));
  if (leaf.kind == ledger::Kind::continued_from) {
    VITRINE_TRY(const auto entry, ledger::decode_continued_from(leaf.public_part));
    if (entry.old_head == marker.head && entry.old_origin == marker.origin) return {};
  }
  return denied("restore.json: the store goes on after the backup's end, but not from this restore",
                "restore the backup again, into an empty folder");
}

Result<std::optional<Restore>> read_restore(const Core::Parts& parts) {
  VITRINE_TRY(const auto bytes, parts.files.restore_marker());
  if (!bytes) return std::optional<Restore>();
  VITRINE_TRY(auto marker, read_restore_marker(*bytes));
  VITRINE_TRY(const std::uint64_t size, parts.store.size());
  if (size < marker.head.size) {
    return denied("restore.json: says " + std::to_string(marker.head.size) + " entries, but " +
                      parts.store.describe() + " holds " + std::to_string(size),
                  "restore the backup again, into an empty folder");
  }
  Restore restore{std::move(marker), false};
  restore.pending = size == restore.marker.head.size;
  if (!restore.pending) VITRINE_CHECK(check_continued(parts.store, restore.marker));
  return std::optional<Restore>(std::move(restore));
}

Status check_pending(const Restore& restore, const State& state) {
  if (state.service->log_origin != restore.marker.origin)
    return denied("restore.json: names another log than the store's");
  if (state.protocol_version < ledger::kProtocolVersion) {
    return denied("restore: the backup is of an older program's ledger",
                  "start its service once with this program, and back it up again");
  }
  return {};
}

// A new log key and a new ledger secret beside those in force: who holds the old log's can write
// nothing of the new one.
Status add_new_log(ServiceSecrets& secrets, Random& random) {
  VITRINE_TRY(secrets.next_log_key, crypto::PrivateKey::generate(crypto::KeyKind::ed25519));
  VITRINE_CHECK(secrets.ledger.put_in_force(secrets.ledger.current_version()));
  SecretBytes secret(32);
  random.fill(secret.reveal_writable());
  secrets.ledger.add(secrets.ledger.highest_version() + 1, std::move(secret));
  return {};
}

Decide next_protocol_version(std::uint64_t version) {
  return [version](const State&, Time) -> Result<Draft> {
    Draft draft;
    draft.kind = ledger::Kind::protocol_version;
    draft.public_part = ledger::encode(ledger::ProtocolVersion{version});
    return draft;
  };
}

LastHeadAtStart last_head_of(const std::optional<Restore>& restore, const Opening& opening) {
  LastHeadAtStart last_head;
  // A backup holds none, and what the marker says is the newest of the old log.
  if (restore) last_head.where_missing = restore->marker.head;
  if (restore && restore->pending) last_head.instead = restore->marker.head;
  if (!opening.by_members) return last_head;
  // The heads in the members' statements stand for it.
  if (!last_head.where_missing) last_head.where_missing = ledger::Roots{};
  for (const auto& given : opening.by_members->shares) {
    if (given.statement && given.statement->head_size != 0)
      last_head.known.emplace(given.statement->head_size, given.statement->head_root);
  }
  return last_head;
}

// Signed again after a restart, identical in content: its batch is as certain now as it was. By the
// key of this node: where members opened it, that is none the ledger knows yet.
Result<std::shared_ptr<const View>> view_at_start(const Core::Parts& parts,
                                                  const ServiceSecrets& secrets, State state,
                                                  const crypto::Certificate& certificate,
                                                  const BootId& boot_id,
                                                  std::shared_ptr<const TreePair> trees) {
  const ledger::Roots roots = trees->roots();
  VITRINE_CHECK(parts.confirm.confirm(roots));
  const auto& key = secrets.node_key.public_key();
  if (!(state.node->certificate.public_key() == key)) {
    state.node =
        std::make_shared<const Node>(Node{to_hex(key.spki_sha256()), boot_id, certificate});
  }
  VITRINE_TRY(auto head, sign_head(roots, state, secrets));
  return std::make_shared<const View>(View{std::move(state), std::move(head), std::move(trees)});
}

std::vector<Decide> first_entries(const Core::Parts& parts, const State& state,
                                  const Opening& opening, const std::optional<Restore>& restore,
                                  const crypto::Certificate& certificate, const BootId& boot_id) {
  const ServiceSecrets& secrets = opening.secrets;
  const bool continues = restore && restore->pending;
  std::vector<Decide> first;
  if (continues)
    first.push_back(continued_from(secrets, restore->marker.head, restore->marker.origin));
  first.push_back(node_started(secrets, certificate, boot_id));
  if (state.protocol_version < ledger::kProtocolVersion)
    first.push_back(next_protocol_version(state.protocol_version + 1));
  if (opening.by_members)
    first.push_back(
        service_recovered(secrets, opening.by_members->deal, opening.by_members->shares));
  if (continues && governance::can_deal(*state.governance))
    first.push_back(first_deal(secrets, parts.random));
  return first;
}

// What is left to do once the first entries are durable.
std::function<Status(Core&)> after_first_entries(bool by_members, bool restored) {
  return [by_members, restored](Core& core) -> Status {
    if (by_members) VITRINE_CHECK(core.reseal(*core.secrets()));
    if (restored) VITRINE_CHECK(core.files().remove_restore_marker());
    return {};
  };
}

Status check_state(const Core::Parts& parts, const NodeOptions& options, const State& state,
                   std::string_view seal_kind) {
  VITRINE_CHECK(parts.store.check_structure());
  if (state.node == nullptr) {
    return denied(parts.store.describe() + ": has no complete genesis",
                  "start with an empty data folder");
  }
  VITRINE_CHECK(check_dev_flag(*state.governance, options.dev));
  return check_seal(state.governance->settings, seal_kind);
}

}  // namespace

Result<std::unique_ptr<Core>> open_service(const Core::Parts& parts, const NodeOptions& options,
                                           Opening opening) {
  VITRINE_TRY(const auto restore, read_restore(parts));
  ServiceSecrets& secrets = opening.secrets;
  auto tiles = std::make_unique<TilesOfStore>(parts.store);
  VITRINE_TRY(auto recovered,
              recover(parts.store, parts.files, secrets, *tiles, last_head_of(restore, opening)));
  State& state = recovered.replayed.state;
  VITRINE_CHECK(check_state(parts, options, state, opening.sealed_by.kind));
  VITRINE_CHECK(follow(secrets, state));
  if (restore && restore->pending) {
    VITRINE_CHECK(check_pending(*restore, state));
    VITRINE_CHECK(add_new_log(secrets, parts.random));
    if (!opening.by_members) {
      VITRINE_TRY(const Bytes sealed, seal_secrets(secrets, opening.sealed_by, parts.random));
      VITRINE_CHECK(parts.files.put_secrets(sealed));
    }
  }
  const Time now = std::max(parts.clock.now(), state.time);
  if (now != parts.clock.now()) {
    log::warning("the clock is behind the ledger", {{"newest_entry", to_rfc3339(state.time)}});
  }
  VITRINE_TRY(auto certificate, make_node_certificate(secrets, state.service->certificate,
                                                      options.alternatives, now));
  const auto boot_id = random_array<16>(parts.random);
  std::shared_ptr<const TreePair> trees = std::move(recovered.replayed.trees);
  VITRINE_TRY(auto view, view_at_start(parts, secrets, state, certificate, boot_id, trees));
  auto first = first_entries(parts, state, opening, restore, certificate, boot_id);
  auto taken_up = after_first_entries(opening.by_members.has_value(), restore.has_value());
  auto core = std::make_unique<Core>(
      parts, std::move(tiles), std::move(secrets),
      Core::Begin{std::move(state), std::move(trees), std::move(view), recovered.folded_from,
                  boot_id, std::move(certificate), std::move(first), std::move(opening.sealed_by),
                  options.alternatives, std::move(taken_up)});
  auto& repairs = recovered.replayed.repairs;
  if (!repairs.empty()) {
    log::warning("damaged tiles will be written again",
                 {{"store", parts.store.describe()}, {"tiles", std::to_string(repairs.size())}});
    core->sequencer().repair(std::move(repairs));
  }
  return core;
}

}  // namespace vitrine::core
