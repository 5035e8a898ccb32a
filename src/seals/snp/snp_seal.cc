#include "seals/snp/snp_seal.h"

#include "attestation/snp/report.h"
#include "seals/objects.h"

namespace vitrine::seals {
namespace {

namespace collect = attestation::collect;

constexpr std::uint64_t kFields = collect::kFieldPolicy | collect::kFieldMeasurement |
                                  collect::kFieldGuestSvn | collect::kFieldTcb;

std::uint64_t number_of(const attestation::snp::TcbVersion& version) {
  std::uint64_t value = 0;
  for (std::size_t i = version.size(); i-- > 0;) value = value << 8 | version[i];
  return value;
}

// What this machine says of itself, from a report that nobody else has to believe.
Result<attestation::snp::AttestationReport> own_report(const core::Attest& attest) {
  VITRINE_TRY(const auto evidence, attest(core::ReportData{}));
  if (!evidence.uvm_endorsements.empty()) {
    return denied(
        "seal \"snp\": the measurement of this machine is that of a utility VM, not of this "
        "program: whatever runs in such a machine would have the key",
        "choose another seal: docs/seals.md");
  }
  VITRINE_TRY(const auto report, attestation::snp::parse_report(evidence.report));
  if (report.policy.debug_allowed()) {
    return denied("seal \"snp\": this guest may be debugged by its host",
                  "start it with a guest policy without the debug bit");
  }
  return report;
}

}  // namespace

Result<SecretBytes> SnpSeal::derive(ByteView bytes) {
  VITRINE_TRY(const SnpObject object, read_snp_object(bytes));
  // A disk that says otherwise must not choose a weaker key.
  if (object.fields != kFields || object.vmpl != 0)
    return denied("seal object of kind \"snp\": asks for a key that is not bound to the code");
  return guest_.derived_key({0, object.fields, object.vmpl, object.guest_svn, object.tcb});
}

Result<core::SealingKey> SnpSeal::make(Random&) {
  VITRINE_TRY(const auto report, own_report(attest_));
  const Bytes object =
      encode(SnpObject{kFields, 0, report.guest_svn, number_of(report.committed_tcb)});
  VITRINE_TRY(SecretBytes key, derive(object));
  return core::SealingKey{"snp", std::move(key), object};
}

Result<SecretBytes> SnpSeal::open(ByteView object) {
  if (const auto own = own_report(attest_); !own) return tl::unexpected<Error>(own.error());
  auto key = derive(object);
  if (!key && key.error().code == Code::denied && key.error().hint.empty()) {
    return denied(key.error().message,
                  "was the guest's SVN or the platform's firmware set back since the secrets were "
                  "sealed? If so, recovery shares open the service");
  }
  return key;
}

}  // namespace vitrine::seals
