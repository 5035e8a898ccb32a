// Genuine SNP reports of several makers and clouds, each with the verdict its folder states.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "attestation/snp/chain.h"
#include "attestation/snp/describe.h"
#include "attestation/snp/report.h"
#include "attestation/vectors_for_testing.h"
#include "attestation/verify.h"
#include "base/hex.h"

namespace vitrine::attestation {
namespace {

using vectors::Vector;

std::string leaf_role(const Vector& vector) {
  return vector.has("vcek.der") ? "vcek.der" : "vlek.der";
}

SnpEvidence evidence_of(const Vector& vector, std::string_view leaf) {
  SnpEvidence evidence;
  evidence.report = vector.input("report.bin");
  const auto pem = snp::endorsements_from_certificates(
      {vector.input(leaf), vector.input("ask.pem"), vector.input("ark.pem")});
  EXPECT_TRUE(pem.has_value()) << vector.id;
  evidence.endorsements = pem.value_or("");
  return evidence;
}

Result<Claims> verify_with(const Vector& vector, std::string_view leaf) {
  VerificationCache cache;
  return verify_snp(evidence_of(vector, leaf), default_trust_anchors(), vector.verify_at, cache);
}

Vector named(std::string_view id) {
  for (auto& vector : vectors::of_type("snp")) {
    if (vector.id == id) return vector;
  }
  ADD_FAILURE() << "no vector " << id;
  return {};
}

std::string text(const Claims& claims, std::string_view name) {
  const auto* value = claims.find(name);
  return value == nullptr ? "absent" : to_text(*value);
}

TEST(SnpVectors, EachGetsTheVerdictItStates) {
  const auto all = vectors::of_type("snp");
  ASSERT_EQ(all.size(), 12U);
  for (const auto& vector : all) {
    const auto claims = verify_with(vector, leaf_role(vector));
    ASSERT_EQ(claims.has_value(), vector.valid)
        << vector.id << ": " << (claims ? "accepted" : claims.error().message);
    if (claims) {
      EXPECT_EQ(claims->profile(), "snp");
      EXPECT_FALSE(claims->simulated());
      EXPECT_EQ(claims->freshness(), Freshness::none);
    }
  }
}

TEST(SnpVectors, ADebugGuestIsRefusedForItsPolicyAlone) {
  const auto claims = verify_with(named("snp/milan-v2-debug-on"), "vcek.der");
  ASSERT_FALSE(claims.has_value());
  EXPECT_EQ(claims.error().code, Code::denied);
  EXPECT_EQ(claims.error().message, "SNP report: guest policy allows debugging (bit 19)");
}

TEST(SnpVectors, ForgedLeavesAreRefusedAtTheirIssuersSignature) {
  const auto wrong = named("snp/milan-v2-trustee-wrong-vcek");
  const auto turin = named("snp/genoa-v3-product-name-ext");
  for (const auto& refused :
       {verify_with(wrong, "vcek_invalid_legacy.der"), verify_with(wrong, "vcek_invalid_new.der"),
        verify_with(turin, "vcek_bad_product_turin.der")}) {
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().message.rfind("SNP endorsements: ", 0), 0U)
        << refused.error().message;
    EXPECT_NE(refused.error().message.find("signature"), std::string::npos)
        << refused.error().message;
  }
}

TEST(SnpVectors, ACertificateReissuedForTheSameKeyVerifies) {
  const auto claims = verify_with(named("snp/milan-v5-gcp-vmpl0"), "vcek_reissued.der");
  EXPECT_TRUE(claims.has_value());
}

TEST(SnpVectors, AnotherChipsCertificateDoesNotVerify) {
  auto vector = named("snp/milan-v3-oak");
  const auto other = named("snp/milan-v3-dstack-reported-below-committed");
  vector.inputs["vcek.der"] = *codec::json::find(other.inputs, "vcek.der");
  vector.verify_at = other.verify_at;
  const auto claims = verify_with(vector, "vcek.der");
  ASSERT_FALSE(claims.has_value());
  EXPECT_EQ(claims.error().message, "SNP report: signature does not verify with the VCEK");
}

TEST(SnpVectors, AnotherProductsIssuersAreRefused) {
  auto vector = named("snp/milan-v3-oak");
  const auto genoa = named("snp/genoa-v3-veraison");
  vector.inputs["ask.pem"] = *codec::json::find(genoa.inputs, "ask.pem");
  auto claims = verify_with(vector, "vcek.der");
  ASSERT_FALSE(claims.has_value());
  EXPECT_NE(claims.error().message.find("not CN=SEV-Milan"), std::string::npos)
      << claims.error().message;
  vector.inputs["ark.pem"] = *codec::json::find(genoa.inputs, "ark.pem");
  claims = verify_with(vector, "vcek.der");
  ASSERT_FALSE(claims.has_value());
  EXPECT_EQ(claims.error().code, Code::denied);
}

TEST(SnpVectors, TheVlekIssuerDoesNotVouchForAVcek) {
  auto vector = named("snp/milan-v3-oak");
  const auto vlek = named("snp/milan-v3-vlek-vmpl1-trustee");
  vector.inputs["ask.pem"] = *codec::json::find(vlek.inputs, "ask.pem");
  const auto claims = verify_with(vector, "vcek.der");
  ASSERT_FALSE(claims.has_value());
  EXPECT_NE(claims.error().message.find("not CN=SEV-Milan"), std::string::npos)
      << claims.error().message;
}

TEST(SnpVectors, AVlekExpiresAndAMinimumVersionCounts) {
  auto vlek = named("snp/milan-v3-vlek-vmpl1-trustee");
  vlek.verify_at = from_rfc3339("2026-01-01T00:00:00Z").value();
  const auto expired = verify_with(vlek, "vlek.der");
  ASSERT_FALSE(expired.has_value());
  EXPECT_EQ(expired.error().message.rfind("SNP endorsements: ", 0), 0U);
  EXPECT_NE(expired.error().message.find("SEV-VLEK"), std::string::npos) << expired.error().message;

  const auto v2 = named("snp/milan-v2-virtee");
  auto anchors = default_trust_anchors();
  anchors.snp_report_version_min = 3;
  VerificationCache cache;
  const auto old = verify_snp(evidence_of(v2, "vcek.der"), anchors, v2.verify_at, cache);
  ASSERT_FALSE(old.has_value());
  EXPECT_EQ(old.error().message, "SNP report: version 2 is not in 3 to 5");
}

TEST(SnpVectors, ClaimsAreTheRecordedFields) {
  for (const auto& vector : vectors::of_type("snp")) {
    if (!vector.valid) continue;
    const auto claims = verify_with(vector, leaf_role(vector));
    ASSERT_TRUE(claims.has_value()) << vector.id;
    const auto& fields = vector.key_fields;
    const auto expect = [&](std::string_view claim, std::string_view field) {
      const auto* value = codec::json::find(fields, field);
      ASSERT_NE(value, nullptr) << vector.id << " " << field;
      const auto expected = value->is_string()
                                ? std::string(codec::json::text_view(value->get_string()))
                                : fmt::format("{}", value->get_int64());
      EXPECT_EQ(text(*claims, claim), expected) << vector.id << " " << claim;
    };
    expect("x-ms-ver", "version");
    expect("x-ms-sevsnpvm-guestsvn", "guest_svn");
    expect("x-ms-sevsnpvm-vmpl", "vmpl");
    expect("x-ms-sevsnpvm-launchmeasurement", "measurement");
    expect("x-ms-sevsnpvm-hostdata", "host_data");
    expect("x-ms-sevsnpvm-reportdata", "report_data");
    expect("x-ms-sevsnpvm-reportid", "report_id");
    expect("x-ms-sevsnpvm-idkeydigest", "id_key_digest");
    expect("x-ms-sevsnpvm-authorkeydigest", "author_key_digest");
    expect("x-ms-sevsnpvm-familyId", "family_id");
    expect("x-ms-sevsnpvm-imageId", "image_id");
    expect("snp_current_tcb", "current_tcb");
    expect("snp_committed_tcb", "committed_tcb");
    if (codec::json::find(fields, "launch_tcb") != nullptr) expect("snp_launch_tcb", "launch_tcb");
    if (codec::json::find(fields, "product") != nullptr) expect("snp_product", "product");
    if (codec::json::find(fields, "signing_key") != nullptr) {
      expect("snp_endorsement_key", "signing_key");
    }
    if (vector.has("vcek.der")) {
      expect("snp_chip_id", "chip_id");
      EXPECT_EQ(claims->find("snp_csp_id"), nullptr);
    } else {
      expect("snp_csp_id", "csp_id");
      EXPECT_EQ(claims->find("snp_chip_id"), nullptr);
    }
    if (const auto* tcb = codec::json::object_of(fields, "tcb")) {
      const auto component = [&](std::string_view name) {
        return fmt::format("{}", codec::json::integer_of(*tcb, name).value_or(-1));
      };
      EXPECT_EQ(text(*claims, "x-ms-sevsnpvm-bootloader-svn"), component("bl")) << vector.id;
      EXPECT_EQ(text(*claims, "x-ms-sevsnpvm-tee-svn"), component("tee")) << vector.id;
      EXPECT_EQ(text(*claims, "x-ms-sevsnpvm-snpfw-svn"), component("snp")) << vector.id;
      EXPECT_EQ(text(*claims, "x-ms-sevsnpvm-microcode-svn"), component("ucode")) << vector.id;
    }
  }
}

TEST(SnpVectors, TurinHasAFmcAndAnEightByteChipId) {
  const auto claims = verify_with(named("snp/turin-v5-oak"), "vcek.der");
  ASSERT_TRUE(claims.has_value());
  EXPECT_EQ(text(*claims, "snp_fmc_svn"), "0");
  EXPECT_EQ(text(*claims, "x-ms-sevsnpvm-bootloader-svn"), "1");
  EXPECT_EQ(text(*claims, "snp_chip_id").substr(16), std::string(112, '0'));
  EXPECT_EQ(text(*claims, "trust_anchor"), "ARK-Turin");
}

TEST(SnpVectors, AReportWithAnyByteChangedIsRefused) {
  const auto vector = named("snp/milan-v5-gcp-vmpl1-bound");
  auto evidence = evidence_of(vector, "vcek.der");
  VerificationCache cache;
  const auto anchors = default_trust_anchors();
  ASSERT_TRUE(verify_snp(evidence, anchors, vector.verify_at, cache).has_value());
  for (std::size_t i = 0; i < evidence.report.size(); ++i) {
    evidence.report[i] ^= 0x01;
    EXPECT_FALSE(verify_snp(evidence, anchors, vector.verify_at, cache).has_value()) << i;
    evidence.report[i] ^= 0x01;
  }
}

TEST(SnpVectors, ADescriptionNamesEveryFieldOnce) {
  const auto vector = named("snp/turin-v5-oak");
  const auto report = snp::parse_report(vector.input("report.bin"));
  ASSERT_TRUE(report.has_value());
  std::map<std::string, std::string> rows;
  for (const auto& [name, value] : snp::describe(*report)) {
    EXPECT_TRUE(rows.emplace(name, value).second) << name;
  }
  EXPECT_EQ(rows["version"], "5");
  EXPECT_EQ(rows["policy"], "0x30000: ABI at least 0.0, SMT allowed, debug off");
  EXPECT_EQ(rows["reported_tcb"],
            "0001000200000047: FMC 0, boot loader 1, TEE 0, SNP 2, microcode 71");
  EXPECT_EQ(rows["flags"], "0x0: signed by VCEK");
}

}  // namespace
}  // namespace vitrine::attestation
