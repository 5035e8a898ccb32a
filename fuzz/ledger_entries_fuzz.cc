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
  switch (data[0] % 8) {
    case 0:
      round_trip(*value, bytes, ledger::decode_service_created);
      break;
    case 1:
      round_trip(*value, bytes, ledger::decode_governance_set);
      break;
    case 2:
      round_trip(*value, bytes, ledger::decode_node_started);
      break;
    case 3:
      round_trip(*value, bytes, ledger::decode_protocol_version);
      break;
    case 4:
      round_trip(*value, bytes, ledger::decode_proposal_accepted);
      break;
    case 5:
      round_trip(*value, bytes, ledger::decode_key_created);
      break;
    case 6:
      round_trip(*value, bytes, ledger::decode_snapshot_taken);
      break;
    default:
      round_trip(*value, bytes, ledger::decode_key_released);
  }
  return 0;
}
