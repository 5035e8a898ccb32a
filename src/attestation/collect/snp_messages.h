// What a guest says to AMD's secure processor through Linux's /dev/sev-guest, and what comes back:
// the messages of SNP_GET_DERIVED_KEY and SNP_GET_EXT_REPORT to the byte (SEV-SNP firmware ABI 7.2
// and 7.3; attestation.md 15), and the table of certificates that the host adds (attestation.md 3).
// Pure.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"

namespace vitrine::attestation::collect {

// Fields that are mixed into a derived key: bits of the guest field select.
inline constexpr std::uint64_t kFieldPolicy = 1U << 0;
inline constexpr std::uint64_t kFieldMeasurement = 1U << 3;
inline constexpr std::uint64_t kFieldGuestSvn = 1U << 4;
inline constexpr std::uint64_t kFieldTcb = 1U << 5;

struct DerivedKeyRequest {
  std::uint32_t root_key = 0;  // 0: the chip's VCEK or VLEK
  std::uint64_t fields = 0;
  std::uint32_t vmpl = 0;
  std::uint32_t guest_svn = 0;  // at most the guest's own
  std::uint64_t tcb = 0;        // at most the committed one
};

inline constexpr std::size_t kDerivedKeyRequestBytes = 32;
inline constexpr std::size_t kDerivedKeyResponseBytes = 64;
inline constexpr std::size_t kReportRequestBytes = 96;
inline constexpr std::size_t kReportResponseBytes = 4000;
inline constexpr std::size_t kCertificateTableBytes = 16'384;  // the most the kernel takes

std::array<Byte, kDerivedKeyRequestBytes> encode(const DerivedKeyRequest& request);
std::array<Byte, kReportRequestBytes> encode_report_request(const std::array<Byte, 64>& report_data,
                                                            std::uint32_t vmpl);
// The key, 32 bytes. denied: the firmware refuses the request. malformed: another size.
Result<SecretBytes> read_derived_key(ByteView response);
// The report's bytes. Errors likewise.
Result<Bytes> read_report(ByteView response);
// The certificates of a table, as PEM: VCEK or VLEK, ASK or ASVK, ARK. malformed: an entry outside
// of the table, or one of the three missing or no certificate.
Result<std::string> pem_of_table(ByteView table);

}  // namespace vitrine::attestation::collect
