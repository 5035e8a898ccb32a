#include "attestation/simulated/report.h"

#include <algorithm>

#include "base/assert.h"

namespace vitrine::attestation::simulated {

namespace {

template <class Unsigned>
void put(Bytes& out, Unsigned value) {
  for (std::size_t i = 0; i < sizeof value; ++i) out.push_back(static_cast<Byte>(value >> 8 * i));
}

void put_zeros(Bytes& out, std::size_t count) { out.resize(out.size() + count); }

void put(Bytes& out, const snp::FirmwareVersion& firmware) {
  append(out, Bytes{firmware.build, firmware.minor, firmware.major, 0});
}

void put_head(Bytes& out, const snp::AttestationReport& report) {
  put(out, report.version);
  put(out, report.guest_svn);
  put(out, report.policy.bits);
  append(out, report.family_id);
  append(out, report.image_id);
  put(out, report.vmpl);
  put(out, report.signature_algo);
  append(out, report.current_tcb);
  put(out, report.platform_info);
  put(out, report.flags);
  put_zeros(out, 4);
}

void put_body(Bytes& out, const snp::AttestationReport& report) {
  append(out, report.report_data);
  append(out, report.measurement);
  append(out, report.host_data);
  append(out, report.id_key_digest);
  append(out, report.author_key_digest);
  append(out, report.report_id);
  append(out, report.report_id_ma);
  append(out, report.reported_tcb);
  const auto cpuid = report.cpuid.value_or(snp::Cpuid{});
  append(out, Bytes{cpuid.family, cpuid.model, cpuid.stepping});
  put_zeros(out, 21);
  append(out, report.chip_id);
  append(out, report.committed_tcb);
  put(out, report.current_firmware);
  put(out, report.committed_firmware);
  append(out, report.launch_tcb);
  put(out, report.launch_mit_vector);
  put(out, report.current_mit_vector);
  put_zeros(out, 152);
}

}  // namespace

Bytes encode_report(const snp::AttestationReport& report) {
  Bytes out;
  out.reserve(snp::kReportBytes);
  put_head(out, report);
  put_body(out, report);
  append(out, report.signature_r);
  append(out, report.signature_s);
  put_zeros(out, 368);
  VITRINE_ASSERT(out.size() == snp::kReportBytes);
  return out;
}

Result<Bytes> sign_report(Bytes report, const crypto::PrivateKey& key) {
  VITRINE_ASSERT(report.size() == snp::kReportBytes);
  VITRINE_TRY(const auto signature, key.sign(crypto::SignatureAlgorithm::ecdsa_sha384_raw,
                                             ByteView(report).first(snp::kSignedBytes)));
  // r ‖ s, big-endian, become two little-endian fields of 72 bytes.
  const auto half = static_cast<std::ptrdiff_t>(signature.size() / 2);
  const auto r = report.begin() + snp::kSignedBytes;
  const auto s = r + 72;
  std::fill(r, s + 72, Byte{0});
  std::reverse_copy(signature.begin(), signature.begin() + half, r);
  std::reverse_copy(signature.begin() + half, signature.end(), s);
  return report;
}

}  // namespace vitrine::attestation::simulated
