// UVM endorsements: arbitrary bytes survive; an endorsement changed in any byte is refused; of
// arbitrary payloads that the signer signed, those accepted mean what they say.
#include <fmt/format.h>

#include <cstdint>

#include "attestation/simulated/uvm_signer.h"
#include "attestation/uvm/endorsement.h"
#include "base/assert.h"
#include "base/hex.h"
#include "crypto/cose.h"

namespace vitrine::attestation {
namespace {

struct Signer {
  simulated::UvmIdentity identity = simulated::make_uvm_identity({from_unix_seconds(1'700'000'000),
                                                                  from_unix_seconds(1'900'000'000)})
                                        .value();
  std::vector<UvmSigner> trusted = {{identity.did(), std::string(simulated::kUvmFeed), 0,
                                     identity.chain.back().public_key().spki_sha256(), true}};
  Bytes good = simulated::endorse_uvm(identity, {}).value();

  Bytes signed_payload(ByteView payload) const {
    return crypto::sign_cose_sign1(simulated::uvm_protected_header(identity),
                                   codec::cbor::Value::map({}), payload, identity.leaf_key)
        .value();
  }
};

// Replaces bytes of the good endorsement from a place the input names.
void check_changed(const Signer& signer, ByteView bytes) {
  if (bytes.size() < 3) return;
  Bytes changed = signer.good;
  const std::size_t at = (std::size_t{bytes[0]} << 8 | bytes[1]) % changed.size();
  for (std::size_t i = 2; i < bytes.size() && at + i - 2 < changed.size(); ++i) {
    changed[at + i - 2] = bytes[i];
  }
  const bool accepted = uvm::verify_endorsement(changed, signer.trusted).has_value();
  VITRINE_ASSERT(accepted == (changed == signer.good));
}

void check_payload(const Signer& signer, ByteView payload) {
  const auto first = uvm::verify_endorsement(signer.signed_payload(payload), signer.trusted);
  if (!first) return;
  const auto written =
      fmt::format(R"({{"x-ms-sevsnpvm-launchmeasurement":"{}","x-ms-sevsnpvm-guestsvn":"{}"}})",
                  to_hex(first->measurement), first->svn);
  const auto second =
      uvm::verify_endorsement(signer.signed_payload(as_bytes(written)), signer.trusted);
  VITRINE_ASSERT(second && second->measurement == first->measurement && second->svn == first->svn);
}

void check_raw(const Signer& signer, ByteView bytes) {
  const auto raw = uvm::verify_endorsement(bytes, signer.trusted);
  VITRINE_ASSERT(!raw || raw->did == signer.identity.did());
}

void check(ByteView bytes) {
  static const Signer signer;
  check_raw(signer, bytes);
  check_changed(signer, bytes);
  check_payload(signer, bytes);
}

}  // namespace
}  // namespace vitrine::attestation

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  vitrine::attestation::check({data, size});
  return 0;
}
