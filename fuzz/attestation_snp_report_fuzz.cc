// An SNP report that is read is written again to the same bytes. Inputs of the right length are
// also read with what the format fixes put right, so that the fields behind it are reached.
#include <algorithm>
#include <cstdint>

#include "attestation/simulated/report.h"
#include "attestation/snp/describe.h"
#include "attestation/snp/verify.h"
#include "base/assert.h"

namespace vitrine::attestation {
namespace {

void check(ByteView bytes) {
  const auto report = snp::parse_report(bytes);
  if (!report) return;
  VITRINE_ASSERT(simulated::encode_report(*report) == to_bytes(bytes));
  VITRINE_ASSERT(snp::describe(*report).size() == (report->version >= 5 ? 28U : 26U));
  for (const auto product : {snp::Product::milan, snp::Product::turin}) {
    const auto tcb = snp::components_of(product, report->reported_tcb);
    VITRINE_ASSERT(!tcb || snp::version_of(product, *tcb) == report->reported_tcb);
  }
  const auto text = snp::tcb_to_text(report->reported_tcb, snp::TcbOrder::big_endian);
  VITRINE_ASSERT(snp::check_endorsed_tcb(*report, text).has_value());
}

void zero(Bytes& bytes, std::size_t begin, std::size_t end) {
  std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(begin),
            bytes.begin() + static_cast<std::ptrdiff_t>(end), Byte{0});
}

Bytes put_right(ByteView input) {
  Bytes bytes = to_bytes(input);
  bytes[0x00] = static_cast<Byte>(2 + bytes[0x00] % 4);
  bytes[0x30] &= 3;
  bytes[0x34] = 1;
  bytes[0x0b] &= 3;
  bytes[0x48] &= 0x1f;
  const std::pair<std::size_t, std::size_t> fixed[] = {
      {0x001, 0x004}, {0x00c, 0x010}, {0x031, 0x034}, {0x035, 0x038},
      {0x049, 0x050}, {0x18b, 0x1a0}, {0x1eb, 0x1ec}, {0x1ef, 0x1f0},
      {0x208, 0x2a0}, {0x2d0, 0x2e8}, {0x318, 0x330}, {0x330, 0x4a0}};
  for (const auto& [begin, end] : fixed) zero(bytes, begin, end);
  if (bytes[0x00] < 3) zero(bytes, 0x188, 0x18b);
  if (bytes[0x00] < 5) zero(bytes, 0x1f8, 0x208);
  return bytes;
}

}  // namespace
}  // namespace vitrine::attestation

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const vitrine::ByteView bytes(data, size);
  vitrine::attestation::check(bytes);
  if (size == vitrine::attestation::snp::kReportBytes) {
    vitrine::attestation::check(vitrine::attestation::put_right(bytes));
  }
  return 0;
}
