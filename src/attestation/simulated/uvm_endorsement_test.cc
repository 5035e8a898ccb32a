// UVM endorsements of every wrong make, each refused at the step that is wrong.
#include "attestation/uvm/endorsement.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "attestation/simulated/fixture_for_testing.h"
#include "base/hex.h"
#include "crypto/cose.h"

namespace vitrine::attestation::uvm {
namespace {

using codec::cbor::Value;
using simulated::test_attester;

std::vector<UvmSigner> signers() { return {test_attester().uvm_signer()}; }
std::string good_payload() { return simulated::uvm_payload(simulated::default_measurement()); }

std::string outcome(ByteView cose, const std::vector<UvmSigner>& trusted = signers()) {
  const auto endorsement = verify_endorsement(cose, trusted);
  return endorsement ? "accepted" : endorsement.error().message;
}

Bytes signed_with(const Value& header, const std::string& payload, const crypto::PrivateKey& key) {
  return crypto::sign_cose_sign1(header, Value::map({}), as_bytes(payload), key).value();
}

std::string payload_outcome(const std::string& payload) {
  const auto& uvm = test_attester().uvm();
  return outcome(signed_with(simulated::uvm_protected_header(uvm), payload, uvm.leaf_key));
}

// The usual header with one entry replaced, or left out where `value` is empty.
Value header_with(const Value& label, std::optional<Value> value) {
  const auto usual = simulated::uvm_protected_header(test_attester().uvm());
  const auto label_bytes = codec::cbor::encode(label);
  std::vector<Value::Entry> entries;
  for (const auto& [key, old] : usual.entries()) {
    if (codec::cbor::encode(key) != label_bytes) entries.emplace_back(key, old);
  }
  if (value) entries.emplace_back(label, *value);
  return Value::map(std::move(entries));
}

std::string header_outcome(const Value& label, std::optional<Value> value) {
  return outcome(signed_with(header_with(label, std::move(value)), good_payload(),
                             test_attester().uvm().leaf_key));
}

TEST(UvmEndorsement, GivesTheMeasurementItsSignerVouchesFor) {
  const auto cose =
      simulated::endorse_uvm(test_attester().uvm(), simulated::default_measurement()).value();
  const auto endorsement = verify_endorsement(cose, signers());
  ASSERT_TRUE(endorsement.has_value()) << endorsement.error().message;
  EXPECT_EQ(endorsement->measurement, simulated::default_measurement());
  EXPECT_EQ(endorsement->did, test_attester().uvm().did());
  EXPECT_EQ(endorsement->feed, "Simulated-UVM");
  EXPECT_EQ(endorsement->svn, 100U);
  EXPECT_TRUE(endorsement->simulated);
}

TEST(UvmEndorsement, TheDidAsAWholeAndTheFeedAreOnTheList) {
  const auto cose =
      simulated::endorse_uvm(test_attester().uvm(), simulated::default_measurement()).value();
  const auto untrusted = fmt::format("UVM endorsement: issuer {} with feed {} is not trusted",
                                     test_attester().uvm().did(), simulated::kUvmFeed);
  EXPECT_EQ(outcome(cose, {}), untrusted);
  EXPECT_EQ(outcome(cose, default_trust_anchors().uvm_signers), untrusted);
  auto trusted = signers();
  trusted[0].did += "1";
  EXPECT_EQ(outcome(cose, trusted), untrusted);
  trusted = signers();
  trusted[0].feed = "ContainerPlat-AMD-UVM";
  EXPECT_EQ(outcome(cose, trusted), untrusted);
}

TEST(UvmEndorsement, TheRootIsPinned) {
  auto trusted = signers();
  trusted[0].root_spki_sha256 = default_trust_anchors().uvm_signers[0].root_spki_sha256;
  const auto cose =
      simulated::endorse_uvm(test_attester().uvm(), simulated::default_measurement()).value();
  EXPECT_EQ(outcome(cose, trusted),
            "UVM endorsement: root CN=Simulated UVM Root CA is not the one pinned for this issuer");
}

TEST(UvmEndorsement, TheSvnFloorIsANumberAndTheStrictestEntryCounts) {
  const auto cose =
      simulated::endorse_uvm(test_attester().uvm(), simulated::default_measurement()).value();
  auto trusted = signers();
  trusted[0].svn_min = 22;  // as text it would be above "100"
  EXPECT_EQ(outcome(cose, trusted), "accepted");
  trusted.push_back(trusted[0]);
  trusted[1].svn_min = 101;
  const auto* const below =
      "UVM endorsement: svn 100 of feed Simulated-UVM is below the lowest accepted, 101";
  EXPECT_EQ(outcome(cose, trusted), below);
  std::swap(trusted[0], trusted[1]);
  EXPECT_EQ(outcome(cose, trusted), below);
}

TEST(UvmEndorsement, TheLeafCarriesTheEkuItsDidNames) {
  const auto& uvm = test_attester().uvm();
  const auto did = uvm.did().substr(0, uvm.did().size() - 1) + "5";
  auto trusted = signers();
  trusted[0].did = did;
  const auto cose =
      signed_with(header_with(Value::text("iss"), Value::text(did)), good_payload(), uvm.leaf_key);
  EXPECT_EQ(outcome(cose, trusted),
            "UVM endorsement: did:x509: the leaf lacks extended key usage "
            "1.3.6.1.4.1.311.76.59.1.5");
}

TEST(UvmEndorsement, ADidOfAnUnknownPolicyRefusesEvenWhenListed) {
  const auto& uvm = test_attester().uvm();
  const auto did = uvm.did().substr(0, uvm.did().find("::")) + "::san:dns:a.invalid";
  auto trusted = signers();
  trusted[0].did = did;
  const auto cose =
      signed_with(header_with(Value::text("iss"), Value::text(did)), good_payload(), uvm.leaf_key);
  EXPECT_EQ(outcome(cose, trusted),
            "UVM endorsement: did:x509: a policy is neither eku nor the only subject");
}

TEST(UvmEndorsement, IsSignedByTheLeafOverItsHeaderAndPayload) {
  const auto& uvm = test_attester().uvm();
  const auto header = simulated::uvm_protected_header(uvm);
  const auto stranger =
      crypto::PrivateKey::generate(crypto::KeyKind::rsa, simulated::kTestRsaBits).value();
  const auto forged = signed_with(header, good_payload(), stranger);
  EXPECT_EQ(outcome(forged).rfind("UVM endorsement: ", 0), 0U);
  EXPECT_NE(outcome(forged).find("signature"), std::string::npos) << outcome(forged);

  auto cose = signed_with(header, good_payload(), uvm.leaf_key);
  const auto payload = good_payload();
  const auto at = std::search(cose.begin(), cose.end(), payload.begin(), payload.end());
  ASSERT_NE(at, cose.end());
  *(at + static_cast<std::ptrdiff_t>(payload.find("100"))) = '9';
  EXPECT_NE(outcome(cose).find("signature"), std::string::npos) << outcome(cose);
}

TEST(UvmEndorsement, TheChainsLinksHold) {
  const auto& uvm = test_attester().uvm();
  const auto other =
      simulated::make_uvm_identity({uvm.chain[0].not_before(), uvm.chain[0].not_after()}).value();
  const auto certificate = [](const crypto::Certificate& c) { return Value::bytes(c.der()); };
  // The forger's leaf and CA, the genuine root appended; no thumbprint to trip over.
  auto header = header_with(Value::integer(33),
                            Value::array({certificate(other.chain[0]), certificate(other.chain[1]),
                                          certificate(uvm.chain[2])}));
  std::vector<Value::Entry> entries;
  for (const auto& entry : header.entries()) {
    const auto label = entry.first.to_integer();
    if (!label || *label != 34) entries.push_back(entry);
  }
  const auto cose = signed_with(Value::map(entries), good_payload(), other.leaf_key);
  EXPECT_NE(outcome(cose).find("CN=Simulated UVM CA"), std::string::npos) << outcome(cose);
}

TEST(UvmEndorsement, TheThumbprintIsOptionalAndTheLeafs) {
  const auto hash = [](std::int64_t algorithm, const crypto::Certificate& certificate) {
    return Value::array({Value::integer(algorithm), Value::bytes(certificate.der_sha256())});
  };
  const auto& chain = test_attester().uvm().chain;
  const auto x5t = Value::integer(34);
  EXPECT_EQ(header_outcome(x5t, std::nullopt), "accepted");
  EXPECT_EQ(header_outcome(x5t, hash(-16, chain[1])),
            "UVM endorsement: x5t is not the hash of the leaf certificate");
  EXPECT_EQ(header_outcome(x5t, hash(-43, chain[0])), "UVM endorsement: x5t is not a SHA-256");
  EXPECT_EQ(header_outcome(x5t, Value::bytes(chain[0].der_sha256())),
            "UVM endorsement: x5t is not an array of algorithm and hash");
}

TEST(UvmEndorsement, TheHeaderIsWhatTheFormatSays) {
  EXPECT_EQ(header_outcome(Value::integer(3), Value::text("application/cbor")),
            "UVM endorsement: content type is not application/json");
  EXPECT_EQ(header_outcome(Value::integer(3), std::nullopt),
            "UVM endorsement: content type is not application/json");
  EXPECT_EQ(header_outcome(Value::text("iss"), std::nullopt),
            "UVM endorsement: protected header iss is missing or not text");
  EXPECT_EQ(header_outcome(Value::text("feed"), Value::integer(1)),
            "UVM endorsement: protected header feed is missing or not text");
  EXPECT_EQ(header_outcome(Value::integer(2), Value::array({Value::text("iss")})),
            "UVM endorsement: protected header lists critical headers");
  EXPECT_EQ(header_outcome(Value::integer(33), Value::array({})),
            "UVM endorsement: x5chain is not an array of 2 to 8 certificates");
  EXPECT_EQ(header_outcome(Value::integer(33),
                           Value::array(std::vector<Value>(9, Value::bytes(Bytes{1})))),
            "UVM endorsement: x5chain is not an array of 2 to 8 certificates");
  EXPECT_EQ(header_outcome(Value::integer(33), Value::array({Value::text("a"), Value::text("b")})),
            "UVM endorsement: x5chain holds something that is not a certificate");
}

TEST(UvmEndorsement, OtherPssSizesPassAndOtherAlgorithmsDoNot) {
  for (const std::int64_t algorithm : {-37, -38, -39}) {
    EXPECT_EQ(header_outcome(Value::integer(1), Value::integer(algorithm)), "accepted");
  }
  const auto p384 = crypto::PrivateKey::generate(crypto::KeyKind::ec_p384).value();
  const auto cose =
      signed_with(header_with(Value::integer(1), Value::integer(-35)), good_payload(), p384);
  EXPECT_EQ(outcome(cose), "UVM endorsement: alg -35 is not PS256, PS384 or PS512");
}

TEST(UvmEndorsement, TheSvnIsAWholeNumberAsTextOrNumber) {
  const auto hex = to_hex(simulated::default_measurement());
  const auto payload = [&](const std::string& members) {
    return payload_outcome(
        fmt::format(R"({{"x-ms-sevsnpvm-launchmeasurement":"{}"{}}})", hex, members));
  };
  const std::string svn = R"(,"x-ms-sevsnpvm-guestsvn":)";
  const std::string twin = R"(,"x-ms-sevsnpvm-guestsvn-int":)";
  EXPECT_EQ(payload(svn + "\"100\""), "accepted");
  EXPECT_EQ(payload(svn + "100"), "accepted");
  EXPECT_EQ(payload(svn + "\"100\"" + twin + "100"), "accepted");
  EXPECT_EQ(payload(svn + "101" + twin + "\"101\""), "accepted");
  EXPECT_EQ(payload(svn + "\"100\"" + twin + "101"),
            "UVM endorsement: payload x-ms-sevsnpvm-guestsvn-int 101 differs from "
            "x-ms-sevsnpvm-guestsvn 100");
  EXPECT_EQ(payload(svn + "\"100\"" + twin + "null"),
            "UVM endorsement: payload x-ms-sevsnpvm-guestsvn-int is missing or not a whole number");
  for (const char* bad : {"\"\"", "\"0100\"", "\" 100\"", "\"1e2\"", "\"-100\"", "-100", "100.0",
                          "1e2", "true", "null", "\"18446744073709551616\""}) {
    EXPECT_EQ(payload(svn + bad),
              "UVM endorsement: payload x-ms-sevsnpvm-guestsvn is missing or not a whole number")
        << bad;
  }
  EXPECT_EQ(payload(""),
            "UVM endorsement: payload x-ms-sevsnpvm-guestsvn is missing or not a whole number");
}

TEST(UvmEndorsement, TheMeasurementIsNinetySixHexDigits) {
  const auto payload = [](const std::string& measurement) {
    return payload_outcome(fmt::format(
        R"({{"x-ms-sevsnpvm-launchmeasurement":{},"x-ms-sevsnpvm-guestsvn":100}})", measurement));
  };
  EXPECT_EQ(payload('"' + std::string(96, 'A') + '"'), "accepted");
  for (const auto& bad :
       {'"' + std::string(94, 'a') + '"', '"' + std::string(98, 'a') + '"',
        '"' + std::string(96, 'g') + '"', std::string("1"), std::string("\"\"")}) {
    EXPECT_EQ(payload(bad),
              "UVM endorsement: payload x-ms-sevsnpvm-launchmeasurement is missing or not 96 hex "
              "digits");
  }
  EXPECT_EQ(payload_outcome("[]").rfind("UVM endorsement: ", 0), 0U);
  EXPECT_NE(payload_outcome("{\"a\":1,\"a\":2}"), "accepted");
}

TEST(UvmEndorsement, EveryTruncationAndAddedByteIsRefused) {
  auto cose =
      simulated::endorse_uvm(test_attester().uvm(), simulated::default_measurement()).value();
  for (std::size_t size = 0; size < cose.size(); ++size) {
    EXPECT_NE(outcome(ByteView(cose).first(size)), "accepted") << size;
  }
  cose.push_back(0);
  EXPECT_NE(outcome(cose), "accepted");
}

// A leaf lives a year and its endorsements longer: dates are no reason to refuse here.
TEST(UvmEndorsement, DatesOfTheChainAreNoMatter) {
  const simulated::Validity past{from_unix_seconds(1'500'000'000),
                                 from_unix_seconds(1'600'000'000)};
  const auto old = simulated::make_uvm_identity(past).value();
  const auto cose = simulated::endorse_uvm(old, simulated::default_measurement()).value();
  auto trusted = signers();
  trusted[0].did = old.did();
  trusted[0].root_spki_sha256 = old.chain.back().public_key().spki_sha256();
  EXPECT_EQ(outcome(cose, trusted), "accepted");
}

}  // namespace
}  // namespace vitrine::attestation::uvm
