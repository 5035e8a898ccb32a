#include "core/first_entries.h"

#include "base/hex.h"
#include "core/dealing.h"
#include "core/service_certificate.h"
#include "crypto/hash.h"
#include "ledger/entries.h"

namespace vitrine::core {
namespace {

// Always the same entry, whatever stands before it.
Decide fixed(ledger::Kind kind, codec::cbor::Value public_part, Bytes blob = {}) {
  Draft draft;
  draft.kind = kind;
  draft.public_part = std::move(public_part);
  draft.blob = std::move(blob);
  return [draft = std::move(draft)](const State&, Time) -> Result<Draft> { return draft; };
}

// One name for each log: two restores of one backup must not share it. What an earlier restore
// added makes room.
std::string next_origin(const std::string& old, const std::array<Byte, 32>& log_key) {
  constexpr std::string_view kMark = "/restored-";
  constexpr std::size_t kOriginBytesMax = 200;
  const std::string base = old.substr(0, std::min(old.find(kMark), kOriginBytesMax));
  return base + std::string(kMark) + to_hex(ByteView(crypto::sha256(log_key).bytes).first(8));
}

}  // namespace

Decide node_started(const ServiceSecrets& secrets, const crypto::Certificate& certificate,
                    const BootId& boot_id) {
  ledger::NodeStarted entry;
  entry.node_spki = secrets.node_key.public_key().spki();
  entry.node_id = to_hex(secrets.node_key.public_key().spki_sha256());
  entry.boot = boot_id;
  entry.node_certificate = certificate.der();
  return fixed(ledger::Kind::node_started, ledger::encode(entry));
}

Decide first_deal(const ServiceSecrets& secrets, Random& random) {
  auto dealt = std::make_shared<const ServiceSecrets>(secrets.clone());
  return [dealt = std::move(dealt), &random](const State& newest, Time) {
    return deal_shares(*dealt, newest, random);
  };
}

Decide continued_from(const ServiceSecrets& secrets, const ledger::Roots& old_head,
                      const std::string& old_origin) {
  ledger::ContinuedFrom entry;
  entry.old_head = old_head;
  entry.old_origin = old_origin;
  entry.log_key = raw_log_key(secrets.next_log_key->public_key());
  entry.log_origin = next_origin(old_origin, entry.log_key);
  entry.secret_version = secrets.ledger.highest_version();
  return fixed(ledger::Kind::continued_from, ledger::encode(entry));
}

Decide service_recovered(const ServiceSecrets& secrets, std::uint64_t deal,
                         const std::vector<governance::GivenShare>& shares) {
  Bytes blob = governance::write_given_shares(shares);
  ledger::ServiceRecovered entry;
  entry.node_spki_sha256 = secrets.node_key.public_key().spki_sha256();
  entry.shares_seqno = deal;
  entry.statements = ledger::blob_ref(blob, "application/cbor");
  return fixed(ledger::Kind::service_recovered, ledger::encode(entry), std::move(blob));
}

}  // namespace vitrine::core
