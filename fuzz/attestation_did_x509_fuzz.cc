// did:x509: what is read is written in its one form and read again to the same value. Names in DER
// survive whatever the bytes.
#include <cstdint>

#include "attestation/uvm/did_x509.h"
#include "attestation/uvm/subject_name.h"
#include "base/assert.h"

namespace vitrine::attestation::uvm {
namespace {

void check_did(std::string_view text) {
  const auto did = parse_did_x509(text);
  if (!did) {
    VITRINE_ASSERT(did.error().code == Code::malformed);
    return;
  }
  const auto written = to_text(*did);
  // Policies may come in any order; nothing else about a did has two forms.
  VITRINE_ASSERT(written.size() == text.size());
  const auto again = parse_did_x509(written);
  VITRINE_ASSERT(again && again->hash == did->hash && again->fingerprint == did->fingerprint &&
                 again->ekus == did->ekus && again->subject == did->subject);
  VITRINE_ASSERT(to_text(*again) == written);
}

void check(ByteView bytes) {
  check_did(as_text(bytes));
  // Most random texts fail at the fingerprint; give the policies one.
  check_did("did:x509:0:sha256:I__iuL25oXEVFdTP_aBLx_eT1RPHbCQ_ECBQfYZpt9s::" +
            std::string(as_text(bytes)));
  const auto values = attribute_values(bytes, "2.5.4.3");
  VITRINE_ASSERT(!values || values->size() <= bytes.size());
}

}  // namespace
}  // namespace vitrine::attestation::uvm

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  vitrine::attestation::uvm::check({data, size});
  return 0;
}
