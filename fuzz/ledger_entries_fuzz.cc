// Public parts of entries. The first byte picks the kind; the rest is the map as the leaf carries
// it. What is accepted encodes to the same bytes.
#include "base/assert.h"
#include "codec/cbor.h"
#include "ledger/entries.h"

namespace {

using namespace vitrine;
using codec::cbor::Value;

template <class Decode>
void round_trip(const Value& value, ByteView bytes, Decode decode) {
  const auto entry = decode(value);
  if (entry) {
    VITRINE_ASSERT(same(codec::cbor::encode(ledger::encode(*entry)), bytes));
  } else {
    VITRINE_ASSERT(entry.error().code == Code::malformed);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const ByteView bytes(data + 1, size - 1);
  const auto value = codec::cbor::decode(bytes, codec::cbor::Strictness::deterministic);
  if (!value) return 0;
  const auto kind = static_cast<ledger::Kind>(data[0] % 24 + 1);
  if (kind >= ledger::Kind::proposal_submitted && kind <= ledger::Kind::member_acked) {
    round_trip(*value, bytes,
               [&](const Value& part) { return ledger::decode_governance_request(kind, part); });
    return 0;
  }
  switch (kind) {
    case ledger::Kind::service_created:
      round_trip(*value, bytes, ledger::decode_service_created);
      break;
    case ledger::Kind::governance_set:
      round_trip(*value, bytes, ledger::decode_governance_set);
      break;
    case ledger::Kind::node_started:
      round_trip(*value, bytes, ledger::decode_node_started);
      break;
    case ledger::Kind::protocol_version:
      round_trip(*value, bytes, ledger::decode_protocol_version);
      break;
    case ledger::Kind::proposal_accepted:
      round_trip(*value, bytes, ledger::decode_proposal_accepted);
      break;
    case ledger::Kind::key_created:
      round_trip(*value, bytes, ledger::decode_key_created);
      break;
    case ledger::Kind::key_released:
      round_trip(*value, bytes, ledger::decode_key_released);
      break;
    case ledger::Kind::snapshot_taken:
      round_trip(*value, bytes, ledger::decode_snapshot_taken);
      break;
    case ledger::Kind::proposal_applied:
      round_trip(*value, bytes, ledger::decode_proposal_applied);
      break;
    case ledger::Kind::issuer_keys_refreshed:
      round_trip(*value, bytes, ledger::decode_issuer_keys_refreshed);
      break;
    case ledger::Kind::shares_dealt:
      round_trip(*value, bytes, ledger::decode_shares_dealt);
      break;
    case ledger::Kind::ledger_rekeyed:
      round_trip(*value, bytes, ledger::decode_ledger_rekeyed);
      break;
    case ledger::Kind::certificate_renewed:
      round_trip(*value, bytes, ledger::decode_certificate_renewed);
      break;
    case ledger::Kind::service_key_rotated:
      round_trip(*value, bytes, ledger::decode_service_key_rotated);
      break;
    case ledger::Kind::log_key_rotated:
      round_trip(*value, bytes, ledger::decode_log_key_rotated);
      break;
    case ledger::Kind::service_recovered:
      round_trip(*value, bytes, ledger::decode_service_recovered);
      break;
    case ledger::Kind::secrets_handed_off:
      round_trip(*value, bytes, ledger::decode_secrets_handed_off);
      break;
    case ledger::Kind::continued_from:
      round_trip(*value, bytes, ledger::decode_continued_from);
      break;
    default:
      break;
  }
  return 0;
}
