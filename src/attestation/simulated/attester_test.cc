#include "attestation/simulated/attester.h"

#include <gtest/gtest.h>

#include "attestation/simulated/fixture_for_testing.h"

namespace vitrine::attestation::simulated {
namespace {

Attester made(snp::Product product, snp::EndorsementKey kind) {
  return Attester::make(test_time(), {product, kind, kTestRsaBits}).value();
}

std::string text(const Claims& claims, std::string_view name) {
  const auto* value = claims.find(name);
  return value == nullptr ? "absent" : to_text(*value);
}

TEST(SimulatedAttester, ComesBackFromItsFilesAsItWas) {
  const auto& attester = test_attester();
  const auto files = attester.to_files();
  const auto again = Attester::from_files(files);
  ASSERT_TRUE(again.has_value()) << again.error().message;
  EXPECT_EQ(again->root().spki_sha256, attester.root().spki_sha256);
  EXPECT_EQ(again->root().product, "Milan");
  EXPECT_TRUE(again->root().simulated);
  EXPECT_EQ(again->uvm_signer().did, attester.uvm_signer().did);
  EXPECT_TRUE(again->uvm_signer().simulated);
  AttestRequest request;
  request.tcb = snp::TcbComponents{0, 5, 0, 25, 220};
  request.measurement.emplace().fill(7);
  EXPECT_EQ(outcome(verify(again->attest(request).value())), "accepted");
}

TEST(SimulatedAttester, NamesTheFileThatIsMissingOrWrong) {
  std::vector<std::string> names;
  for (const auto& [name, bytes] : test_attester().to_files()) names.push_back(name);
  EXPECT_EQ(names, (std::vector<std::string>{"snp-ark.pem", "snp-ask-key.pem", "snp-ask.pem",
                                             "snp-chip-key.pem", "snp-leaf.pem", "uvm-chain.pem",
                                             "uvm-leaf-key.pem"}));
  for (const auto& name : names) {
    auto files = test_attester().to_files();
    files.erase(name);
    EXPECT_EQ(Attester::from_files(files).error().message, "simulated attester: no file " + name);
    files.emplace(name, SecretBytes::copy_of(as_bytes("junk")));
    const auto refused = Attester::from_files(files);
    ASSERT_FALSE(refused.has_value()) << name;
    EXPECT_EQ(refused.error().code, Code::malformed);
  }
}

TEST(SimulatedAttester, RefusesFilesThatAreNotEachOthers) {
  auto files = test_attester().to_files();
  files.erase("snp-chip-key.pem");
  files.emplace("snp-chip-key.pem",
                crypto::PrivateKey::generate(crypto::KeyKind::ec_p384).value().pem());
  EXPECT_EQ(Attester::from_files(files).error().message,
            "simulated attester: file snp-chip-key.pem is not the key of its certificate");
  files = test_attester().to_files();
  files.erase("snp-ark.pem");
  files.emplace("snp-ark.pem", files.at("snp-leaf.pem").clone());
  EXPECT_EQ(Attester::from_files(files).error().message,
            "simulated attester: file snp-ark.pem is CN=SEV-VCEK, not an ARK");
}

TEST(SimulatedAttester, GenoaAndTurinAreInTheirTrueFormats) {
  for (const auto product : {snp::Product::genoa, snp::Product::turin}) {
    const auto attester = made(product, snp::EndorsementKey::vcek);
    auto request = AttestRequest{};
    request.tcb = snp::TcbComponents{0, 4, 1, 24, 219};
    if (product == snp::Product::turin) request.tcb->fmc = 3;
    const auto claims = verify(attester.attest(request).value(), test_time(), anchors_of(attester));
    ASSERT_TRUE(claims.has_value()) << claims.error().message;
    EXPECT_EQ(text(*claims, "snp_product"), name_of(product));
    EXPECT_EQ(text(*claims, "snp_fmc_svn"), product == snp::Product::turin ? "3" : "absent");
    EXPECT_EQ(text(*claims, "x-ms-sevsnpvm-snpfw-svn"), "24");
  }
}

TEST(SimulatedAttester, TurinsChipIdHasNothingAfterItsEightBytes) {
  const auto attester = made(snp::Product::turin, snp::EndorsementKey::vcek);
  auto evidence = attester.attest({}).value();
  auto report = attester.report({});
  report.chip_id[8] = 1;
  evidence.report = sign_report(encode_report(report), attester.chip_key()).value();
  EXPECT_EQ(outcome(verify(evidence, test_time(), anchors_of(attester))),
            "SNP report: chip_id has bytes set after the HWID");
}

TEST(SimulatedAttester, AVlekNamesACloudAndNoChip) {
  const auto attester = made(snp::Product::milan, snp::EndorsementKey::vlek);
  auto evidence = attester.attest({}).value();
  const auto claims = verify(evidence, test_time(), anchors_of(attester));
  ASSERT_TRUE(claims.has_value()) << claims.error().message;
  EXPECT_EQ(text(*claims, "snp_endorsement_key"), "VLEK");
  EXPECT_EQ(text(*claims, "snp_csp_id"), "CN=simulated.invalid");
  EXPECT_EQ(claims->find("snp_chip_id"), nullptr);

  auto report = attester.report({});
  report.chip_id[0] = 1;
  evidence.report = sign_report(encode_report(report), attester.chip_key()).value();
  EXPECT_EQ(outcome(verify(evidence, test_time(), anchors_of(attester))),
            "SNP report: chip_id is not zero, as it is with a VLEK");

  auto options = attester.leaf_options(default_tcb());
  options.extensions[std::string("1.3.6.1.4.1.3704.1.5")] = {};
  const auto leaf = make_leaf(options, attester.chip_key().public_key(), attester.ask()).value();
  evidence = attester.attest({}).value();
  evidence.endorsements = attester.endorsements(leaf);
  EXPECT_EQ(outcome(verify(evidence, test_time(), anchors_of(attester))),
            "SNP endorsements: certificate has no extension 1.3.6.1.4.1.3704.1.5 (CSP id)");
  EXPECT_TRUE(Attester::from_files(attester.to_files()).has_value());
}

TEST(SimulatedAttester, ReportsReadBackAsWritten) {
  for (const std::uint32_t version : {2U, 3U, 4U, 5U}) {
    AttestRequest request;
    request.version = version;
    const auto bytes = test_attester().attest(request).value().report;
    const auto report = snp::parse_report(bytes);
    ASSERT_TRUE(report.has_value()) << report.error().message;
    EXPECT_EQ(encode_report(*report), bytes);
  }
}

TEST(SimulatedAttester, SpeaksThroughTheRequestsObject) {
  const auto evidence = test_attester().attest({}).value();
  const auto again = snp_evidence_from_json(to_json(evidence)).value();
  EXPECT_EQ(again.report, evidence.report);
  EXPECT_EQ(again.endorsements, evidence.endorsements);
  EXPECT_EQ(again.uvm_endorsements, evidence.uvm_endorsements);
  EXPECT_EQ(again.endorsed_tcb, evidence.endorsed_tcb);
  EXPECT_EQ(outcome(verify(again)), "accepted");
}

}  // namespace
}  // namespace vitrine::attestation::simulated
