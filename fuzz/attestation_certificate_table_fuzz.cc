// What the host and the secure processor give a guest: a certificate table and responses of any
// bytes. The host writes the offsets.
#include "attestation/collect/snp_messages.h"
#include "base/assert.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace vitrine;
  namespace collect = attestation::collect;
  const ByteView input{data, size};
  const auto pem = collect::pem_of_table(input);
  VITRINE_ASSERT(pem || pem.error().code == Code::malformed);
  const auto report = collect::read_report(input);
  VITRINE_ASSERT(!report || report->size() == 1184);
  const auto key = collect::read_derived_key(input);
  VITRINE_ASSERT(!key || key->size() == 32);
  return 0;
}
