#include "attestation/snp/report.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/reader.h"

namespace vitrine::attestation::snp {

namespace {

constexpr std::size_t kScalarBytes = 48;

// Order of the P-384 group, big-endian (SP 800-186, 3.2.1.4).
constexpr std::array<Byte, kScalarBytes> kP384Order = {
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xc7, 0x63, 0x4d, 0x81, 0xf4, 0x37, 0x2d, 0xdf,
    0x58, 0x1a, 0x0d, 0xb2, 0x48, 0xb0, 0xa7, 0x7a, 0xec, 0xec, 0x19, 0x6a, 0xcc, 0xc5, 0x29, 0x73};

template <std::size_t N>
Status read(Reader& reader, std::array<Byte, N>& field) {
  VITRINE_TRY(const auto bytes, reader.take(N));
  std::copy(bytes.begin(), bytes.end(), field.begin());
  return {};
}

Status read_reserved(Reader& reader, std::size_t size, std::size_t offset) {
  VITRINE_TRY(const auto bytes, reader.take(size));
  if (all_zero(bytes)) return {};
  return malformed(fmt::format("reserved bytes at 0x{:03x} are not zero", offset));
}

Status read(Reader& reader, FirmwareVersion& firmware, std::size_t offset) {
  VITRINE_TRY(firmware.build, reader.u8());
  VITRINE_TRY(firmware.minor, reader.u8());
  VITRINE_TRY(firmware.major, reader.u8());
  return read_reserved(reader, 1, offset + 3);
}

Status read_cpuid(Reader& reader, AttestationReport& report) {
  if (report.version < 3) return read_reserved(reader, 3, 0x188);
  Cpuid cpuid;
  VITRINE_TRY(cpuid.family, reader.u8());
  VITRINE_TRY(cpuid.model, reader.u8());
  VITRINE_TRY(cpuid.stepping, reader.u8());
  report.cpuid = cpuid;
  return {};
}

Status read_mitigation_vectors(Reader& reader, AttestationReport& report) {
  if (report.version < 5) return read_reserved(reader, 16, 0x1f8);
  VITRINE_TRY(report.launch_mit_vector, reader.u64_le());
  VITRINE_TRY(report.current_mit_vector, reader.u64_le());
  return {};
}

// 0x000 to 0x04f.
Status read_head(Reader& reader, AttestationReport& report) {
  VITRINE_TRY(report.version, reader.u32_le());
  VITRINE_TRY(report.guest_svn, reader.u32_le());
  VITRINE_TRY(report.policy.bits, reader.u64_le());
  VITRINE_CHECK(read(reader, report.family_id));
  VITRINE_CHECK(read(reader, report.image_id));
  VITRINE_TRY(report.vmpl, reader.u32_le());
  VITRINE_TRY(report.signature_algo, reader.u32_le());
  VITRINE_CHECK(read(reader, report.current_tcb));
  VITRINE_TRY(report.platform_info, reader.u64_le());
  VITRINE_TRY(report.flags, reader.u32_le());
  return read_reserved(reader, 4, 0x04c);
}

// 0x050 to 0x29f.
Status read_body(Reader& reader, AttestationReport& report) {
  VITRINE_CHECK(read(reader, report.report_data));
  VITRINE_CHECK(read(reader, report.measurement));
  VITRINE_CHECK(read(reader, report.host_data));
  VITRINE_CHECK(read(reader, report.id_key_digest));
  VITRINE_CHECK(read(reader, report.author_key_digest));
  VITRINE_CHECK(read(reader, report.report_id));
  VITRINE_CHECK(read(reader, report.report_id_ma));
  VITRINE_CHECK(read(reader, report.reported_tcb));
  VITRINE_CHECK(read_cpuid(reader, report));
  VITRINE_CHECK(read_reserved(reader, 21, 0x18b));
  VITRINE_CHECK(read(reader, report.chip_id));
  VITRINE_CHECK(read(reader, report.committed_tcb));
  VITRINE_CHECK(read(reader, report.current_firmware, 0x1e8));
  VITRINE_CHECK(read(reader, report.committed_firmware, 0x1ec));
  VITRINE_CHECK(read(reader, report.launch_tcb));
  VITRINE_CHECK(read_mitigation_vectors(reader, report));
  return read_reserved(reader, 152, 0x208);
}

// 0x2a0 to the end.
Status read_signature(Reader& reader, AttestationReport& report) {
  VITRINE_CHECK(read(reader, report.signature_r));
  VITRINE_CHECK(read(reader, report.signature_s));
  return read_reserved(reader, 368, 0x330);
}

Status check_constants(const AttestationReport& report, std::uint32_t version_min) {
  if (report.version < std::max(version_min, kReportVersionMin) ||
      report.version > kReportVersionMax) {
    return malformed(fmt::format("version {} is not in {} to {}", report.version,
                                 std::max(version_min, kReportVersionMin), kReportVersionMax));
  }
  if (report.signature_algo != kEcdsaP384Sha384) {
    return malformed(fmt::format("signature_algo {} is not 1 (ECDSA P-384 with SHA-384)",
                                 report.signature_algo));
  }
  // Reports that the host asked for say 0xffffffff.
  if (report.vmpl > kVmplMax) {
    return malformed(fmt::format("vmpl {} is not in 0 to {}", report.vmpl, kVmplMax));
  }
  if (report.policy.bits >> 26 != 0) return malformed("policy has a reserved bit set (26 to 63)");
  if (report.flags >> 5 != 0) return malformed("flags has a reserved bit set (5 to 31)");
  return {};
}

// A scalar as stored: little-endian, 48 bytes and 24 zero ones.
Status check_scalar(const std::array<Byte, 72>& stored, char name) {
  const ByteView bytes(stored);
  if (!all_zero(bytes.subspan(kScalarBytes))) {
    return malformed(fmt::format("signature {} has bytes set above the field", name));
  }
  const auto scalar = bytes.first(kScalarBytes);
  if (all_zero(scalar) || !std::lexicographical_compare(scalar.rbegin(), scalar.rend(),
                                                        kP384Order.begin(), kP384Order.end())) {
    return malformed(fmt::format("signature {} is not in 1 to n - 1", name));
  }
  return {};
}

Result<AttestationReport> parse(ByteView bytes, std::uint32_t version_min) {
  if (bytes.size() != kReportBytes) {
    return malformed(fmt::format("{} bytes, not {}", bytes.size(), kReportBytes));
  }
  AttestationReport report;
  Reader reader(bytes);
  VITRINE_CHECK(read_head(reader, report));
  VITRINE_CHECK(check_constants(report, version_min));
  VITRINE_CHECK(read_body(reader, report));
  VITRINE_CHECK(read_signature(reader, report));
  VITRINE_CHECK(reader.finish());
  VITRINE_CHECK(check_scalar(report.signature_r, 'r'));
  VITRINE_CHECK(check_scalar(report.signature_s, 's'));
  return report;
}

}  // namespace

std::string_view name_of(EndorsementKey key) {
  return key == EndorsementKey::vcek ? "VCEK" : "VLEK";
}

std::optional<EndorsementKey> AttestationReport::signing_key() const {
  switch (flags >> 2 & 7) {
    case 0:
      return EndorsementKey::vcek;
    case 1:
      return EndorsementKey::vlek;
    default:
      return std::nullopt;
  }
}

std::array<Byte, 96> AttestationReport::signature() const {
  std::array<Byte, 96> out{};
  std::reverse_copy(signature_r.begin(), signature_r.begin() + kScalarBytes, out.begin());
  std::reverse_copy(signature_s.begin(), signature_s.begin() + kScalarBytes,
                    out.begin() + kScalarBytes);
  return out;
}

Result<AttestationReport> parse_report(ByteView bytes, std::uint32_t version_min) {
  auto report = parse(bytes, version_min);
  if (!report) return in_context("SNP report", std::move(report).error());
  return report;
}

}  // namespace vitrine::attestation::snp
