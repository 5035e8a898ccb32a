// Genuine evidence of Azure confidential containers, each with the verdict its folder states.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "attestation/snp/chain.h"
#include "attestation/snp/report.h"
#include "attestation/uvm/did_x509.h"
#include "attestation/uvm/endorsement.h"
#include "attestation/vectors_for_testing.h"
#include "attestation/verify.h"
#include "base/hex.h"
#include "crypto/cose.h"

namespace vitrine::attestation {
namespace {

using vectors::Vector;

Vector named(std::string_view id) {
  for (auto& vector : vectors::of_type("aci")) {
    if (vector.id == id) return vector;
  }
  ADD_FAILURE() << "no vector " << id;
  return {};
}

SnpEvidence evidence_of(const Vector& vector) {
  SnpEvidence evidence;
  evidence.report = vector.input("report.bin");
  const auto* endorsements = vector.has("thim.json") ? "thim.json" : "endorsements.pem";
  evidence.endorsements = std::string(as_text(vector.input(endorsements)));
  evidence.uvm_endorsements = vector.input("uvm_endorsements.cose");
  evidence.endorsed_tcb =
      std::string(codec::json::text_of(vector.key_fields, "reported_tcb").value());
  return evidence;
}

Result<Claims> verify(const Vector& vector, const SnpEvidence& evidence) {
  VerificationCache cache;
  return verify_snp(evidence, default_trust_anchors(), vector.verify_at, cache);
}

TEST(AciVectors, EachGetsTheVerdictItStates) {
  std::size_t whole = 0;
  for (const auto& vector : vectors::of_type("aci")) {
    if (!vector.has("report.bin")) continue;
    ++whole;
    const auto claims = verify(vector, evidence_of(vector));
    ASSERT_EQ(claims.has_value(), vector.valid)
        << vector.id << ": " << (claims ? "accepted" : claims.error().message);
    if (claims) {
      EXPECT_EQ(claims->profile(), "snp-aci");
    }
  }
  EXPECT_EQ(whole, 6U);
}

TEST(AciVectors, AnOldUtilityVmIsRefusedForItsSvnAsANumber) {
  const auto vector = named("aci/milan-v2-sidecar-thim");
  const auto claims = verify(vector, evidence_of(vector));
  ASSERT_FALSE(claims.has_value());
  EXPECT_EQ(claims.error().code, Code::denied);
  EXPECT_EQ(claims.error().message,
            "UVM endorsement: svn 22 of feed ContainerPlat-AMD-UVM is below the lowest accepted, "
            "100");
}

TEST(AciVectors, AnEndorsementUnderAnotherDidIsRefused) {
  const auto vector = named("aci/maa-request-uvm-svn0");
  const auto claims = verify(vector, evidence_of(vector));
  ASSERT_FALSE(claims.has_value());
  EXPECT_EQ(claims.error().message,
            "UVM endorsement: issuer did:x509:0:sha256:"
            "mxiU8iPZNMvWV1rzxuH2CWuSIafaEyGF9aXNySI1tdw::subject:CN:ContainerPlat with feed "
            "ContainerPlat-AMD-UVM is not trusted");
}

// Listed, it verifies: its did pins the intermediate and reads the leaf's subject.
TEST(AciVectors, ADidWithASubjectPolicyResolvesOnceListed) {
  const auto vector = named("aci/maa-request-uvm-svn0");
  auto signer = default_trust_anchors().uvm_signers[0];
  signer.did =
      "did:x509:0:sha256:mxiU8iPZNMvWV1rzxuH2CWuSIafaEyGF9aXNySI1tdw::subject:CN:ContainerPlat";
  signer.svn_min = 0;
  const auto cose = vector.input("uvm_endorsements.cose");
  const auto endorsement = uvm::verify_endorsement(cose, {signer});
  ASSERT_TRUE(endorsement.has_value()) << endorsement.error().message;
  EXPECT_EQ(endorsement->svn, 0U);
  EXPECT_EQ(to_hex(endorsement->measurement),
            codec::json::text_of(vector.key_fields, "measurement").value());
  signer.root_spki_sha256.bytes[0] ^= 1;
  EXPECT_FALSE(uvm::verify_endorsement(cose, {signer}).has_value());
}

TEST(AciVectors, AnSvnWrittenAsANumberIsRead) {
  const auto vector = named("aci/uvm-int-svn");
  auto signers = default_trust_anchors().uvm_signers;
  const auto cose = vector.input("uvm_endorsements.cose");
  const auto endorsement = uvm::verify_endorsement(cose, signers);
  ASSERT_TRUE(endorsement.has_value()) << endorsement.error().message;
  EXPECT_EQ(endorsement->svn, 102U);
  EXPECT_EQ(endorsement->feed, "ContainerPlat-AMD-UVM");
  signers[0].svn_min = 103;
  const auto refused = uvm::verify_endorsement(cose, signers);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().message,
            "UVM endorsement: svn 102 of feed ContainerPlat-AMD-UVM is below the lowest accepted, "
            "103");
}

TEST(AciVectors, AnEndorsementWithAnyByteChangedIsRefused) {
  const auto cose = named("aci/uvm-int-svn").input("uvm_endorsements.cose");
  const auto signers = default_trust_anchors().uvm_signers;
  const auto message = crypto::parse_cose_sign1(cose, crypto::CoseTag::required).value();
  // Everything but the unprotected timestamp, which nobody signed and nothing uses.
  const auto end_of_protected = 1 + 1 + 3 + message.protected_bytes.size();
  for (std::size_t i = 0; i < end_of_protected; i += 7) {
    auto changed = cose;
    changed[i] ^= 0x04;
    EXPECT_FALSE(uvm::verify_endorsement(changed, signers).has_value()) << i;
  }
  for (std::size_t i = 1; i <= message.signature.size() + message.payload.size(); i += 3) {
    auto changed = cose;
    changed[cose.size() - i] ^= 0x04;
    EXPECT_FALSE(uvm::verify_endorsement(changed, signers).has_value()) << cose.size() - i;
  }
}

TEST(AciVectors, ThimJsonIsReadWhateverTheOrderOfItsMembers) {
  const auto alone = named("aci/thim-json-only");
  const std::string text(as_text(alone.input("thim.json")));
  const auto roots = default_trust_anchors().snp_roots;
  const auto chain = snp::verify_endorsements(text, roots, alone.verify_at);
  ASSERT_TRUE(chain.has_value()) << chain.error().message;
  EXPECT_EQ(chain->product, snp::Product::milan);
  ASSERT_TRUE(chain->tcbm.has_value());
  EXPECT_EQ(snp::tcb_to_text(*chain->tcbm, snp::TcbOrder::report), "0300000000000873");
}

TEST(AciVectors, ThimsTcbmCountsToo) {
  const auto vector = named("aci/milan-v2-sidecar-thim");
  auto evidence = evidence_of(vector);
  const auto at = evidence.endorsements.find("7308000000000003");
  ASSERT_NE(at, std::string::npos);
  evidence.endorsements[at] = '6';
  const auto claims = verify(vector, evidence);
  ASSERT_FALSE(claims.has_value());
  EXPECT_EQ(claims.error().message,
            "SNP endorsements: THIM member tcbm 6308000000000003 is not reported_tcb "
            "7308000000000003");
}

TEST(AciVectors, AnEndorsementOfAnotherMeasurementIsRefused) {
  const auto vector = named("aci/milan-v3-ccf");
  auto evidence = evidence_of(vector);
  evidence.uvm_endorsements = named("aci/uvm-int-svn").input("uvm_endorsements.cose");
  const auto claims = verify(vector, evidence);
  ASSERT_FALSE(claims.has_value());
  EXPECT_EQ(claims.error().message.rfind("UVM endorsement: launch measurement d0c9e2be", 0), 0U)
      << claims.error().message;
}

TEST(AciVectors, BothHalvesOfTheProfileAreDemanded) {
  const auto vector = named("aci/milan-v3-ccf");
  auto evidence = evidence_of(vector);
  evidence.endorsed_tcb.clear();
  auto claims = verify(vector, evidence);
  ASSERT_FALSE(claims.has_value());
  EXPECT_EQ(claims.error().code, Code::malformed);
  EXPECT_EQ(claims.error().message,
            "SNP evidence: endorsed_tcb is empty and uvm_endorsements is not");
  evidence.uvm_endorsements.clear();
  claims = verify(vector, evidence);
  ASSERT_TRUE(claims.has_value());
  EXPECT_EQ(claims->profile(), "snp");
  EXPECT_EQ(claims->find("uvm_endorsements-svn"), nullptr);
}

// The samples of the KMS whose clients we serve, with the claims its policies judge.
struct Sample {
  std::string attestation;
  std::string claims;
};

class KmsSamples : public testing::TestWithParam<Sample> {
 protected:
  Time at = from_rfc3339("2026-11-24T00:00:00Z").value();
  SnpEvidence evidence() const {
    return snp_evidence_from_json(vectors::read_json("kms/attestation/" + GetParam().attestation))
        .value();
  }
};

TEST_P(KmsSamples, GiveExactlyTheExpectedClaims) {
  VerificationCache cache;
  const auto claims = verify_snp(evidence(), default_trust_anchors(), at, cache);
  ASSERT_TRUE(claims.has_value()) << claims.error().message;
  const auto file = vectors::read_json("kms/derived/" + GetParam().claims);
  const auto& expected = *codec::json::object_of(file, "claims");
  ASSERT_GT(expected.size(), 15U);
  for (const auto& member : expected) {
    const std::string name(member.key());
    const auto* claim = claims->find(name);
    ASSERT_NE(claim, nullptr) << name;
    if (member.value().is_bool()) {
      EXPECT_EQ(*claim, ClaimValue(member.value().get_bool())) << name;
    } else if (member.value().is_int64()) {
      EXPECT_EQ(*claim, ClaimValue(std::int64_t{member.value().get_int64()})) << name;
    } else {
      EXPECT_EQ(*claim,
                ClaimValue(std::string(codec::json::text_view(member.value().get_string()))))
          << name;
    }
  }
  EXPECT_EQ(to_hex(claims->report_data()), to_text(*claims->find("x-ms-sevsnpvm-reportdata")));
}

TEST_P(KmsSamples, ProduceNoClaimUnderASecondName) {
  VerificationCache cache;
  const auto claims = verify_snp(evidence(), default_trust_anchors(), at, cache);
  ASSERT_TRUE(claims.has_value());
  EXPECT_EQ(claims->find("report_data"), nullptr);
  EXPECT_EQ(claims->find("snp_report_version"), nullptr);
  EXPECT_EQ(to_text(*claims->find("attester_type")), "SEVSNP");
  EXPECT_EQ(to_text(*claims->find("verifier_type")), "hardware");
  EXPECT_EQ(to_text(*claims->find("dbgstat")), "disabled");
  EXPECT_EQ(to_text(*claims->find("trust_anchor")), "ARK-Milan");
  EXPECT_EQ(claims->find("iss"), nullptr);
}

TEST_P(KmsSamples, AreAcceptedWithEitherOrderAndCaseOfEndorsedTcbAndNoOtherValue) {
  VerificationCache cache;
  auto sample = evidence();
  const auto anchors = default_trust_anchors();
  const auto version =
      snp::parse_report(sample.report, snp::kReportVersionMin).value().reported_tcb;
  for (const auto order : {snp::TcbOrder::report, snp::TcbOrder::big_endian}) {
    sample.endorsed_tcb = snp::tcb_to_text(version, order);
    EXPECT_TRUE(verify_snp(sample, anchors, at, cache).has_value()) << sample.endorsed_tcb;
    for (char& c : sample.endorsed_tcb) {
      if (c >= 'a' && c <= 'f') c = static_cast<char>(c - 'a' + 'A');
    }
    EXPECT_TRUE(verify_snp(sample, anchors, at, cache).has_value()) << sample.endorsed_tcb;
    sample.endorsed_tcb[3] = '1';
    const auto refused = verify_snp(sample, anchors, at, cache);
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().message,
              fmt::format("SNP evidence: endorsed_tcb {} is not reported_tcb {}",
                          sample.endorsed_tcb, to_hex(version)));
  }
  sample.endorsed_tcb = "junk";
  const auto refused = verify_snp(sample, anchors, at, cache);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().message, "SNP evidence: endorsed_tcb: not 16 hex digits");
}

INSTANTIATE_TEST_SUITE_P(
    Recorded, KmsSamples,
    testing::Values(Sample{"snp-v3-ispirt.json", "expected-claims-snp-v3-ispirt.json"},
                    Sample{"snp-v2-ms.json", "expected-claims-snp-v2-ms.json"}));

}  // namespace
}  // namespace vitrine::attestation
