#include "core/snapshot.h"

#include "codec/cbor_items.h"
#include "core/state_codec.h"
#include "crypto/hash.h"
#include "ledger/seal.h"

namespace vitrine::core {
namespace {

using codec::cbor::Items;
using codec::cbor::Strictness;
using codec::cbor::Type;
using codec::cbor::Value;

constexpr std::uint64_t kFormatVersion = 1;
constexpr std::size_t kMembers = 6;
constexpr std::size_t kLevelsMax = 8;

Value encode(const ledger::Tree& tree) {
  std::vector<Value> levels;
  for (const auto& hashes : tree.unfinished()) {
    Bytes level;
    for (const Digest& hash : hashes) append(level, hash);
    levels.push_back(Value::bytes(level));
  }
  return Value::array(std::move(levels));
}

Result<ledger::Tree> read_tree(const Value& value, ledger::TreeKind kind, std::uint64_t size,
                               ledger::TileSource& tiles) {
  if (!value.is(Type::array) || value.items().size() > kLevelsMax)
    return malformed("snapshot: a tree is not an array of its levels");
  std::vector<std::vector<Digest>> levels;
  for (const Value& level : value.items()) {
    VITRINE_TRY(const ByteView bytes, level.to_bytes());
    if (bytes.size() % sizeof(Digest) != 0) return malformed("snapshot: a level of a tree");
    auto& hashes = levels.emplace_back(bytes.size() / sizeof(Digest));
    for (std::size_t i = 0; i < hashes.size(); ++i) {
      const ByteView one = bytes.subspan(i * sizeof(Digest), sizeof(Digest));
      std::copy(one.begin(), one.end(), hashes[i].bytes.begin());
    }
  }
  return ledger::Tree::restore(kind, tiles, size, std::move(levels));
}

}  // namespace

SealedSnapshot seal_snapshot(const View& view, const ServiceSecrets& secrets, Random& random) {
  const Bytes state = encode_state(view.state);
  const Digest digest = crypto::sha256(state);
  const Bytes plaintext = codec::cbor::encode(
      Value::array({Value::bytes(state), encode(view.trees->rfc9162), encode(view.trees->ccf)}));
  const auto part = ledger::seal(secrets.ledger, secrets.service_id, ledger::Kind::snapshot_taken,
                                 digest, plaintext, random);
  return {{view.state.size, digest},
          codec::cbor::encode(Value::array(
              {Value::uint(kFormatVersion), Value::bytes(secrets.service_id),
               Value::uint(view.state.size), Value::bytes(digest),
               Value::uint(part.commitment.secret_version), Value::bytes(part.stored)}))};
}

Result<Snapshot> open_snapshot(ByteView sealed, const ServiceSecrets& secrets,
                               ledger::TileSource& tiles) {
  VITRINE_TRY(const Value file, codec::cbor::decode(sealed, Strictness::deterministic));
  Items members(file, "snapshot", kMembers);
  VITRINE_TRY(const std::uint64_t format, members.uint());
  if (format != kFormatVersion) {
    return malformed("snapshot: format " + std::to_string(format) +
                     " is not known to this version");
  }
  VITRINE_TRY(const auto service, members.array<32>());
  if (service != secrets.service_id) return denied("snapshot: of another service");
  ledger::SnapshotTaken entry;
  VITRINE_TRY(entry.size, members.uint());
  VITRINE_TRY(entry.state, members.digest());
  ledger::SealedCommitment commitment;
  VITRINE_TRY(commitment.secret_version, members.uint());
  VITRINE_TRY(const ByteView stored, members.bytes());
  commitment.length = stored.size();
  commitment.sha256 = crypto::sha256(stored);

  VITRINE_TRY(const SecretBytes plaintext,
              ledger::open(secrets.ledger, secrets.service_id, ledger::Kind::snapshot_taken,
                           entry.state, commitment, stored));
  VITRINE_TRY(const Value parts,
              codec::cbor::decode(plaintext.reveal(), Strictness::deterministic));
  Items content(parts, "snapshot", 3);
  VITRINE_TRY(const ByteView state_bytes, content.bytes());
  if (crypto::sha256(state_bytes) != entry.state)
    return malformed("snapshot: its state is not the one it names");
  VITRINE_TRY(State state, decode_state(state_bytes));
  if (state.size != entry.size) return malformed("snapshot: its state is of another size");
  VITRINE_TRY(auto rfc9162,
              read_tree(content.next(), ledger::TreeKind::rfc9162, state.size, tiles));
  VITRINE_TRY(auto ccf, read_tree(content.next(), ledger::TreeKind::ccf, state.size, tiles));
  return Snapshot{entry, std::move(state), TreePair(std::move(rfc9162), std::move(ccf))};
}

}  // namespace vitrine::core
