#include "attestation/snp/report.h"

#include <gtest/gtest.h>

#include <vector>

namespace vitrine::attestation::snp {
namespace {

// A report that parses: version 3, algorithm 1, r = s = 1, all else zero.
Bytes smallest_report() {
  Bytes bytes(kReportBytes);
  bytes[0x000] = 3;
  bytes[0x034] = 1;
  bytes[0x2a0] = 1;
  bytes[0x2a0 + 72] = 1;
  return bytes;
}

std::string refusal(ByteView bytes) {
  const auto report = parse_report(bytes);
  if (report) return "accepted";
  EXPECT_EQ(report.error().code, Code::malformed);
  return report.error().message;
}

struct Range {
  std::size_t begin;
  std::size_t end;
};

TEST(SnpReport, HasExactlyItsLength) {
  const auto bytes = smallest_report();
  EXPECT_EQ(refusal(bytes), "accepted");
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_EQ(refusal(ByteView(bytes).first(size)),
              "SNP report: " + std::to_string(size) + " bytes, not 1184");
  }
  auto longer = bytes;
  longer.push_back(0);
  EXPECT_EQ(refusal(longer), "SNP report: 1185 bytes, not 1184");
}

TEST(SnpReport, VersionsTwoToFiveAreRead) {
  auto bytes = smallest_report();
  for (const Byte version : {2, 3, 4, 5}) {
    bytes[0] = version;
    EXPECT_EQ(refusal(bytes), "accepted") << int{version};
  }
  for (const Byte version : {0, 1, 6, 255}) {
    bytes[0] = version;
    EXPECT_EQ(refusal(bytes),
              "SNP report: version " + std::to_string(version) + " is not in 2 to 5");
  }
}

TEST(SnpReport, TheMinimumVersionIsTheCallers) {
  auto bytes = smallest_report();
  EXPECT_TRUE(parse_report(bytes, 3).has_value());
  EXPECT_EQ(parse_report(bytes, 4).error().message, "SNP report: version 3 is not in 4 to 5");
  bytes[0] = 1;
  EXPECT_FALSE(parse_report(bytes, 0).has_value());
}

TEST(SnpReport, TheAlgorithmIsEcdsaP384) {
  auto bytes = smallest_report();
  for (const Byte algorithm : {0, 2}) {
    bytes[0x34] = algorithm;
    EXPECT_EQ(refusal(bytes), "SNP report: signature_algo " + std::to_string(algorithm) +
                                  " is not 1 (ECDSA P-384 with SHA-384)");
  }
}

TEST(SnpReport, TheVmplIsAGuests) {
  auto bytes = smallest_report();
  bytes[0x30] = 3;
  EXPECT_EQ(refusal(bytes), "accepted");
  bytes[0x30] = 4;
  EXPECT_EQ(refusal(bytes), "SNP report: vmpl 4 is not in 0 to 3");
  for (std::size_t i = 0x30; i < 0x34; ++i) bytes[i] = 0xff;  // the host asked
  EXPECT_EQ(refusal(bytes), "SNP report: vmpl 4294967295 is not in 0 to 3");
}

TEST(SnpReport, EveryReservedByteIsZero) {
  const std::vector<Range> always = {{0x4c, 0x50},   {0x18b, 0x1a0}, {0x1eb, 0x1ec},
                                     {0x1ef, 0x1f0}, {0x208, 0x2a0}, {0x330, 0x4a0}};
  for (const auto& [begin, end] : always) {
    for (std::size_t i = begin; i < end; ++i) {
      auto bytes = smallest_report();
      bytes[i] = 1;
      EXPECT_NE(refusal(bytes).find("are not zero"), std::string::npos) << i;
    }
  }
}

TEST(SnpReport, SomeBytesAreReservedInOldVersionsOnly) {
  for (std::size_t i = 0x188; i < 0x18b; ++i) {
    auto bytes = smallest_report();
    bytes[i] = 1;
    EXPECT_EQ(refusal(bytes), "accepted") << i;
    bytes[0] = 2;
    EXPECT_EQ(refusal(bytes), "SNP report: reserved bytes at 0x188 are not zero") << i;
  }
  for (std::size_t i = 0x1f8; i < 0x208; ++i) {
    auto bytes = smallest_report();
    bytes[i] = 1;
    EXPECT_EQ(refusal(bytes), "SNP report: reserved bytes at 0x1f8 are not zero") << i;
    bytes[0] = 5;
    EXPECT_EQ(refusal(bytes), "accepted") << i;
  }
}

TEST(SnpReport, ReservedBitsOfPolicyAndFlagsAreZero) {
  for (unsigned bit = 0; bit < 64; ++bit) {
    auto bytes = smallest_report();
    bytes[0x08 + bit / 8] = static_cast<Byte>(1U << bit % 8);
    EXPECT_EQ(refusal(bytes),
              bit < 26 ? "accepted" : "SNP report: policy has a reserved bit set (26 to 63)");
  }
  for (unsigned bit = 0; bit < 32; ++bit) {
    auto bytes = smallest_report();
    bytes[0x48 + bit / 8] = static_cast<Byte>(1U << bit % 8);
    EXPECT_EQ(refusal(bytes),
              bit < 5 ? "accepted" : "SNP report: flags has a reserved bit set (5 to 31)");
  }
}

TEST(SnpReport, UnknownPlatformInfoIsCarried) {
  auto bytes = smallest_report();
  bytes[0x40] = 0x67;  // bit 6, as genuine Turin reports have it
  bytes[0x47] = 0x80;
  EXPECT_EQ(parse_report(bytes).value().platform_info, 0x8000000000000067U);
}

TEST(SnpReport, SignatureBytesAboveTheFieldAreZero) {
  for (const std::size_t scalar : {0x2a0U, 0x2a0U + 72U}) {
    for (std::size_t i = 48; i < 72; ++i) {
      auto bytes = smallest_report();
      bytes[scalar + i] = 1;
      EXPECT_NE(refusal(bytes).find("has bytes set above the field"), std::string::npos) << i;
    }
  }
}

TEST(SnpReport, RAndSAreBetweenZeroAndTheGroupOrder) {
  // n − 1, little-endian.
  const Bytes largest = {0x72, 0x29, 0xc5, 0xcc, 0x6a, 0x19, 0xec, 0xec, 0x7a, 0xa7, 0xb0, 0x48,
                         0xb2, 0x0d, 0x1a, 0x58, 0xdf, 0x2d, 0x37, 0xf4, 0x81, 0x4d, 0x63, 0xc7,
                         0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                         0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
  for (const std::size_t scalar : {0x2a0U, 0x2a0U + 72U}) {
    const char* name = scalar == 0x2a0U ? "r" : "s";
    const auto out_of_range =
        std::string("SNP report: signature ") + name + " is not in 1 to n - 1";
    auto bytes = smallest_report();
    bytes[scalar] = 0;
    EXPECT_EQ(refusal(bytes), out_of_range);
    std::copy(largest.begin(), largest.end(), bytes.begin() + static_cast<long>(scalar));
    EXPECT_EQ(refusal(bytes), "accepted");
    bytes[scalar] = 0x73;
    EXPECT_EQ(refusal(bytes), out_of_range);
    bytes[scalar + 47] = 0xfe;
    EXPECT_EQ(refusal(bytes), "accepted");
  }
}

TEST(SnpReport, FieldsLieWhereTheLayoutSays) {
  auto bytes = smallest_report();
  bytes[0x04] = 7;
  bytes[0x0a] = 0x03;
  bytes[0x10] = 0x21;
  bytes[0x20] = 0x22;
  bytes[0x38] = 0x23;
  bytes[0x50] = 0x24;
  bytes[0x90] = 0x25;
  bytes[0xc0] = 0x26;
  bytes[0xe0] = 0x27;
  bytes[0x110] = 0x28;
  bytes[0x140] = 0x29;
  bytes[0x160] = 0x2a;
  bytes[0x180] = 0x2b;
  bytes[0x188] = 0x19;
  bytes[0x1a0] = 0x2c;
  bytes[0x1e0] = 0x2d;
  bytes[0x1e9] = 55;
  bytes[0x1ee] = 1;
  bytes[0x1f0] = 0x2e;
  const auto report = parse_report(bytes).value();
  EXPECT_EQ(report.guest_svn, 7U);
  EXPECT_EQ(report.policy.bits, 0x30000U);
  EXPECT_TRUE(report.policy.smt_allowed());
  EXPECT_TRUE(report.policy.reserved_one());
  EXPECT_FALSE(report.policy.migration_allowed());
  EXPECT_EQ(report.family_id[0], 0x21);
  EXPECT_EQ(report.image_id[0], 0x22);
  EXPECT_EQ(report.current_tcb[0], 0x23);
  EXPECT_EQ(report.report_data[0], 0x24);
  EXPECT_EQ(report.measurement[0], 0x25);
  EXPECT_EQ(report.host_data[0], 0x26);
  EXPECT_EQ(report.id_key_digest[0], 0x27);
  EXPECT_EQ(report.author_key_digest[0], 0x28);
  EXPECT_EQ(report.report_id[0], 0x29);
  EXPECT_EQ(report.report_id_ma[0], 0x2a);
  EXPECT_EQ(report.reported_tcb[0], 0x2b);
  EXPECT_EQ(report.cpuid.value().family, 0x19);
  EXPECT_EQ(report.chip_id[0], 0x2c);
  EXPECT_EQ(report.committed_tcb[0], 0x2d);
  EXPECT_EQ(report.current_firmware.minor, 55);
  EXPECT_EQ(report.committed_firmware.major, 1);
  EXPECT_EQ(report.launch_tcb[0], 0x2e);
  EXPECT_EQ(report.signature()[47], 1);
  EXPECT_EQ(report.signature()[95], 1);
}

TEST(SnpReport, FlagsNameTheSigningKey) {
  auto bytes = smallest_report();
  EXPECT_EQ(parse_report(bytes).value().signing_key(), EndorsementKey::vcek);
  bytes[0x48] = 1U << 2;
  EXPECT_EQ(parse_report(bytes).value().signing_key(), EndorsementKey::vlek);
  for (const unsigned key : {2U, 3U, 4U, 5U, 6U, 7U}) {
    bytes[0x48] = static_cast<Byte>(key << 2);
    EXPECT_EQ(parse_report(bytes).value().signing_key(), std::nullopt) << key;
  }
  bytes[0x48] = 3;
  EXPECT_TRUE(parse_report(bytes).value().author_key_present());
  EXPECT_TRUE(parse_report(bytes).value().chip_key_masked());
}

}  // namespace
}  // namespace vitrine::attestation::snp
