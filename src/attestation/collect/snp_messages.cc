#include "attestation/collect/snp_messages.h"

#include <algorithm>
#include <optional>

#include "crypto/x509.h"

namespace vitrine::attestation::collect {
namespace {

constexpr std::size_t kStatusBytes = 4;
constexpr std::size_t kKeyOffset = 32;
constexpr std::size_t kReportOffset = 32;
constexpr std::size_t kReportBytes = 1184;
constexpr std::size_t kGuidBytes = 16;
constexpr std::size_t kEntryBytes = kGuidBytes + 8;
constexpr std::size_t kEntriesMax = 32;

void put(std::span<Byte> out, std::size_t offset, std::uint64_t value, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) out[offset + i] = static_cast<Byte>(value >> (8 * i));
}

std::uint32_t get32(ByteView bytes, std::size_t offset) {
  std::uint32_t value = 0;
  for (std::size_t i = 4; i-- > 0;) value = value << 8 | bytes[offset + i];
  return value;
}

Status check_status(ByteView response, std::string_view what) {
  constexpr std::uint32_t kInvalidParameters = 0x16;
  constexpr std::uint32_t kInvalidKeySelection = 0x27;
  const std::uint32_t status = get32(response, 0);
  if (status == 0) return {};
  std::string message = "SNP firmware: " + std::string(what) + ": status " + std::to_string(status);
  if (status == kInvalidParameters) message += ", invalid parameters";
  if (status == kInvalidKeySelection) message += ", invalid key selection";
  return denied(message);
}

using Guid = std::array<Byte, kGuidBytes>;
// As RFC 9562 writes them.
constexpr Guid kVcek = {0x63, 0xda, 0x75, 0x8d, 0xe6, 0x64, 0x45, 0x64,
                        0xad, 0xc5, 0xf4, 0xb9, 0x3b, 0xe8, 0xac, 0xcd};
constexpr Guid kVlek = {0xa8, 0x07, 0x4b, 0xc2, 0xa2, 0x5a, 0x48, 0x3e,
                        0xaa, 0xe6, 0x39, 0xc0, 0x45, 0xa0, 0xb8, 0xa1};
constexpr Guid kAsk = {0x4a, 0xb7, 0xb3, 0x79, 0xbb, 0xac, 0x4f, 0xe4,
                       0xa0, 0x2f, 0x05, 0xae, 0xf3, 0x27, 0xc7, 0x82};
constexpr Guid kArk = {0xc0, 0xb4, 0x06, 0xa4, 0xa8, 0x03, 0x49, 0x52,
                       0x97, 0x43, 0x3f, 0xb6, 0x01, 0x4c, 0xd0, 0xae};

// The first three fields of a GUID lie in memory with the last byte first; some hosts write them as
// they are read.
bool is(ByteView stored, const Guid& guid) {
  Guid mixed = guid;
  std::reverse(mixed.begin(), mixed.begin() + 4);
  std::swap(mixed[4], mixed[5]);
  std::swap(mixed[6], mixed[7]);
  return std::equal(stored.begin(), stored.end(), mixed.begin()) ||
         std::equal(stored.begin(), stored.end(), guid.begin());
}

bool all_zero(ByteView bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](Byte byte) { return byte == 0; });
}

Result<std::string> pem_of(ByteView der, std::string_view name) {
  auto certificate = crypto::Certificate::from_der(der);
  if (!certificate)
    return in_context("certificate table: " + std::string(name), certificate.error());
  return certificate->pem();
}

}  // namespace

std::array<Byte, kDerivedKeyRequestBytes> encode(const DerivedKeyRequest& request) {
  std::array<Byte, kDerivedKeyRequestBytes> out{};
  put(out, 0, request.root_key, 4);
  put(out, 8, request.fields, 8);
  put(out, 16, request.vmpl, 4);
  put(out, 20, request.guest_svn, 4);
  put(out, 24, request.tcb, 8);
  return out;
}

std::array<Byte, kReportRequestBytes> encode_report_request(const std::array<Byte, 64>& report_data,
                                                            std::uint32_t vmpl) {
  std::array<Byte, kReportRequestBytes> out{};
  std::copy(report_data.begin(), report_data.end(), out.begin());
  put(out, report_data.size(), vmpl, 4);
  return out;
}

Result<SecretBytes> read_derived_key(ByteView response) {
  if (response.size() != kDerivedKeyResponseBytes)
    return malformed("SNP firmware: derived key: the response has another size");
  VITRINE_CHECK(check_status(response, "derived key"));
  return SecretBytes::copy_of(response.subspan(kKeyOffset, 32));
}

Result<Bytes> read_report(ByteView response) {
  if (response.size() < kReportOffset + kReportBytes)
    return malformed("SNP firmware: report: the response is too short");
  VITRINE_CHECK(check_status(response, "report"));
  if (get32(response, kStatusBytes) != kReportBytes)
    return malformed("SNP firmware: report: has another size");
  return to_bytes(response.subspan(kReportOffset, kReportBytes));
}

Result<std::string> pem_of_table(ByteView table) {
  std::optional<std::string> chip, ask, ark;
  for (std::size_t i = 0; i < kEntriesMax; ++i) {
    if (table.size() < (i + 1) * kEntryBytes)
      return malformed("certificate table: no entry closes it");
    const ByteView entry = table.subspan(i * kEntryBytes, kEntryBytes);
    if (all_zero(entry)) break;
    const std::size_t offset = get32(entry, kGuidBytes);
    const std::size_t length = get32(entry, kGuidBytes + 4);
    if (offset > table.size() || length > table.size() - offset)
      return malformed("certificate table: an entry lies outside of it");
    const ByteView der = table.subspan(offset, length);
    const ByteView guid = entry.first(kGuidBytes);
    if (is(guid, kVcek) || is(guid, kVlek)) {
      VITRINE_TRY(chip, pem_of(der, "VCEK or VLEK"));
    } else if (is(guid, kAsk)) {
      VITRINE_TRY(ask, pem_of(der, "ASK"));
    } else if (is(guid, kArk)) {
      VITRINE_TRY(ark, pem_of(der, "ARK"));
    }
  }
  if (!chip || !ask || !ark) {
    return malformed("certificate table: the host gives no whole chain",
                     "the host has to be set up to give VCEK or VLEK, ASK and ARK with a report");
  }
  return *chip + *ask + *ark;
}

}  // namespace vitrine::attestation::collect
