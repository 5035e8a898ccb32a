#include "cli/evidence_files.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "attestation/simulated/attester.h"
#include "cli/input.h"
#include "codec/pem.h"
#include "crypto/x509.h"

namespace vitrine::cli {
namespace {

namespace simulated = attestation::simulated;

// One attester for all tests: making its keys takes a while.
const attestation::SnpEvidence& evidence() {
  static const attestation::SnpEvidence made = [] {
    simulated::AttesterOptions options;
    options.rsa_bits = 2048;
    const auto attester = simulated::Attester::make(from_unix_seconds(1'790'000'000), options);
    return *attester->attest({});
  }();
  return made;
}

class EvidenceFiles : public ::testing::Test {
 protected:
  EvidenceFiles() {
    std::string name = ::testing::TempDir() + "evidenceXXXXXX";
    folder_ = ::mkdtemp(name.data());
    write("report.bin", evidence().report);
    write("endorsements.pem", as_bytes(evidence().endorsements));
    write("uvm_endorsements.cose", evidence().uvm_endorsements);
  }
  std::string path(const std::string& name) const { return folder_ + "/" + name; }
  void write(const std::string& name, ByteView bytes) const {
    EXPECT_TRUE(write_public(path(name), bytes));
  }
  Result<EvidenceParts> read(const std::vector<std::string>& names) const {
    EvidenceOptions options;
    for (const auto& name : names) options.files.push_back(path(name));
    return read_evidence(options);
  }

  std::string folder_;
};

TEST_F(EvidenceFiles, AreReadAsOneObject) {
  write("e.json", as_bytes(codec::json::write(attestation::to_json(evidence()))));
  const auto parts = read({"e.json"});
  ASSERT_TRUE(parts) << parts.error().message;
  EXPECT_EQ(parts->report, evidence().report);
  EXPECT_EQ(parts->endorsements, evidence().endorsements);
  EXPECT_EQ(parts->uvm_endorsements, evidence().uvm_endorsements);
  EXPECT_EQ(parts->endorsed_tcb, evidence().endorsed_tcb);
  EXPECT_FALSE(parts->endorsed_tcb_assumed);
}

TEST_F(EvidenceFiles, AreReadOutOfARequest) {
  const codec::json::Object request{{"attestation", attestation::to_json(evidence())}};
  write("request.json", as_bytes(codec::json::write(request)));
  EXPECT_EQ(read({"request.json"})->report, evidence().report);
}

TEST_F(EvidenceFiles, AreRecognisedInAnyOrder) {
  const auto parts = read({"uvm_endorsements.cose", "endorsements.pem", "report.bin"});
  ASSERT_TRUE(parts) << parts.error().message;
  EXPECT_EQ(parts->report, evidence().report);
  EXPECT_EQ(parts->uvm_endorsements, evidence().uvm_endorsements);
  EXPECT_TRUE(parts->endorsed_tcb_assumed);
  EXPECT_EQ(parts->endorsed_tcb, "04000000000018db");
}

TEST_F(EvidenceFiles, AreFoundInAFolder) {
  EvidenceOptions options;
  options.files = {folder_};
  const auto parts = read_evidence(options);
  ASSERT_TRUE(parts) << parts.error().message;
  EXPECT_EQ(parts->report, evidence().report);
  EXPECT_EQ(parts->endorsements, evidence().endorsements);
}

// Certificates given one by one come out leaf first, whatever their order and form.
TEST_F(EvidenceFiles, PutsSingleCertificatesInOrder) {
  const auto chain = crypto::Certificate::list_from_pem(evidence().endorsements, 3);
  ASSERT_TRUE(chain);
  write("vcek.der", (*chain)[0].der());
  write("ask.pem", as_bytes((*chain)[1].pem()));
  write("ark.pem", as_bytes((*chain)[2].pem()));
  const auto parts = read({"ark.pem", "report.bin", "vcek.der", "ask.pem"});
  ASSERT_TRUE(parts) << parts.error().message;
  EXPECT_EQ(parts->endorsements, evidence().endorsements);
}

TEST_F(EvidenceFiles, RefusesWhatIsNoEvidence) {
  write("text.txt", as_bytes("hello"));
  const auto text = read({"text.txt"});
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().message, path("text.txt") + ": 5 bytes that are no part of evidence");
  EXPECT_EQ(read({"report.bin", "report.bin"}).error().message,
            path("report.bin") + ": a second SNP report");
  EXPECT_EQ(read({}).error().message,
            "evidence: no report, no endorsements and no UVM endorsement was given");
  EXPECT_EQ(read({"none"}).error().code, Code::not_found);
}

TEST_F(EvidenceFiles, NeedsReportAndEndorsementsForARelease) {
  EvidenceOptions options;
  options.files = {path("report.bin")};
  EXPECT_EQ(read_snp_evidence(options).error().message,
            "evidence: there are no endorsements (VCEK or VLEK, ASK, ARK)");
  options.files = {path("endorsements.pem")};
  EXPECT_EQ(read_snp_evidence(options).error().message, "evidence: there is no SNP report");
}

}  // namespace
}  // namespace vitrine::cli
