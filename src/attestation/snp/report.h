// snp::AttestationReport: AMD's ATTESTATION_REPORT, 1184 bytes, versions 2 to 5 (attestation.md
// 3.1). Parsing checks structure alone; nothing in a parsed report is authenticated.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "attestation/snp/tcb.h"
#include "base/bytes.h"
#include "base/result.h"

namespace vitrine::attestation::snp {

inline constexpr std::size_t kReportBytes = 1184;
inline constexpr std::size_t kSignedBytes = 0x2a0;
inline constexpr std::uint32_t kReportVersionMin = 2;
inline constexpr std::uint32_t kReportVersionMax = 5;
inline constexpr std::uint32_t kVmplMax = 3;
inline constexpr std::uint32_t kEcdsaP384Sha384 = 1;  // signature_algo

struct FirmwareVersion {
  std::uint8_t build = 0;
  std::uint8_t minor = 0;
  std::uint8_t major = 0;
};

struct Cpuid {
  std::uint8_t family = 0;
  std::uint8_t model = 0;
  std::uint8_t stepping = 0;
};

// The guest policy's bits.
struct GuestPolicy {
  std::uint64_t bits = 0;

  std::uint8_t abi_minor() const { return static_cast<std::uint8_t>(bits); }
  std::uint8_t abi_major() const { return static_cast<std::uint8_t>(bits >> 8); }
  bool smt_allowed() const { return bit(16); }
  bool reserved_one() const { return bit(17); }
  bool migration_allowed() const { return bit(18); }
  bool debug_allowed() const { return bit(19); }
  bool single_socket() const { return bit(20); }
  bool cxl_allowed() const { return bit(21); }
  bool aes256_xts_required() const { return bit(22); }
  bool rapl_disabled() const { return bit(23); }
  bool ciphertext_hiding() const { return bit(24); }
  bool page_swap_disabled() const { return bit(25); }
  bool bit(unsigned index) const { return (bits >> index & 1) != 0; }
};

enum class EndorsementKey { vcek, vlek };
std::string_view name_of(EndorsementKey key);  // "VCEK"

struct AttestationReport {
  std::uint32_t version = 0;
  std::uint32_t guest_svn = 0;
  GuestPolicy policy;
  std::array<Byte, 16> family_id{};
  std::array<Byte, 16> image_id{};
  std::uint32_t vmpl = 0;
  std::uint32_t signature_algo = 0;
  TcbVersion current_tcb{};
  std::uint64_t platform_info = 0;
  std::uint32_t flags = 0;
  std::array<Byte, 64> report_data{};
  std::array<Byte, 48> measurement{};
  std::array<Byte, 32> host_data{};
  std::array<Byte, 48> id_key_digest{};
  std::array<Byte, 48> author_key_digest{};
  std::array<Byte, 32> report_id{};
  std::array<Byte, 32> report_id_ma{};
  TcbVersion reported_tcb{};
  std::optional<Cpuid> cpuid;  // from version 3
  std::array<Byte, 64> chip_id{};
  TcbVersion committed_tcb{};
  FirmwareVersion current_firmware;
  FirmwareVersion committed_firmware;
  TcbVersion launch_tcb{};
  std::uint64_t launch_mit_vector = 0;   // version 5, else zero
  std::uint64_t current_mit_vector = 0;  // version 5, else zero
  std::array<Byte, 72> signature_r{};    // little-endian, as stored
  std::array<Byte, 72> signature_s{};

  bool author_key_present() const { return (flags & 1) != 0; }
  bool chip_key_masked() const { return (flags & 2) != 0; }
  // Bits 2 to 4 of flags; nullopt for "none" and for reserved values.
  std::optional<EndorsementKey> signing_key() const;
  // r ‖ s, big-endian, as wide as the field.
  std::array<Byte, 96> signature() const;
};

// malformed: another length, version under `version_min` or unknown, signature_algo, vmpl over 3,
// anything reserved that is not zero (the bytes after the signature are not covered by it, so they
// count most), r or s not in 1 … n − 1.
Result<AttestationReport> parse_report(ByteView bytes,
                                       std::uint32_t version_min = kReportVersionMin);

}  // namespace vitrine::attestation::snp
