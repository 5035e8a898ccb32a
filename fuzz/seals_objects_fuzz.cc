// What kinds of seal keep on a disk that nobody trusts: an object that is read is written to the
// same bytes, and is of one kind alone.
#include "base/assert.h"
#include "seals/objects.h"

namespace {

using namespace vitrine;

template <class T>
bool reads(const Result<T>& read, ByteView input) {
  if (!read) {
    VITRINE_ASSERT(read.error().code == Code::malformed);
    return false;
  }
  VITRINE_ASSERT(same(seals::encode(*read), input));
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const ByteView input{data, size};
  const bool tpm2 = reads(seals::read_tpm2_object(input), input);
  const bool pkcs11 = reads(seals::read_pkcs11_object(input), input);
  const bool snp = reads(seals::read_snp_object(input), input);
  VITRINE_ASSERT(tpm2 + pkcs11 + snp <= 1);
  return 0;
}
