#include "core/state_codec.h"

#include <algorithm>

#include "codec/cbor.h"
#include "codec/cbor_items.h"
#include "codec/json.h"

namespace vitrine::core {
namespace {

using codec::cbor::Items;
using codec::cbor::Strictness;
using codec::cbor::Type;
using codec::cbor::Value;

constexpr std::uint64_t kFormatVersion = 3;
// Keys are packed into byte strings by groups: the reader bounds the items of one input.
constexpr std::size_t kKeysPerGroup = 256;

enum Member : std::int64_t {
  version = 1,
  size = 2,
  view = 3,
  time = 4,
  protocol = 5,
  governance_ref = 6,
  service = 7,
  node = 8,
  governance = 9,
  keys = 10,
  proceedings = 11,
  secret_version = 12,
  signed_root = 13,
  recovery = 14,
  last_member = recovery
};

Value time_value(Time at) { return Value::uint(static_cast<std::uint64_t>(to_unix_ms(at))); }

Value id_value(const ledger::TransactionId& id) {
  return Value::array({Value::uint(id.view), Value::uint(id.seqno)});
}

Value encode(const Service& of) {
  const ByteView log_key = ByteView(of.log_key.spki()).last(32);  // RFC 8410 4
  return Value::array({Value::bytes(of.id), Value::bytes(of.genesis_hash), id_value(of.created),
                       Value::bytes(of.certificate.der()), Value::bytes(log_key),
                       Value::text(of.log_origin)});
}

Value encode(const Node& of) {
  return Value::array(
      {Value::text(of.id), Value::bytes(of.boot_id), Value::bytes(of.certificate.der())});
}

Value encode(const KeyRecord& of) {
  return Value::array(
      {Value::uint(static_cast<std::uint64_t>(of.item.kem)), Value::uint(of.item.number),
       Value::text(of.item.kid), Value::uint(of.item.id), Value::bytes(of.item.public_key),
       time_value(of.item.created), of.item.expiry ? time_value(*of.item.expiry) : Value(),
       id_value(of.id), Value::uint(of.sealed.secret_version), Value::uint(of.sealed.length),
       Value::bytes(of.sealed.sha256)});
}

Value encode(const KeyTable& of) {
  std::vector<Value> groups;
  for (std::size_t first = 0; first < of.in_order.size(); first += kKeysPerGroup) {
    std::vector<Value> group;
    const std::size_t end = std::min(first + kKeysPerGroup, of.in_order.size());
    for (std::size_t i = first; i < end; ++i) group.push_back(encode(*of.in_order[i]));
    groups.push_back(Value::bytes(codec::cbor::encode(Value::array(std::move(group)))));
  }
  return Value::array(std::move(groups));
}

Value encode(const governance::Deal& of) {
  return Value::array({Value::uint(of.seqno), ledger::encode(of.entry),
                       Value::uint(of.sealed.length), Value::bytes(of.sealed.sha256)});
}

Value encode(const Recovery& of) {
  return Value::array({of.deal != nullptr ? encode(*of.deal) : Value(), Value::uint(of.count),
                       of.endorsement ? Value::bytes(of.endorsement->der()) : Value()});
}

Result<ledger::TransactionId> read_id(const Value& value) {
  Items members(value, "transaction id", 2);
  ledger::TransactionId id;
  VITRINE_TRY(id.view, members.uint());
  VITRINE_TRY(id.seqno, members.uint());
  return id;
}

Result<Time> read_time(Items& members) {
  VITRINE_TRY(const std::uint64_t ms, members.uint());
  return from_unix_ms(static_cast<std::int64_t>(ms));
}

Result<std::shared_ptr<const Service>> read_service(const Value& value) {
  Items members(value, "service", 6);
  VITRINE_TRY(const auto id, members.array<32>());
  VITRINE_TRY(const Digest genesis, members.digest());
  VITRINE_TRY(const auto created, read_id(members.next()));
  VITRINE_TRY(const ByteView certificate, members.bytes());
  VITRINE_TRY(auto parsed, crypto::Certificate::from_der(certificate));
  VITRINE_TRY(const auto log_key, members.array<32>());
  VITRINE_TRY(auto key, crypto::PublicKey::from_ed25519(log_key));
  VITRINE_TRY(const std::string_view origin, members.text());
  return std::make_shared<const Service>(
      Service{id, genesis, created, std::move(parsed), std::move(key), std::string(origin)});
}

Result<std::shared_ptr<const Node>> read_node(const Value& value) {
  Items members(value, "node", 3);
  VITRINE_TRY(const std::string_view id, members.text());
  VITRINE_TRY(const auto boot, members.array<16>());
  VITRINE_TRY(const ByteView certificate, members.bytes());
  VITRINE_TRY(auto parsed, crypto::Certificate::from_der(certificate));
  return std::make_shared<const Node>(Node{std::string(id), boot, std::move(parsed)});
}

Result<std::shared_ptr<const KeyRecord>> read_key(const Value& value) {
  Items members(value, "key", 11);
  KeyRecord key;
  VITRINE_TRY(const std::uint64_t kem_id, members.uint());
  const auto kem = crypto::kem_from_id(static_cast<std::uint16_t>(kem_id));
  if (!kem) return malformed("key: unknown KEM");
  key.item.kem = *kem;
  VITRINE_TRY(key.item.number, members.uint());
  VITRINE_TRY(const std::string_view kid, members.text());
  key.item.kid = kid;
  VITRINE_TRY(const std::uint64_t id, members.uint());
  key.item.id = static_cast<unsigned>(id);
  VITRINE_TRY(const ByteView public_key, members.bytes());
  key.item.public_key = to_bytes(public_key);
  VITRINE_TRY(key.item.created, read_time(members));
  if (members.next_is(Type::null)) {
    members.next();
  } else {
    VITRINE_TRY(key.item.expiry, read_time(members));
  }
  VITRINE_TRY(key.id, read_id(members.next()));
  if (key.id.seqno == 0) return malformed("key: no sequence number");
  key.index = key.id.seqno - 1;
  VITRINE_TRY(key.sealed.secret_version, members.uint());
  VITRINE_TRY(key.sealed.length, members.uint());
  VITRINE_TRY(key.sealed.sha256, members.digest());
  return std::make_shared<const KeyRecord>(std::move(key));
}

Result<std::shared_ptr<const KeyTable>> read_keys(const Value& value) {
  if (!value.is(Type::array)) return malformed("keys: not an array");
  auto table = std::make_shared<KeyTable>();
  for (const Value& packed : value.items()) {
    VITRINE_TRY(const ByteView bytes, packed.to_bytes());
    VITRINE_TRY(const Value group, codec::cbor::decode(bytes, Strictness::deterministic));
    if (!group.is(Type::array)) return malformed("keys: a group is not an array");
    for (const Value& one : group.items()) {
      VITRINE_TRY(auto key, read_key(one));
      if (key->item.number != table->in_order.size() + 1)
        return malformed("keys: numbers do not follow each other");
      table->by_kid.emplace(key->item.kid, key);
      table->in_order.push_back(std::move(key));
    }
  }
  return table;
}

// Packed, as it has a bound of items of its own.
Result<std::shared_ptr<const governance::Proceedings>> read_proceedings(const Value& packed) {
  VITRINE_TRY(const ByteView bytes, packed.to_bytes());
  VITRINE_TRY(const Value value, codec::cbor::decode(bytes, Strictness::deterministic));
  VITRINE_TRY(auto read, governance::Proceedings::from_cbor(value));
  return std::make_shared<const governance::Proceedings>(std::move(read));
}

Result<std::shared_ptr<const governance::Deal>> read_deal(const Value& value) {
  Items members(value, "deal", 4);
  governance::Deal deal;
  VITRINE_TRY(deal.seqno, members.uint());
  VITRINE_TRY(deal.entry, ledger::decode_shares_dealt(members.next()));
  VITRINE_TRY(deal.sealed.length, members.uint());
  VITRINE_TRY(deal.sealed.sha256, members.digest());
  return std::make_shared<const governance::Deal>(std::move(deal));
}

Result<Recovery> read_recovery(const Value& value) {
  Items members(value, "recovery", 3);
  Recovery out;
  if (members.next_is(Type::null)) {
    members.next();
  } else {
    VITRINE_TRY(out.deal, read_deal(members.next()));
  }
  VITRINE_TRY(out.count, members.uint());
  if (members.next_is(Type::null)) {
    members.next();
  } else {
    VITRINE_TRY(const ByteView certificate, members.bytes());
    VITRINE_TRY(out.endorsement, crypto::Certificate::from_der(certificate));
  }
  return out;
}

Result<std::shared_ptr<const governance::State>> read_governance(const Value& value) {
  VITRINE_TRY(const ByteView text, value.to_bytes());
  VITRINE_TRY(const auto json, codec::json::parse_object(as_text(text)));
  VITRINE_TRY(auto state, governance::State::from_json(json));
  return std::make_shared<const governance::State>(std::move(state));
}

Status read_numbers(const Value& map, State& state) {
  VITRINE_TRY(state.size, map.find(size)->to_uint());
  VITRINE_TRY(state.view, map.find(view)->to_uint());
  VITRINE_TRY(const std::uint64_t ms, map.find(time)->to_uint());
  state.time = from_unix_ms(static_cast<std::int64_t>(ms));
  VITRINE_TRY(state.protocol_version, map.find(protocol)->to_uint());
  VITRINE_TRY(state.secret_version, map.find(secret_version)->to_uint());
  Items reference(*map.find(governance_ref), "governance reference", 2);
  VITRINE_TRY(state.governance_ref.seqno, reference.uint());
  VITRINE_TRY(state.governance_ref.digest, reference.digest());
  return {};
}

}  // namespace

Bytes encode_state(const State& state) {
  const std::string governance_text = codec::json::write(state.governance->to_json());
  return codec::cbor::encode(Value::map({
      {Value::uint(version), Value::uint(kFormatVersion)},
      {Value::uint(size), Value::uint(state.size)},
      {Value::uint(view), Value::uint(state.view)},
      {Value::uint(time), time_value(state.time)},
      {Value::uint(protocol), Value::uint(state.protocol_version)},
      {Value::uint(governance_ref), Value::array({Value::uint(state.governance_ref.seqno),
                                                  Value::bytes(state.governance_ref.digest)})},
      {Value::uint(service), encode(*state.service)},
      {Value::uint(node), encode(*state.node)},
      {Value::uint(governance), Value::bytes(as_bytes(governance_text))},
      {Value::uint(keys), encode(*state.keys)},
      {Value::uint(proceedings), Value::bytes(codec::cbor::encode(state.proceedings->to_cbor()))},
      {Value::uint(secret_version), Value::uint(state.secret_version)},
      {Value::uint(signed_root), Value::bytes(state.signed_root)},
      {Value::uint(recovery), encode(state.recovery)},
  }));
}

Result<State> decode_state(ByteView bytes) {
  VITRINE_TRY(const Value map, codec::cbor::decode(bytes, Strictness::deterministic));
  if (!map.is(Type::map) || map.entries().size() != last_member)
    return malformed("state: not a map of " + std::to_string(last_member));
  for (std::int64_t member = version; member <= last_member; ++member) {
    if (map.find(member) == nullptr)
      return malformed("state: member " + std::to_string(member) + " is missing");
  }
  VITRINE_TRY(const std::uint64_t format, map.find(version)->to_uint());
  if (format != kFormatVersion) {
    return malformed("state: format " + std::to_string(format) + " is not known to this version");
  }
  State state;
  VITRINE_CHECK(read_numbers(map, state));
  VITRINE_TRY(state.service, read_service(*map.find(service)));
  VITRINE_TRY(state.node, read_node(*map.find(node)));
  VITRINE_TRY(state.governance, read_governance(*map.find(governance)));
  if (state.governance->digest() != state.governance_ref.digest)
    return malformed("state: the governance state is not the one it names");
  VITRINE_TRY(state.keys, read_keys(*map.find(keys)));
  VITRINE_TRY(state.proceedings, read_proceedings(*map.find(proceedings)));
  VITRINE_TRY(state.signed_root, map.find(signed_root)->to_digest());
  VITRINE_TRY(state.recovery, read_recovery(*map.find(recovery)));
  return state;
}

}  // namespace vitrine::core
