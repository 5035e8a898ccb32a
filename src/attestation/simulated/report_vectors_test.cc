// The writer of simulated reports, held against genuine ones.
#include "attestation/simulated/report.h"

#include <gtest/gtest.h>

#include "attestation/vectors_for_testing.h"

namespace vitrine::attestation::simulated {
namespace {

TEST(SimulatedReport, GenuineReportsAreWrittenAsTheyWereRead) {
  std::size_t reports = 0;
  for (const char* type : {"snp", "aci"}) {
    for (const auto& vector : vectors::of_type(type)) {
      if (!vector.has("report.bin")) continue;
      const auto bytes = vector.input("report.bin");
      const auto report = snp::parse_report(bytes);
      ASSERT_TRUE(report.has_value()) << vector.id << ": " << report.error().message;
      EXPECT_EQ(encode_report(*report), bytes) << vector.id;
      ++reports;
    }
  }
  EXPECT_EQ(reports, 18U);
}

}  // namespace
}  // namespace vitrine::attestation::simulated
