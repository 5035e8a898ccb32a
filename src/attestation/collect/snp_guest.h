// The secure processor as a guest of SEV-SNP reaches it: reports about this program's machine, and
// keys that only this machine and what was measured into it can have.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "attestation/collect/snp_messages.h"
#include "attestation/evidence.h"

namespace vitrine::attestation::collect {

// Safe from any thread.
class SnpGuest {
 public:
  virtual ~SnpGuest() = default;
  // denied: the firmware refuses. unavailable: it does not answer.
  virtual Result<SecretBytes> derived_key(const DerivedKeyRequest& request) = 0;
  virtual Result<Bytes> report(const std::array<Byte, 64>& report_data) = 0;
  // Evidence of profile "snp": the report, and the chain that the host gives with it. Errors
  // likewise; malformed: the host gives no whole chain.
  virtual Result<SnpEvidence> evidence(const std::array<Byte, 64>& report_data) = 0;
};

// ioctl() of Linux: 0, or the errno. Tests put one of their own in its place.
using DeviceCall = std::function<int(unsigned long request, void* argument)>;

// By /dev/sev-guest, opened once; works in a confined process. not_found: there is no such device,
// so this is no guest of SEV-SNP.
Result<std::unique_ptr<SnpGuest>> open_snp_device(const std::string& path = "/dev/sev-guest");
std::unique_ptr<SnpGuest> snp_guest_over(DeviceCall call);

// Requests of ioctl(). A confined process makes those for reports alone.
inline constexpr unsigned long kSnpGetReport = 0xc0205300;
inline constexpr unsigned long kSnpGetDerivedKey = 0xc0205301;
inline constexpr unsigned long kSnpGetExtendedReport = 0xc0205302;

}  // namespace vitrine::attestation::collect
