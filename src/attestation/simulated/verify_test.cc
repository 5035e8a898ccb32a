// Verification as a whole, on evidence of the simulated attester: everything a host, a guest or
// someone between could change, and the step that refuses it.
#include "attestation/verify.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "attestation/simulated/fixture_for_testing.h"
#include "base/hex.h"

namespace vitrine::attestation::simulated {
namespace {

SnpEvidence attested(const AttestRequest& request = {}) {
  return test_attester().attest(request).value();
}

// Evidence whose report has been changed before the chip signed it.
template <class Change>
SnpEvidence attested_with(Change change) {
  auto evidence = attested();
  auto report = test_attester().report({});
  change(report);
  evidence.report = sign_report(encode_report(report), test_attester().chip_key()).value();
  return evidence;
}

std::string text(const Claims& claims, std::string_view name) {
  const auto* value = claims.find(name);
  return value == nullptr ? "absent" : to_text(*value);
}

TEST(SnpVerification, AcceptsSimulatedEvidenceAndSaysSo) {
  AttestRequest request;
  request.report_data.fill(0x5a);
  request.host_data.fill(0xa5);
  const auto claims = verify(attested(request));
  ASSERT_TRUE(claims.has_value()) << claims.error().message;
  EXPECT_EQ(claims->profile(), "snp-aci");
  EXPECT_TRUE(claims->simulated());
  EXPECT_EQ(claims->freshness(), Freshness::none);
  EXPECT_EQ(claims->report_data(), request.report_data);
  EXPECT_EQ(text(*claims, "x-ms-sevsnpvm-hostdata"), to_hex(request.host_data));
  EXPECT_EQ(text(*claims, "x-ms-sevsnpvm-launchmeasurement"), to_hex(default_measurement()));
  EXPECT_EQ(text(*claims, "uvm_endorsements-did"), test_attester().uvm_signer().did);
  EXPECT_EQ(text(*claims, "uvm_endorsements-feed"), "Simulated-UVM");
  EXPECT_EQ(text(*claims, "uvm_endorsements-svn"), "100");
}

TEST(SnpVerification, RefusesSimulatedEvidenceWithoutItsRootOrSigner) {
  const auto evidence = attested();
  auto anchors = default_trust_anchors();
  EXPECT_NE(outcome(verify(evidence, test_time(), anchors)).find("is not pinned"),
            std::string::npos);
  anchors.snp_roots.push_back(test_attester().root());
  EXPECT_NE(outcome(verify(evidence, test_time(), anchors)).find("is not trusted"),
            std::string::npos);
  anchors.uvm_signers.push_back(test_attester().uvm_signer());
  EXPECT_EQ(outcome(verify(evidence, test_time(), anchors)), "accepted");
}

TEST(SnpVerification, OneSimulatedAnchorIsEnoughToSaySimulated) {
  const auto evidence = attested();
  auto anchors = anchors_of(test_attester());
  anchors.snp_roots.back().simulated = false;
  EXPECT_TRUE(verify(evidence, test_time(), anchors).value().simulated());
  anchors.uvm_signers.back().simulated = false;
  EXPECT_FALSE(verify(evidence, test_time(), anchors).value().simulated());
  anchors.snp_roots.back().simulated = true;
  EXPECT_TRUE(verify(evidence, test_time(), anchors).value().simulated());
}

TEST(SnpVerification, ProfileFollowsFromWhatIsThere) {
  AttestRequest raw;
  raw.raw = true;
  auto evidence = attested(raw);
  const auto claims = verify(evidence);
  ASSERT_TRUE(claims.has_value());
  EXPECT_EQ(claims->profile(), "snp");
  EXPECT_EQ(claims->find("uvm_endorsements-did"), nullptr);
  evidence.endorsed_tcb = "04000000000018db";
  EXPECT_EQ(outcome(verify(evidence)),
            "SNP evidence: uvm_endorsements is empty and endorsed_tcb is not");
  evidence = attested();
  evidence.endorsed_tcb.clear();
  EXPECT_EQ(outcome(verify(evidence)),
            "SNP evidence: endorsed_tcb is empty and uvm_endorsements is not");
}

TEST(SnpVerification, EveryReportVersionIsAccepted) {
  for (const std::uint32_t version : {2U, 3U, 4U, 5U}) {
    AttestRequest request;
    request.version = version;
    const auto claims = verify(attested(request));
    ASSERT_TRUE(claims.has_value()) << claims.error().message;
    EXPECT_EQ(text(*claims, "x-ms-ver"), fmt::format("{}", version));
  }
}

TEST(SnpVerification, TheMinimumReportVersionIsAnAnchor) {
  AttestRequest request;
  request.version = 2;
  auto anchors = anchors_of(test_attester());
  anchors.snp_report_version_min = 3;
  EXPECT_EQ(outcome(verify(attested(request), test_time(), anchors)),
            "SNP report: version 2 is not in 3 to 5");
}

TEST(SnpVerification, AnyByteOfTheReportChangedIsRefused) {
  auto evidence = attested();
  const auto anchors = anchors_of(test_attester());
  VerificationCache cache;
  ASSERT_TRUE(verify_snp(evidence, anchors, test_time(), cache).has_value());
  for (std::size_t i = 0; i < evidence.report.size(); ++i) {
    evidence.report[i] ^= 0x10;
    EXPECT_FALSE(verify_snp(evidence, anchors, test_time(), cache).has_value()) << i;
    evidence.report[i] ^= 0x10;
  }
  EXPECT_TRUE(verify_snp(evidence, anchors, test_time(), cache).has_value());
}

TEST(SnpVerification, AChangedFieldFailsTheSignature) {
  auto evidence = attested();
  evidence.report[0x090] ^= 1;
  EXPECT_EQ(outcome(verify(evidence)), "SNP report: signature does not verify with the VCEK");
}

TEST(SnpVerification, ADebugOrMigratableGuestIsRefusedThoughGenuine) {
  AttestRequest request;
  request.policy = 0x3001f | 1U << 19;
  EXPECT_EQ(outcome(verify(attested(request))),
            "SNP report: guest policy allows debugging (bit 19)");
  request.policy = 0x3001f | 1U << 18;
  EXPECT_EQ(outcome(verify(attested(request))),
            "SNP report: guest policy allows a migration agent (bit 18)");
  request.policy = 0x1001f;
  EXPECT_EQ(outcome(verify(attested(request))), "SNP report: guest policy bit 17 is not set");
}

TEST(SnpVerification, PolicyBitsAreClaims) {
  const std::pair<unsigned, const char*> bits[] = {
      {16, "smt-allowed"},       {20, "singlesocket"},
      {21, "cxl-allowed"},       {22, "mem-aes256-xts-required"},
      {23, "rapl-disabled"},     {24, "ciphertext-hiding-dram-enabled"},
      {25, "page-swap-disabled"}};
  for (const auto& [bit, name] : bits) {
    AttestRequest request;
    request.policy = 1U << 17 | 1U << bit;
    const auto claims = verify(attested(request));
    ASSERT_TRUE(claims.has_value()) << claims.error().message;
    for (const auto& [other, other_name] : bits) {
      EXPECT_EQ(text(*claims, std::string("x-ms-sevsnpvm-") + other_name),
                bit == other ? "true" : "false");
    }
    EXPECT_EQ(text(*claims, "x-ms-sevsnpvm-is-debuggable"), "false");
    EXPECT_EQ(text(*claims, "x-ms-sevsnpvm-migration-allowed"), "false");
  }
}

TEST(SnpVerification, AMaskedChipKeyIsRefused) {
  AttestRequest request;
  request.flags = 1U << 1;
  EXPECT_EQ(outcome(verify(attested(request))),
            "SNP report: the chip key is masked, so no certificate binds it to a chip");
}

TEST(SnpVerification, TheSigningKeyNamedMustBeTheCertificatesKind) {
  AttestRequest request;
  request.flags = 1U << 2;
  EXPECT_EQ(outcome(verify(attested(request))),
            "SNP endorsements: certificate is a VCEK, the report names a VLEK");
  request.flags = 7U << 2;
  EXPECT_EQ(outcome(verify(attested(request))),
            "SNP report: flags 0x1c name neither VCEK nor VLEK as signing key");
}

TEST(SnpVerification, TheVmplIsAClaimAndAGuests) {
  AttestRequest request;
  request.vmpl = 3;
  EXPECT_EQ(text(verify(attested(request)).value(), "x-ms-sevsnpvm-vmpl"), "3");
  request.vmpl = 4;
  EXPECT_EQ(outcome(verify(attested(request))), "SNP report: vmpl 4 is not in 0 to 3");
}

TEST(SnpVerification, EveryTcbComponentEqualsTheCertificates) {
  const std::pair<std::size_t, const char*> bytes[] = {
      {0, "boot loader"}, {1, "TEE"}, {6, "SNP"}, {7, "microcode"}};
  for (const auto& [index, name] : bytes) {
    for (const int step : {-1, 1}) {
      if (index == 1 && step < 0) continue;  // zero has nothing below it
      const auto evidence = attested_with([at = index, step](auto& report) {
        report.reported_tcb[at] = static_cast<Byte>(report.reported_tcb[at] + step);
      });
      EXPECT_EQ(outcome(verify(evidence))
                    .rfind(fmt::format("SNP report: reported_tcb has {} SVN ", name), 0),
                0U)
          << outcome(verify(evidence));
    }
  }
  const auto reserved = attested_with([](auto& report) { report.reported_tcb[3] = 1; });
  EXPECT_EQ(outcome(verify(reserved)),
            "SNP report: reported_tcb: TCB version 04000001000018db has a reserved byte set for "
            "Milan");
}

TEST(SnpVerification, ACertificateForTheReportedTcbIsFound) {
  AttestRequest request;
  request.tcb = snp::TcbComponents{0, 3, 1, 8, 200};
  const auto claims = verify(attested(request));
  ASSERT_TRUE(claims.has_value()) << claims.error().message;
  EXPECT_EQ(text(*claims, "x-ms-sevsnpvm-bootloader-svn"), "3");
  EXPECT_EQ(text(*claims, "x-ms-sevsnpvm-tee-svn"), "1");
  EXPECT_EQ(text(*claims, "x-ms-sevsnpvm-snpfw-svn"), "8");
  EXPECT_EQ(text(*claims, "x-ms-sevsnpvm-microcode-svn"), "200");
}

TEST(SnpVerification, OtherTcbsAreClaimsInReportOrder) {
  const auto evidence = attested_with([](auto& report) {
    report.current_tcb[7] = 0xdc;
    report.committed_tcb[7] = 0xdd;
    report.launch_tcb[7] = 0xde;
  });
  const auto claims = verify(evidence);
  ASSERT_TRUE(claims.has_value()) << claims.error().message;
  EXPECT_EQ(text(*claims, "snp_current_tcb"), "04000000000018dc");
  EXPECT_EQ(text(*claims, "snp_committed_tcb"), "04000000000018dd");
  EXPECT_EQ(text(*claims, "snp_launch_tcb"), "04000000000018de");
}

TEST(SnpVerification, TheChipIsTheCertificates) {
  const auto evidence = attested_with([](auto& report) { report.chip_id[63] ^= 1; });
  EXPECT_NE(outcome(verify(evidence)).find("is not the HWID of the VCEK"), std::string::npos);
  const auto zero = attested_with([](auto& report) { report.chip_id = {}; });
  EXPECT_NE(outcome(verify(zero)).find("is not the HWID of the VCEK"), std::string::npos);
}

TEST(SnpVerification, CpuidNamesTheProductOfTheChain) {
  const auto genoa = attested_with([](auto& report) { report.cpuid->model = 0x11; });
  EXPECT_EQ(outcome(verify(genoa)),
            "SNP report: CPUID family 0x19 model 0x11 is Genoa, the endorsements are for Milan");
  const auto unknown = attested_with([](auto& report) { report.cpuid->family = 0x17; });
  EXPECT_EQ(outcome(verify(unknown)),
            "SNP report: CPUID family 0x17 model 0x01 is of no known product, the endorsements "
            "are for Milan");
}

TEST(SnpVerification, EndorsedTcbIsReportedTcbInEitherOrder) {
  auto evidence = attested();
  for (const char* text : {"DB18000000000004", "db18000000000004", "04000000000018DB"}) {
    evidence.endorsed_tcb = text;
    EXPECT_EQ(outcome(verify(evidence)), "accepted") << text;
  }
  evidence.endorsed_tcb = "DB18000000000003";
  EXPECT_EQ(outcome(verify(evidence)),
            "SNP evidence: endorsed_tcb DB18000000000003 is not reported_tcb 04000000000018db");
  for (const char* text : {"DB1800000000000", "DB180000000000044", "0xDB18000000000004"}) {
    evidence.endorsed_tcb = text;
    EXPECT_EQ(outcome(verify(evidence)), "SNP evidence: endorsed_tcb: not 16 hex digits");
  }
}

TEST(SnpVerification, TheEndorsedMeasurementIsTheReports) {
  auto evidence = attested();
  AttestRequest other;
  other.measurement.emplace().fill(0x11);
  evidence.uvm_endorsements = attested(other).uvm_endorsements;
  EXPECT_EQ(outcome(verify(evidence)),
            fmt::format("UVM endorsement: launch measurement {} is not the report's {}",
                        std::string(96, '1'), to_hex(default_measurement())));
  EXPECT_EQ(outcome(verify(attested(other))), "accepted");
}

TEST(SnpVerification, TheTraceListsWhatPassed) {
  VerificationCache cache;
  VerificationTrace trace;
  auto evidence = attested();
  const auto anchors = anchors_of(test_attester());
  ASSERT_TRUE(verify_snp(evidence, anchors, test_time(), cache, &trace).has_value());
  std::vector<std::string> names;
  for (const auto& step : trace.steps) names.push_back(step.name);
  EXPECT_EQ(names, (std::vector<std::string>{"report structure", "certificate chain",
                                             "report signature", "certificate against report",
                                             "guest policy", "endorsed TCB", "UVM endorsement"}));
  EXPECT_EQ(trace.steps[0].outcome, "version 3, VMPL 0");
  EXPECT_EQ(trace.steps[1].outcome.rfind("VCEK, ARK-Milan (simulated), valid until 2033-", 0), 0U)
      << trace.steps[1].outcome;
  evidence.report[0x90] ^= 1;
  VerificationTrace refused;
  EXPECT_FALSE(verify_snp(evidence, anchors, test_time(), cache, &refused).has_value());
  ASSERT_EQ(refused.steps.size(), 2U);
  EXPECT_NE(refused.steps[1].outcome.find(", verified before"), std::string::npos);
}

}  // namespace
}  // namespace vitrine::attestation::simulated
